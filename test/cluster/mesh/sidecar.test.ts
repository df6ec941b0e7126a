import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Sidecar } from '../../../cluster/mesh/sidecar.ts';
import { TestCluster, type TestPod } from '../containers/test-cluster.ts';
import { RawClient } from './mesh-pods.ts';

/** What passes through sidecars, and what they say where it does not. */

let cluster: TestCluster;
let inside: TestPod;
let outside: TestPod;
let httpbin: TestPod;
let redis: TestPod;

beforeAll(() => {
  cluster = new TestCluster();
  const curl = { image: 'governmentpaas/curl-ssl', command: ['/bin/sleep', 'infinity'] };
  inside = cluster.pod({ namespace: 'foo', name: 'client', ...curl, sidecar: true, serviceAccount: 'client' });
  outside = cluster.pod({ namespace: 'bar', name: 'client', ...curl });
  const strict = {
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: { name: 'default', namespace: 'foo' },
    spec: { mtls: { mode: 'STRICT' } },
  };
  cluster.objects.put('peerauthentications.security.istio.io', strict);
  httpbin = cluster.pod({
    namespace: 'foo',
    name: 'httpbin',
    image: 'kennethreitz/httpbin',
    labels: { app: 'httpbin' },
    sidecar: true,
  });
  cluster.service('httpbin', {
    namespace: 'foo',
    ports: [{ name: 'http', port: 8000, targetPort: 80 }],
    pods: [httpbin],
    clusterIP: '10.96.9.1',
  });
  redis = cluster.pod({ namespace: 'foo', image: 'redis', labels: { app: 'redis' }, sidecar: true });
  cluster.service('redis', {
    namespace: 'foo',
    ports: [{ name: 'tcp-redis', port: 6379, targetPort: 6379 }],
    pods: [redis],
  });
  cluster.service('auto', {
    namespace: 'foo',
    ports: [{ port: 6379, targetPort: 6379 }],
    pods: [redis],
    selector: { app: 'redis' },
  });
  const ads = cluster.pod({
    namespace: 'foo',
    image: 'microservicesdemomesh/adservice',
    labels: { app: 'ads' },
    sidecar: true,
  });
  cluster.service('ads', {
    namespace: 'foo',
    ports: [{ name: 'http-adservice', port: 9555, targetPort: 9555 }],
    pods: [ads],
  });
  cluster.service('nobody', { namespace: 'foo', ports: [{ name: 'http', port: 80, targetPort: 80 }], pods: [] });
  cluster.service('closed', {
    namespace: 'foo',
    ports: [{ name: 'http', port: 81, targetPort: 81 }],
    pods: [httpbin],
    selector: { app: 'httpbin' },
  });
});
afterAll(() => cluster.dispose());

