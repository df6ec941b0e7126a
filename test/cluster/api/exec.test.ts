import { createHash, randomBytes } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { serveCluster, type ServedCluster } from '../serve-cluster.ts';

async function startPod({ cluster, request }: ServedCluster): Promise<void> {
  cluster.apply([
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'client', namespace: 'default' },
      spec: {
        containers: [
          { name: 'main', image: 'curlimages/curl', command: ['sh', '-c', 'echo one; echo two; sleep 3600'] },
        ],
      },
    },
  ]);
  await expect
    .poll(async () => (await request('GET', '/api/v1/namespaces/default/pods/client')).json.status)
    .toMatchObject({ phase: 'Running' });
  await expect
    .poll(async () => (await request('GET', '/api/v1/namespaces/default/pods/client/log')).text)
    .toBe('one\ntwo\n');
}

interface Session {
  socket: WebSocket;
  stdout: string;
  stderr: string;
  status: unknown;
  closed: boolean;
}

function exec(url: string, query: string, protocol = 'v5.channel.k8s.io'): Promise<Session> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/v1/namespaces/default/pods/client/exec?${query}`, [
    protocol,
  ]);
  onTestFinished(() => socket.terminate());
  const session: Session = { socket, stdout: '', stderr: '', status: undefined, closed: false };
  socket.on('message', (data: Buffer) => {
    const text = data.subarray(1).toString();
    if (data[0] === 1) session.stdout += text;
    if (data[0] === 2) session.stderr += text;
    if (data[0] === 3) session.status = JSON.parse(text);
  });
  socket.on('close', () => (session.closed = true));
  return new Promise((resolve, reject) => {
    socket.on('open', () => resolve(session));
    socket.on('error', reject);
  });
}

const command = (...words: string[]) => words.map((word) => `command=${encodeURIComponent(word)}`).join('&');

test('output comes on its channels, then the exit status, then the end', async () => {
  const served = await serveCluster();
  await startPod(served);

  const session = await exec(
    served.url,
    `${command('sh', '-c', 'echo out; echo err >&2; exit 56')}&stdout=true&stderr=true`,
  );

  await expect.poll(() => session.closed).toBe(true);
  expect(session).toMatchObject({ stdout: 'out\n', stderr: 'err\n' });
  expect(session.status).toEqual({
    metadata: {},
    status: 'Failure',
    message: 'command terminated with non-zero exit code: error executing command in container: exit status 56',
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: '56' }] },
  });
});

test('what is said on two channels comes in the order in which it was said', async () => {
  const served = await serveCluster();
  await startPod(served);

  const session = await exec(served.url, `${command('sh', '-c', 'echo err >&2; echo out')}&stdout=true&stderr=true`);
  const channels: unknown[] = [];
  session.socket.on('message', (data: Buffer) => channels.push(data[0]));

  await expect.poll(() => session.closed).toBe(true);
  expect(channels).toEqual([2, 1, 3]);
});

test('input goes in until its channel is closed', async () => {
  const served = await serveCluster();
  await startPod(served);

  const session = await exec(served.url, `${command('cat')}&stdin=true&stdout=true&stderr=true`);
  session.socket.send(Buffer.from('\0typed\n'));
  await expect.poll(() => session.stdout).toBe('typed\n');
  const open = session.closed;
  session.socket.send(Buffer.from([255, 0]));

  await expect.poll(() => session.closed).toBe(true);
  expect(open).toBe(false);
  expect(session.status).toEqual({ metadata: {}, status: 'Success' });
});

test('a megabyte arrives whole before the exit status', async () => {
  const served = await serveCluster();
  await startPod(served);

  const session = await exec(
    served.url,
    `${command('sh', '-c', `i=0; while [ $i -lt 1000 ]; do echo ${'x'.repeat(999)}; i=$((i+1)); done`)}&stdout=true&stderr=true`,
  );

  await expect.poll(() => session.closed).toBe(true);
  expect([session.stderr, session.stdout.length, session.status]).toEqual([
    '',
    1_000_000,
    { metadata: {}, status: 'Success' },
  ]);
});

test('a command that is not there is an internal error in the words of the runtime', async () => {
  const served = await serveCluster();
  await startPod(served);

  const session = await exec(served.url, `${command('nosuch')}&stdout=true&stderr=true`);

  await expect.poll(() => session.closed).toBe(true);
  expect(session.status).toMatchObject({
    reason: 'InternalError',
    code: 500,
    message: expect.stringMatching(/exec: "nosuch": executable file not found in \$PATH: unknown$/) as string,
  });
});

test('nonsense from a client disturbs nobody', async () => {
  const served = await serveCluster();
  await startPod(served);
  const session = await exec(served.url, `${command('cat')}&stdin=true&stdout=true`, 'v4.channel.k8s.io');

  session.socket.send(Buffer.alloc(0));
  session.socket.send(Buffer.from([4, ...Buffer.from('{"Width":')]));
  session.socket.send(Buffer.from([4, ...Buffer.from('null')]));
  session.socket.send(Buffer.from([99, 1, 2, 3]));
  session.socket.send(Buffer.from('\0still here\n'));

  await expect.poll(() => session.stdout).toBe('still here\n');
  session.socket.terminate();
  expect((await served.request('GET', '/readyz')).text).toBe('ok');
});

test('a process ends when its client vanishes', async () => {
  const served = await serveCluster();
  await startPod(served);
  const processes = async () => {
    const session = await exec(served.url, `${command('ps')}&stdout=true`);
    await expect.poll(() => session.closed).toBe(true);
    return session.stdout;
  };
  const session = await exec(served.url, `${command('sleep', '4711')}&stdin=true&stdout=true`);
  await expect.poll(processes).toContain('sleep 4711');

  session.socket.terminate();

  await expect.poll(processes).not.toContain('sleep 4711');
});

test('five megabytes of input arrive whole', async () => {
  const served = await serveCluster();
  await startPod(served);
  const blob = randomBytes(5_000_000);
  const session = await exec(served.url, `${command('sha256sum')}&stdin=true&stdout=true`);

  for (let offset = 0; offset < blob.length; offset += 32_768) {
    session.socket.send(Buffer.concat([Buffer.of(0), blob.subarray(offset, offset + 32_768)]));
  }
  session.socket.send(Buffer.of(255, 0));

  await expect.poll(() => session.closed).toBe(true);
  expect(session.stdout).toBe(`${createHash('sha256').update(blob).digest('hex')}  -\n`);
});

test.each([
  ['a pod that is not there', '/api/v1/namespaces/default/pods/nosuch/exec?command=ls', 404],
  ['a container that is not there', '/api/v1/namespaces/default/pods/client/exec?command=ls&container=nosuch', 400],
  ['no command', '/api/v1/namespaces/default/pods/client/exec?stdout=true', 400],
  ['another path', '/api/v1/namespaces/default/pods', 404],
])('%s is refused before the upgrade', async (_, path, status) => {
  const served = await serveCluster();
  await startPod(served);

  const refused = await new Promise((resolve) => {
    const socket = new WebSocket(`${served.url.replace('http', 'ws')}${path}`, ['v5.channel.k8s.io']);
    socket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode);
      socket.terminate();
    });
    socket.on('error', () => {});
  });

  expect(refused).toBe(status);
});

test('a log has its tail, its times, and what follows', async () => {
  const served = await serveCluster();
  await startPod(served);
  const log = async (query: string) =>
    (await served.request('GET', `/api/v1/namespaces/default/pods/client/log?${query}`)).text;

  expect(await log('tailLines=1')).toBe('two\n');
  expect(await log('timestamps=true&tailLines=1')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z two\n$/);
  expect(await log('limitBytes=5')).toBe('one\nt');
  const followed = log('follow=true');
  await served.request('DELETE', '/api/v1/namespaces/default/pods/client', { gracePeriodSeconds: 0 });
  expect(await followed).toBe('one\ntwo\n');
});
