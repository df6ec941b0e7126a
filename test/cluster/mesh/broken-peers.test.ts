import { createServer } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TestCluster, type TestPod } from '../containers/test-cluster.ts';
import { listen, logLines, RawClient } from './mesh-pods.ts';

/** Clients and programs that send nonsense, stop half way, or go away: proxies outlive them, and keep nothing of them. */

let cluster: TestCluster;
let client: TestPod;
let server: TestPod;
const WAIT = { timeout: 30_000 };
const KEEP = { 'sidecar.istio.io/statsInclusionPrefixes': 'cluster.' };

beforeEach(() => {
  cluster = new TestCluster();
  const pod = (name: string): TestPod =>
    cluster.pod({
      namespace: 'shop',
      name,
      image: 'curlimages/curl',
      command: ['/bin/sleep', 'infinity'],
      annotations: KEEP,
      sidecar: true,
      serviceAccount: name,
      labels: { app: name },
    });
  client = pod('client');
  server = pod('api');
  const program = createServer((request, response) => {
    request.resume();
    if (request.url !== '/wait') response.end('hello');
  });
  listen(cluster, server, 80, (connection) => void program.emit('connection', connection));
  cluster.service('api', {
    namespace: 'shop',
    ports: [
      { name: 'http', port: 80, targetPort: 80 },
      { name: 'http-rude', port: 81, targetPort: 81 },
      { name: 'tcp', port: 90, targetPort: 80 },
    ],
    pods: [server],
  });
});
afterEach(() => cluster.dispose());

/** What proxies have under way to the service, and to its program. */
async function underWay(counter: string): Promise<number> {
  let sum = 0;
  for (const pod of [client, server]) {
    const { stdout } = await pod.exec(['curl', '-s', `http://localhost:15000/stats?filter=bound.*;.${counter}$`]);
    for (const line of stdout.trimEnd().split('\n')) sum += Number(line.split(': ')[1] ?? 0);
  }
  return sum;
}

test('a client that goes while its proxy connects leaves no connection behind', async () => {
  for (let index = 0; index < 5; index += 1) {
    const { connection } = await RawClient.open(cluster, client, 'api', 90);
    connection.resetAndDestroy();
  }

  await expect.poll(() => logLines(client).filter((line) => line.includes('"- - -" 0 DC ')).length, WAIT).toBe(5);
  await expect.poll(() => underWay('upstream_cx_active'), WAIT).toBe(0);
});

test('a server’s pod that goes in the middle of a request is a connection that was ended', async () => {
  const answer = client.exec(['curl', '-s', '-w', ' %{http_code}', 'http://api/wait']);
  await expect.poll(() => underWay('upstream_rq_active'), WAIT).toBe(2);

  server.sandbox.dispose();

  expect((await answer).stdout).toBe(
    'upstream connect error or disconnect/reset before headers. reset reason: connection termination 503',
  );
  await expect
    .poll(() => logLines(client).at(-1), WAIT)
    .toContain(' 503 UC upstream_reset_before_response_started{connection_termination} ');
});

const END = '\r\n\r\n';
const REQUESTS = [
  'GET ',
  'POST ',
  'HEAD ',
  'CONNECT ',
  'OPTIONS * ',
  '/',
  ' HTTP/1.1',
  ' HTTP/1.0',
  '\r\n',
  '\n',
  '\r',
  '\0',
  'host: api\r\n',
  'content-length: 5\r\n',
  'content-length: -1\r\n',
  'transfer-encoding: chunked\r\n',
  ' folded',
  'expect: 100-continue\r\n',
  'connection: upgrade\r\nupgrade: websocket\r\n',
  'connection: close\r\n',
  'zz\r\n',
  '5\r\nhello\r\n',
  `0${END}`,
  `0\r\nx: y${END}`,
  'hello',
  `a: ${'b'.repeat(2000)}\r\n`,
  `PRI * HTTP/2.0${END}SM${END}`,
  '\u0016\u0003\u0001\u0002\0\u0001',
  '\u0016\u0003\u0001\0\u0005\u0001\0\0\u0001\0',
  `GET / HTTP/1.1\r\nhost: api${END}`,
];
const ANSWERS = [
  'HTTP/1.1 200 OK\r\n',
  'HTTP/1.1 204 x\r\n',
  'HTTP/1.1 304 x\r\n',
  `HTTP/1.1 100 Continue${END}`,
  `HTTP/1.1 101 x\r\nupgrade: websocket\r\nconnection: upgrade${END}`,
  'HTTP/2 200\r\n',
  'content-length: 5\r\n',
  'transfer-encoding: chunked\r\n',
  '\r\n',
  'hello',
  `5\r\nhello\r\n0${END}`,
  'zz',
  '\0',
  'connection: close\r\n',
  'x'.repeat(70_000),
];

test('whatever bytes come from either side, no request stays under way, and the next one is served', async () => {
  let seed = 7;
  const dice = (sides: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fff_ffff;
    return (seed >> 8) % sides;
  };
  const some = (parts: readonly string[], most: number): string =>
    Array.from({ length: dice(most) + 1 }, () => parts[dice(parts.length)]).join('');
  listen(cluster, server, 81, (connection) => {
    connection.on('data', () => {
      connection.write(Buffer.from(some(ANSWERS, 4), 'latin1'));
      if (dice(2) === 0) connection.end();
      else connection.resetAndDestroy();
    });
  });

  const clients: RawClient[] = [];
  for (let index = 0; index < 150; index += 1) {
    const raw = await RawClient.open(cluster, client, 'api', 80 + dice(2));
    clients.push(raw);
    const text = (dice(2) === 0 ? '' : 'GET / HTTP/1.1\r\nhost: api\r\n') + some(REQUESTS, 7);
    const cut = dice(text.length);
    raw.send(text.slice(0, cut));
    if (dice(3) === 0) await new Promise((resolve) => setImmediate(resolve));
    raw.send(text.slice(cut));
    const end = dice(16);
    if (end < 4) raw.connection.end();
    else if (end < 7) raw.connection.resetAndDestroy();
  }
  for (const { connection } of clients) connection.destroy();

  await expect.poll(() => underWay('upstream_rq_active'), WAIT).toBe(0);
  expect(await underWay('upstream_rq_pending_active')).toBe(0);
  expect((await client.exec(['curl', '-s', 'http://api/'])).stdout).toBe('hello');
});