describe('between two sidecars', () => {
  test('a body of 3 MB arrives whole, both ways', async () => {
    const body = Array.from({ length: 300_000 }, (_, index) => String(index).padStart(9, '0')).join('\n');

    const { stdout, status } = await inside.exec(
      ['curl', '-s', '--data-binary', '@-', '-H', 'Content-Type: text/plain', 'http://httpbin:8000/post'],
      { stdin: body },
    );

    expect(status).toBe(0);
    expect((JSON.parse(stdout) as { data: string }).data === body).toBe(true);
  });

  test('a chunked request passes', async () => {
    const { stdout } = await inside.exec([
      'curl',
      '-s',
      '-H',
      'Transfer-Encoding: chunked',
      '-d',
      'hello',
      '-H',
      'Content-Type: text/plain',
      'http://httpbin:8000/anything',
    ]);

    const { data, headers } = JSON.parse(stdout) as { data: string; headers: Record<string, string> };
    expect(data).toBe('hello');
    expect(headers['Transfer-Encoding']).toBe('chunked');
    expect(headers['Connection']).toBeUndefined();
  });

  test('many requests at once are each answered', async () => {
    const results = await Promise.all(
      Array.from({ length: 30 }, (_, index) => inside.exec(['curl', '-s', `http://httpbin:8000/get?n=${index}`])),
    );

    expect(results.map(({ stdout }) => (JSON.parse(stdout) as { args: { n: string } }).args.n)).toEqual(
      results.map((_, index) => String(index)),
    );
  });

  test('bytes of a TCP port pass, a server that is asked and one that is found by looking', async () => {
    for (const host of ['redis', 'auto']) {
      const connection = await RawClient.open(cluster, inside, host, 6379);
      connection.send('PING\r\n');
      await expect.poll(() => connection.text).toBe('+PONG\r\n');
      connection.connection.destroy();
    }
  });

  test('a pod that calls its own service meets its own inbound side', async () => {
    const { stdout, status } = await redis.exec(['redis-cli', '-h', 'redis', 'ping']);

    expect([stdout.trim(), status]).toEqual(['PONG', 0]);
  });

  test('the server hears who asks, for each client by its own name', async () => {
    const other = cluster.pod({
      namespace: 'foo',
      image: 'curlimages/curl',
      command: ['sleep', 'infinity'],
      sidecar: true,
      serviceAccount: 'other',
    });
    const who = async (pod: TestPod): Promise<string> =>
      /URI=([^"]*)"/.exec((await pod.exec(['curl', '-s', 'http://httpbin:8000/headers'])).stdout)?.[1] ?? '';

    expect(await who(inside)).toBe('spiffe://cluster.local/ns/foo/sa/client');
    expect(await who(other)).toBe('spiffe://cluster.local/ns/foo/sa/other');
  });
});

describe('an answer of the sidecar itself', () => {
  test('is 503 where the service has no endpoints', async () => {
    const { stdout } = await inside.exec(['curl', '-si', 'http://nobody/']);

    expect(stdout).toMatch(
      /^HTTP\/1\.1 503 Service Unavailable\r\ncontent-length: 19\r\ncontent-type: text\/plain\r\ndate: [^\r]+\r\nserver: envoy\r\n\r\nno healthy upstream$/,
    );
  });

  test('is 503 where the application does not listen', async () => {
    const { stdout } = await inside.exec(['curl', '-s', '-w', ' %{http_code}', 'http://closed:81/']);

    expect(stdout).toBe(
      'upstream connect error or disconnect/reset before headers. retried and the latest reset reason: remote connection failure, transport failure reason: delayed connect error: Connection refused 503',
    );
  });

  test('is 502 where the application speaks no HTTP/1.1', async () => {
    const { stdout } = await inside.exec(['curl', '-s', '-w', ' %{http_code}', 'http://ads:9555/']);

    expect(stdout).toBe('upstream connect error or disconnect/reset before headers. reset reason: protocol error 502');
  });

  test('is 503 for a name that resolves to nothing that answers, and curl connects all the same', async () => {
    const { stdout } = await inside.exec([
      'curl',
      '-s',
      '-w',
      ' %{http_code}',
      'http://10.96.9.1:8001/',
      '-m',
      '1',
      '-o',
      '/dev/null',
    ]);

    expect(stdout).toBe(' 000');
  });
});

describe('the access log', () => {
  const lines = (pod: TestPod): string[] =>
    pod.containers
      .get('istio-proxy')
      ?.log.lines()
      .map(({ text }) => text) ?? [];

  test('has a line of each request at both ends', async () => {
    await inside.exec(['curl', '-s', '-A', 'probe/1', 'http://httpbin:8000/status/418']);

    await expect
      .poll(() => lines(inside).at(-1))
      .toMatch(
        new RegExp(
          `^\\[\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z\\] "GET /status/418 HTTP/1\\.1" 418 - via_upstream - "-" 0 \\d+ \\d+ \\d+ "-" "probe/1" "[0-9a-f-]{36}" "httpbin:8000" "${httpbin.ip}:80" outbound\\|8000\\|\\|httpbin\\.foo\\.svc\\.cluster\\.local ${inside.ip}:\\d+ 10\\.96\\.9\\.1:8000 ${inside.ip}:\\d+ - default$`,
        ),
      );
    await expect
      .poll(() => lines(httpbin).at(-1))
      .toMatch(
        new RegExp(
          `"GET /status/418 HTTP/1\\.1" 418 - via_upstream .* "httpbin:8000" "${httpbin.ip}:80" inbound\\|80\\|\\| 127\\.0\\.0\\.6:\\d+ ${httpbin.ip}:80 ${inside.ip}:\\d+ outbound_\\.8000_\\._\\.httpbin\\.foo\\.svc\\.cluster\\.local default$`,
        ),
      );
  });

  test('has a line of a refused connection', async () => {
    expect((await outside.exec(['curl', '-s', 'http://httpbin.foo:8000/'])).status).toBe(56);

    await expect
      .poll(() => lines(httpbin).at(-1))
      .toMatch(
        new RegExp(
          `^\\[[^\\]]+\\] "- - -" 0 NR filter_chain_not_found - "-" 0 0 0 - "-" "-" "-" "-" "-" - - ${httpbin.ip}:80 ${outside.ip}:\\d+ - -$`,
        ),
      );
  });
});

describe('certificates', () => {
  test('are renewed by the clock, and the mesh goes on', async () => {
    let offset = 0;
    const clock = {
      now: () => Date.now() + offset,
      schedule(delayMs: number, callback: () => void) {
        const timer = setTimeout(callback, delayMs);
        return () => clearTimeout(timer);
      },
    };
    const aged = new TestCluster(clock);
    try {
      const server = aged.pod({ image: 'kennethreitz/httpbin', labels: { app: 'httpbin' }, sidecar: true });
      aged.service('httpbin', { ports: [{ name: 'http', port: 8000, targetPort: 80 }], pods: [server] });
      const client = aged.pod({ image: 'curlimages/curl', command: ['sleep', 'infinity'], sidecar: true });
      const hash = async (): Promise<string | undefined> =>
        /Hash=([0-9a-f]{64})/.exec((await client.exec(['curl', '-s', 'http://httpbin:8000/headers'])).stdout)?.[1];
      const first = await hash();
      expect(await hash()).toBe(first);

      // The machine's own clock stands: what counts is the cluster's.
      offset = 40 * 3_600_000;
      const { capture } = aged.runtime.network.at(client.ip) ?? {};
      if (!(capture instanceof Sidecar)) throw new Error('the client has no sidecar');
      capture.closeIdleConnections();

      const second = await hash();
      expect(second).toMatch(/^[0-9a-f]{64}$/);
      expect(second).not.toBe(first);
    } finally {
      aged.dispose();
    }
  });
});
