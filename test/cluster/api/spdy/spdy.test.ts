import { createHash, randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { controlFrame, FLAG_FIN, FRAME, numbers } from '../../../../cluster/api/spdy/frames.ts';
import { createHeaderEncoder } from '../../../../cluster/api/spdy/header-codec.ts';
import { serveCluster, type ServedCluster } from '../../serve-cluster.ts';
import { connectSpdy, type SpdyClient } from './spdy-client.ts';

const POD = '/api/v1/namespaces/default/pods/box';

async function serveBox(): Promise<ServedCluster> {
  const served = await serveCluster();
  const containers = [
    { name: 'main', image: 'busybox', command: ['sleep', '3600'] },
    { name: 'web', image: 'nginx' },
  ];
  served.cluster.apply([
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'box', namespace: 'default' }, spec: { containers } },
  ]);
  await expect.poll(async () => (await served.request('GET', POD)).json.status).toMatchObject({ phase: 'Running' });
  return served;
}

const execPath = (...command: string[]) =>
  `${POD}/exec?container=main&stdin=true&stdout=true&stderr=true${command.map((word) => `&command=${encodeURIComponent(word)}`).join('')}`;

function openProcess(client: SpdyClient) {
  const [error, stdin, stdout, stderr] = ['error', 'stdin', 'stdout', 'stderr'].map((streamtype) =>
    client.open({ streamtype }),
  );
  if (!error || !stdin || !stdout || !stderr) throw new Error('four streams were opened');
  return { error, stdin, stdout, stderr };
}

/** What runs in the container, by its own `ps`. */
async function processes({ url }: ServedCluster): Promise<string> {
  const client = await connectSpdy(url, execPath('ps'));
  const { stdout } = openProcess(client);
  await expect.poll(() => client.closed).toBe(true);
  return client.text(stdout);
}

test('a process has its streams, its exit status and its end', async () => {
  const served = await serveBox();

  const client = await connectSpdy(served.url, execPath('sh', '-c', 'cat; echo problem >&2; exit 5'));
  const { error, stdin, stdout, stderr } = openProcess(client);
  client.send(stdin, 'typed', true);
  await expect.poll(() => client.closed).toBe(true);

  expect(client.answer).toContain('X-Stream-Protocol-Version: v4.channel.k8s.io');
  expect([client.text(stdout), client.text(stderr)]).toEqual(['typed', 'problem\n']);
  expect(JSON.parse(client.text(error))).toMatchObject({
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: '5' }] },
  });
  expect([error.ended, stdout.ended, stderr.ended, client.goAway]).toEqual([true, true, true, 0]);
});

test('five megabytes go through a process unchanged', async () => {
  const served = await serveBox();
  const blob = randomBytes(5_000_000);
  const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

  const client = await connectSpdy(served.url, execPath('cat'));
  const { error, stdin, stdout } = openProcess(client);
  for (let offset = 0; offset < blob.length; offset += 32_768) {
    client.send(stdin, blob.subarray(offset, offset + 32_768));
  }
  client.send(stdin, '', true);
  await expect.poll(() => client.closed).toBe(true);

  expect(hash(Buffer.concat(stdout.received))).toBe(hash(blob));
  expect(JSON.parse(client.text(error))).toEqual({ metadata: {}, status: 'Success' });
});

test('a process ends when its client vanishes', async () => {
  const served = await serveBox();
  const client = await connectSpdy(served.url, execPath('sleep', '4711'));
  openProcess(client);
  await expect.poll(() => processes(served)).toContain('sleep 4711');

  client.socket.resetAndDestroy();

  await expect.poll(() => processes(served)).not.toContain('sleep 4711');
});

test('a client that reads nothing holds its process up, and nobody else', async () => {
  const served = await serveBox();
  const client = await connectSpdy(served.url, execPath('yes'));
  client.socket.pause();
  openProcess(client);
  await expect.poll(() => processes(served)).toContain('yes');

  expect((await served.request('GET', '/readyz')).text).toBe('ok');
  client.socket.destroy();

  await expect.poll(() => processes(served)).not.toContain('yes');
});

test('pings come back, frames of windows and settings are passed over', async () => {
  const served = await serveBox();
  const client = await connectSpdy(served.url, execPath('cat'));
  const { stdin, stdout } = openProcess(client);

  client.socket.write(controlFrame(FRAME.windowUpdate, 0, numbers(stdin.id, 65_536)));
  client.socket.write(controlFrame(FRAME.settings, 0, numbers(0)));
  client.socket.write(controlFrame(FRAME.ping, 0, numbers(2)));
  client.socket.write(controlFrame(FRAME.ping, 0, numbers(77)));
  client.send(stdin, 'still here');

  await expect.poll(() => client.text(stdout)).toBe('still here');
  expect(client.pings).toEqual([77]);
});

test('a stream that was not asked for is reset', async () => {
  const served = await serveBox();
  const client = await connectSpdy(served.url, execPath('cat'));

  const odd = client.open({ streamtype: 'colour' });
  const { stdin, stdout } = openProcess(client);
  client.send(stdin, 'ok', true);

  await expect.poll(() => client.closed).toBe(true);
  expect(odd.reset).toBe(true);
  expect(client.text(stdout)).toBe('ok');
});

