import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { serveCluster, type ServedCluster } from '../../serve-cluster.ts';
import { connectSpdy } from '../../api/spdy/spdy-client.ts';

const POD = '/api/v1/namespaces/default/pods/tools';
const LONG = `${'long-'.repeat(30)}name`;

async function serveTools(): Promise<ServedCluster> {
  const served = await serveCluster();
  const containers = [
    { name: 'busybox', image: 'busybox', command: ['sleep', '3600'] },
    { name: 'gnu', image: 'nginx' },
  ];
  served.cluster.apply([
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'tools', namespace: 'default' }, spec: { containers } },
  ]);
  await expect.poll(async () => (await served.request('GET', POD)).json.status).toMatchObject({ phase: 'Running' });
  return served;
}

interface Result {
  stdout: Buffer;
  stderr: string;
  exit: string;
}

async function run(
  { url }: ServedCluster,
  container: string,
  script: string,
  input: Buffer | string = '',
): Promise<Result> {
  const command = ['sh', '-c', script].map((word) => `&command=${encodeURIComponent(word)}`).join('');
  const client = await connectSpdy(
    url,
    `${POD}/exec?container=${container}&stdin=true&stdout=true&stderr=true${command}`,
  );
  const error = client.open({ streamtype: 'error' });
  const stdin = client.open({ streamtype: 'stdin' });
  const stdout = client.open({ streamtype: 'stdout' });
  const stderr = client.open({ streamtype: 'stderr' });
  client.send(stdin, input, true);
  await expect.poll(() => client.closed).toBe(true);
  const status = JSON.parse(client.text(error)) as { details?: { causes?: { message: string }[] } };
  return {
    stdout: Buffer.concat(stdout.received),
    stderr: client.text(stderr),
    exit: status.details?.causes?.[0]?.message ?? '0',
  };
}

/** A folder of this machine with all that an archive may hold. */
function makeTree(): string {
  const root = mkdtempSync(join(tmpdir(), 'tar-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, 'tree/empty'), { recursive: true });
  writeFileSync(join(root, 'tree/text'), 'some text\n');
  writeFileSync(join(root, 'tree', LONG), 'long\n');
  writeFileSync(join(root, 'tree/zeros'), Buffer.alloc(512));
  symlinkSync('text', join(root, 'tree/link'));
  return root;
}

test.each(['gnu', 'pax', 'ustar'])('an archive of this machine, in the format %s, is unpacked', async (format) => {
  const served = await serveTools();
  const root = makeTree();
  if (format === 'ustar') rmSync(join(root, 'tree', LONG));
  const archive = execFileSync('tar', [`--format=${format}`, '-cf', '-', '-C', root, 'tree']);

  await run(served, 'busybox', 'tar -xmf - -C /tmp', archive);
  const { stdout } = await run(served, 'busybox', 'cd /tmp/tree; cat link; wc -c < zeros; ls');

  const names = ['empty', 'link', ...(format === 'ustar' ? [] : [LONG]), 'text', 'zeros'];
  expect(stdout.toString()).toBe(`some text\n512\n${names.join('\n')}\n`);
});

test.each(['busybox', 'gnu'])('this machine unpacks what %s packs', async (container) => {
  const served = await serveTools();
  const root = makeTree();
  const script = `mkdir -p /tmp/t/sub; cd /tmp/t; echo one > sub/one; ln -s one sub/link; echo x > ${LONG}; chmod 600 sub/one; cd /tmp; tar cf - t`;

  const { stdout } = await run(served, container, script);
  execFileSync('tar', ['-xf', '-', '-C', root], { input: stdout });

  expect(readFileSync(join(root, 't/sub/link'), 'utf8')).toBe('one\n');
  expect(readFileSync(join(root, 't', LONG), 'utf8')).toBe('x\n');
  expect(execFileSync('tar', ['-tvf', '-'], { input: stdout }).toString()).toMatch(/^-rw------- .* t\/sub\/one$/m);
});

test('each says that it cuts leading slashes, and of what is not there', async () => {
  const served = await serveTools();

  const busybox = await run(served, 'busybox', 'tar cf - /tmp /nope');
  const gnu = await run(served, 'gnu', 'tar cf - /tmp /nope');

  expect(busybox.stderr).toBe(
    "tar: removing leading '/' from member names\ntar: /nope: No such file or directory\ntar: error exit delayed from previous errors\n",
  );
  expect(busybox.exit).toBe('1');
  expect(gnu.stderr).toBe(
    "tar: Removing leading `/' from member names\ntar: /nope: Cannot stat: No such file or directory\ntar: Exiting with failure status due to previous errors\n",
  );
  expect(gnu.exit).toBe('2');
});

test.each([
  ['noise', Buffer.from('x'.repeat(2000))],
  ['a cut archive', Buffer.alloc(100)],
])('%s is no archive', async (_, bytes) => {
  const served = await serveTools();

  const { stderr, exit } = await run(served, 'gnu', 'tar xf -', bytes);

  expect(stderr).toBe(
    'tar: This does not look like a tar archive\ntar: Exiting with failure status due to previous errors\n',
  );
  expect(exit).toBe('2');
});

test('no member leaves the folder that it is unpacked to', async () => {
  const served = await serveTools();
  const root = makeTree();
  const archive = execFileSync('tar', ['-cPf', '-', '--transform', 's,^,../../,', '-C', root, 'tree/text']);

  const { exit } = await run(served, 'busybox', 'mkdir -p /tmp/a/b; tar xf - -C /tmp/a/b', archive);
  const { stdout } = await run(served, 'busybox', 'find /tmp');

  expect(exit).not.toBe('0');
  expect(stdout.toString()).toBe('/tmp\n/tmp/a\n/tmp/a/b\n');
});
