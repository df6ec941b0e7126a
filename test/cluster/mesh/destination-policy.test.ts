import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { TestCluster, type TestPod } from '../containers/test-cluster.ts';
import { clientPod, logLines, serve } from './mesh-pods.ts';

/** How many requests a destination gets, which of its endpoints get them, and which are left out for a while. */

let cluster: TestCluster;
let client: TestPod;
let offset = 0;
/** Requests to `/wait`, whose answers a test gives. */
const waiting: ServerResponse[] = [];
/** Names of pods that answer 503. */
const broken = new Set<string>();
const NAMES = ['web-1', 'web-2', 'web-3'];

function rule(trafficPolicy: object): void {
  cluster.objects.put('destinationrules.networking.istio.io', {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { host: 'web', trafficPolicy },
  });
}

async function get(path: string, ...options: string[]): Promise<string> {
  return (await client.exec(['curl', '-s', '-w', ' %{http_code}', ...options, `http://web${path}`])).stdout;
}

/** Which pods answer so many requests, in their order. */
async function answering(count: number, path = '/', ...options: string[]): Promise<string[]> {
  const names: string[] = [];
  for (let index = 0; index < count; index += 1) names.push(await get(path, ...options));
  return names;
}

beforeAll(() => {
  cluster = new TestCluster({
    now: () => Date.now() + offset,
    schedule(delayMs, callback) {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
  });
  client = clientPod(cluster, 'shop', 'client');
  serve(cluster, 'shop', 'web', NAMES, (request, response, name) => {
    if (request.url === '/wait') waiting.push(response);
    else response.writeHead(broken.has(name) ? 503 : 200).end(name);
  });
});
afterAll(() => cluster.dispose());
afterEach(() => {
  broken.clear();
  for (const response of waiting.splice(0)) response.end();
  cluster.objects.remove('destinationrules.networking.istio.io', 'shop', 'web');
});

describe('a connection pool', () => {
  test('lets one request go, one wait and the third overflow', async () => {
    rule({
      connectionPool: { tcp: { maxConnections: 1 }, http: { http1MaxPendingRequests: 1 } },
      loadBalancer: { consistentHash: { useSourceIp: true } },
    });
    const first = get('/wait');
    await expect.poll(() => waiting.length).toBe(1);
    const second = get('/');
    // The second is with the proxy once the third overflows.
    await expect
      .poll(() => get('/'))
      .toBe('upstream connect error or disconnect/reset before headers. reset reason: overflow 503');

    expect(logLines(client).at(-1)).toContain(' 503 UO upstream_reset_before_response_started{overflow} ');
    expect(cluster.runtime.mesh.verdicts.entries().at(-1)).toMatchObject({
      code: 'upstream-failed',
      detail: 'UO',
      policy: 'shop/web',
    });
    waiting.splice(0).forEach((response) => response.end('done'));
    expect(await first).toBe('done 200');
    expect(await second).toMatch(/^web-\d 200$/);
    expect(await get('/')).toMatch(/ 200$/);
  });

  test('forgets who has given up waiting', async () => {
    rule({
      connectionPool: { tcp: { maxConnections: 1 }, http: { http1MaxPendingRequests: 1 } },
      loadBalancer: { consistentHash: { useSourceIp: true } },
    });
    const first = get('/wait');
    await expect.poll(() => waiting.length).toBe(1);

    expect(await get('/', '-m', '0.2')).toBe(' 000');
    const second = get('/');
    await expect.poll(() => get('/')).toMatch(/overflow 503$/);

    waiting.splice(0).forEach((response) => response.end('done'));
    expect(await first).toBe('done 200');
    expect(await second).toMatch(/^web-\d 200$/);
  });

  test('has no more requests than it may, whatever their connections', async () => {
    rule({ connectionPool: { http: { http2MaxRequests: 1 } } });
    const first = get('/wait');
    await expect.poll(() => waiting.length).toBe(1);

    expect(await get('/')).toMatch(/overflow 503$/);
    waiting.splice(0).forEach((response) => response.end());
    expect(await first).toBe(' 200');
    await expect.poll(() => get('/')).toMatch(/ 200$/);
  });

  test('gives up on an address that does not answer', async () => {
    cluster.service('nowhere', {
      namespace: 'shop',
      ports: [{ name: 'http', port: 80, targetPort: 80 }],
      pods: [{ ip: '10.244.99.99' } as TestPod],
    });
    cluster.objects.put('destinationrules.networking.istio.io', {
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: { name: 'nowhere', namespace: 'shop' },
      spec: { host: 'nowhere', trafficPolicy: { connectionPool: { tcp: { connectTimeout: '20ms' } } } },
    });

    const { stdout } = await client.exec(['curl', '-s', '-w', ' %{http_code}', 'http://nowhere/']);

    expect(stdout).toBe(
      'upstream connect error or disconnect/reset before headers. retried and the latest reset reason: connection timeout 503',
    );
    await expect
      .poll(() => logLines(client).at(-1))
      .toContain(' 503 URX,UF upstream_reset_before_response_started{connection_timeout} ');
  });
});

describe('outlier detection', () => {
  const outlierDetection = { consecutive5xxErrors: 2, interval: '1s', baseEjectionTime: '3m', maxEjectionPercent: 100 };

  test('leaves an endpoint out once it has failed often enough, and takes it back', async () => {
    rule({ outlierDetection });
    broken.add('web-2');

    const before = await answering(6);
    expect(before.filter((answer) => answer === 'web-2 503')).toHaveLength(2);
    expect(await answering(6)).toEqual(expect.not.arrayContaining(['web-2 503']));

    offset += 179_000;
    expect(await answering(3)).not.toContain('web-2 503');
    offset += 2000;
    broken.clear();
    expect(await answering(3)).toContain('web-2 200');
  });

  test('leaves nobody out beyond its share of the endpoints', async () => {
    rule({ outlierDetection: { ...outlierDetection, maxEjectionPercent: 10 } });
    broken.add('web-2');
    await answering(9);

    expect(await answering(3)).toContain('web-2 503');
  });

  test('can leave all out, and nobody is there', async () => {
    rule({ outlierDetection });
    for (const name of NAMES) broken.add(name);
    await answering(6);

    expect(await get('/')).toBe('no healthy upstream 503');
    await expect.poll(() => logLines(client).at(-1)).toContain(' 503 UH no_healthy_upstream ');
  });

  test('counts errors in a row only', async () => {
    rule({ outlierDetection: { ...outlierDetection, consecutive5xxErrors: 0, consecutiveGatewayErrors: 2 } });
    for (let round = 0; round < 3; round += 1) {
      broken.add('web-1');
      await answering(3);
      broken.clear();
      await answering(3);
    }

    expect(new Set(await answering(3)).size).toBe(3);
  });
});

describe('load balancing', () => {
  test('takes the endpoints in turn', async () => {
    const answers = await answering(6);

    expect(answers.slice(0, 3).toSorted()).toEqual(NAMES.map((name) => `${name} 200`));
    expect(answers.slice(3)).toEqual(answers.slice(0, 3));
  });

  test('at random reaches all of them', async () => {
    rule({ loadBalancer: { simple: 'RANDOM' } });

    expect(new Set(await answering(40)).size).toBe(3);
  });

  test('by a header, a parameter or the source gives equal keys to equal endpoints', async () => {
    rule({ loadBalancer: { consistentHash: { httpHeaderName: 'X-User' } } });
    const ofUsers = await Promise.all(
      Array.from({ length: 12 }, (_, user) => answering(3, '/', '-H', `x-user: ${user}`)),
    );
    for (const answers of ofUsers) expect(new Set(answers).size).toBe(1);
    expect(new Set(ofUsers.flat()).size).toBe(3);
    expect(new Set(await answering(6)).size, 'without the header').toBe(3);

    rule({ loadBalancer: { consistentHash: { httpQueryParameterName: 'user' } } });
    expect(new Set(await answering(4, '/?user=ann')).size).toBe(1);

    rule({ loadBalancer: { consistentHash: { useSourceIp: true } } });
    expect(new Set(await answering(4)).size).toBe(1);
  });

  test('by a cookie makes one, which brings the client back', async () => {
    rule({ loadBalancer: { consistentHash: { httpCookie: { name: 'user', ttl: '60s', path: '/shop' } } } });

    const first = await get('/', '-i');
    const [, cookie] = /\r\nset-cookie: (user="[0-9a-f]{16}"); Max-Age=60; Path=\/shop; HttpOnly\r\n/.exec(first) ?? [];
    expect(cookie).toBeDefined();
    const name = /web-\d 200$/.exec(first)?.[0];

    expect(await answering(4, '/', '-H', `Cookie: other=1; ${cookie}`)).toEqual([name, name, name, name]);
  });

  test('of a port says nothing for others, and takes what is said for all away', async () => {
    rule({
      loadBalancer: { consistentHash: { useSourceIp: true } },
      portLevelSettings: [{ port: { number: 80 }, connectionPool: {} }],
    });

    expect(new Set(await answering(6)).size).toBe(3);
  });
});