const synStream = (id: number, block: Buffer) =>
  controlFrame(FRAME.synStream, 0, numbers(id, 0), Buffer.alloc(2), block);
const goodBlock = () => createHeaderEncoder().encode(new Map([['streamtype', 'error']]));

test.each([
  ['another version of SPDY', Buffer.from('8002000100000000', 'hex')],
  ['a control frame of 16 MB', Buffer.from('8003000100ffffff', 'hex')],
  ['a stream without headers', controlFrame(FRAME.synStream, 0, numbers(1, 0))],
  ['a stream without a number', controlFrame(FRAME.synStream, 0)],
  ['headers that are noise', synStream(1, Buffer.from('not compressed at all'))],
  ['a stream with an even number', synStream(2, goodBlock())],
  ['a ping without a number', controlFrame(FRAME.ping, 0)],
  ['a reset of nothing', controlFrame(FRAME.rstStream, 0)],
])('%s ends the connection, and only that', async (_, bytes) => {
  const served = await serveBox();
  const client = await connectSpdy(served.url, execPath('cat'));

  client.socket.write(bytes);

  await expect.poll(() => client.closed).toBe(true);
  expect(client.goAway).toBe(1);
  expect((await served.request('GET', '/readyz')).text).toBe('ok');
});

test('two hundred connections of random bytes disturb nobody', async () => {
  const served = await serveBox();
  const steady = await connectSpdy(served.url, execPath('cat'));
  const { stdin, stdout } = openProcess(steady);

  const right = synStream(1, goodBlock());
  const clients: SpdyClient[] = [];
  for (let round = 0; round < 200; round += 1) {
    const [path, protocol] = round % 2 ? [execPath('cat')] : [`${POD}/portforward`, 'portforward.k8s.io'];
    const client = await connectSpdy(served.url, path, protocol);
    clients.push(client);
    // Noise behind a frame that is right, cut at any length; every third starts like a control frame.
    const noise = randomBytes(1 + (round % 64));
    if (round % 3 === 0) noise[0] = 0x80;
    client.socket.end(Buffer.concat([right.subarray(0, round % (right.length + 1)), noise]));
  }
  await expect.poll(() => clients.every(({ closed }) => closed)).toBe(true);
  steady.send(stdin, 'undisturbed');

  await expect.poll(() => steady.text(stdout)).toBe('undisturbed');
  expect((await processes(served)).match(/ cat$/gm)).toHaveLength(1);
});

test.each([
  ['a frame that is broken', Buffer.from('8002000100000000', 'hex'), '\r\n\r\n\x80\x03\0\x07'],
  ['a frame that is right', synStream(1, goodBlock()), '\r\n\r\n\x80\x03\0\x02'],
])('%s may come with the request itself', async (_, bytes, expected) => {
  const served = await serveBox();
  const socket = connect(Number(new URL(served.url).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let answer = '';
  socket.on('data', (chunk) => (answer += chunk.toString('latin1')));

  const head = `POST ${execPath('cat')} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: v4.channel.k8s.io\r\nContent-Length: 0\r\n\r\n`;
  socket.write(Buffer.concat([Buffer.from(head), bytes]));

  await expect.poll(() => answer).toContain(expected);
  expect(answer).toMatch(/^HTTP\/1\.1 101 /);
});

test('a protocol that the server does not speak is refused', async () => {
  const served = await serveBox();

  const client = await connectSpdy(served.url, execPath('cat'), 'v9.channel.k8s.io');

  expect(client.answer).toContain('HTTP/1.1 403 Forbidden');
  expect(client.answer).toContain(
    'unable to negotiate protocol: client supports [v9.channel.k8s.io], server accepts [v4.channel.k8s.io]',
  );
});

test('ports are forwarded by pairs of streams, several at a time', async () => {
  const served = await serveBox();
  const client = await connectSpdy(served.url, `${POD}/portforward`, 'portforward.k8s.io');

  const pairs = ['1', '2', '3'].map((requestid) => {
    const headers = { port: '80', requestid };
    return {
      error: client.open({ ...headers, streamtype: 'error' }, FLAG_FIN),
      data: client.open({ ...headers, streamtype: 'data' }),
    };
  });
  for (const { data } of pairs) client.send(data, 'GET / HTTP/1.0\r\n\r\n');

  for (const { error, data } of pairs) {
    await expect.poll(() => [data.ended, error.ended]).toEqual([true, true]);
    expect(client.text(data)).toMatch(/^HTTP\/1\.[01] 200 OK\r\n/);
    expect(client.text(error)).toBe('');
  }
  expect(client.closed).toBe(false);
});

test('a port that nothing listens on says so on the error stream', async () => {
  const served = await serveBox();
  const client = await connectSpdy(served.url, `${POD}/portforward`, 'portforward.k8s.io');

  const error = client.open({ streamtype: 'error', port: '99', requestid: '0' });
  client.open({ streamtype: 'data', port: '99', requestid: '0' });

  await expect
    .poll(() => client.text(error))
    .toMatch(/^error forwarding port 99 to pod [0-9a-f]{64}, uid : .*connect: connection refused/);
});
