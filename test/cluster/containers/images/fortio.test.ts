import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestCluster, type TestPod } from '../test-cluster.ts';

let cluster: TestCluster;
let fortio: TestPod;

beforeAll(() => {
  cluster = new TestCluster();
  const server = cluster.pod({ image: 'fortio/fortio' });
  cluster.service('echo', { ports: [{ name: 'http', port: 80, targetPort: 8080 }], pods: [server] });
  cluster.service('nobody', { ports: [{ name: 'http', port: 80, targetPort: 8080 }], pods: [] });
  fortio = cluster.pod({ image: 'docker.io/fortio/fortio:latest_release' });
});
afterAll(() => cluster.dispose());

const run = (...args: string[]) => fortio.exec(['/usr/bin/fortio', ...args]);

test('load makes exactly as many calls as asked, on one connection for each thread', async () => {
  const { stdout, status } = await run(
    'load',
    '-c',
    '3',
    '-qps',
    '0',
    '-n',
    '20',
    '-loglevel',
    'Warning',
    'http://echo/',
  );

  expect(status).toBe(0);
  expect(stdout).toMatch(/^Fortio \S+ running at 0 queries per second, .* for 20 calls: http:\/\/echo\/\n/);
  expect(stdout).toContain('\nSockets used: 3 (for perfect keepalive, would be 3)\nCode 200 : 20 (100.0 %)\n');
});

test('load counts each status, and -1 for calls without an answer', async () => {
  const refused = await run('load', '-c', '1', '-qps', '0', '-n', '4', 'http://echo/?status=503');
  const nobody = await run('load', '-c', '2', '-qps', '0', '-n', '2', 'nobody');

  expect(refused.stdout).toContain('\nCode 503 : 4 (100.0 %)\n');
  expect(nobody.stdout).toContain('\nCode  -1 : 2 (100.0 %)\n');
});

test('load keeps to its rate', async () => {
  const { stdout } = await run('load', '-c', '2', '-qps', '50', '-t', '100ms', 'http://echo/');

  expect(stdout).toMatch(/\nCode 200 : 5 \(100\.0 %\)\n/);
  expect(Number(/Ended after (\d+)ms/.exec(stdout)?.[1])).toBeGreaterThanOrEqual(79);
});

test('a call takes no longer than its timeout', async () => {
  const { stdout } = await run('load', '-c', '1', '-qps', '0', '-n', '1', '-timeout', '50ms', 'http://echo/?delay=20s');

  expect(stdout).toContain('\nCode  -1 : 1 (100.0 %)\n');
});

test('curl shows the answer, and fails as the answer does', async () => {
  const good = await run('curl', '-quiet', '-H', 'X-Who: me', 'http://echo/');
  const bad = await run('curl', '-quiet', 'http://echo/?status=403');

  expect(good).toMatchObject({ status: 0, stderr: '' });
  expect(good.stdout).toMatch(/^HTTP\/1\.1 200 OK\r\nDate: /);
  expect(bad.status).toBe(1);
  expect(bad.stdout).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
});

test('what is not simulated says so', async () => {
  expect((await run('load', '-grpc', 'echo')).stderr).toBe('flag provided but not defined: -grpc\n');
  expect((await run('curl', 'https://echo')).stderr).toBe('Error: only http is simulated, not https:\n');
  expect((await run('udp-echo')).stderr).toContain('simulated are load, curl, server and version');
});
