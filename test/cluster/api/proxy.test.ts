import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { deployment } from '../test-plane.ts';
import { serveCluster, type ServedCluster } from '../serve-cluster.ts';

const NAMESPACE = '/api/v1/namespaces/default';

async function serveShop(): Promise<ServedCluster & { pod: string }> {
  const served = await serveCluster();
  const ports = [{ containerPort: 80 }];
  const selector = { app: 'shop' };
  const service = (name: string, spec: Record<string, unknown>) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec,
  });
  served.cluster.apply([
    deployment('shop', {}, { image: 'kennethreitz/httpbin', ports }),
    service('shop', { selector, ports: [{ port: 8080, targetPort: 80 }] }),
    service('named', { selector, ports: [{ name: 'http', port: 8080, targetPort: 80 }] }),
    service('nobody', { selector: { app: 'nobody' }, ports: [{ port: 80 }] }),
  ] as never);
  await expect.poll(() => served.cluster.list('pods', 'default')[0]?.status).toMatchObject({ phase: 'Running' });
  await expect
    .poll(async () => (await served.request('GET', `${NAMESPACE}/services/shop:8080/proxy/get`)).status)
    .toBe(200);
  return { ...served, pod: served.cluster.list('pods', 'default')[0]?.metadata.name ?? '' };
}

test('a request reaches a service by number, name or nothing, and a pod', async () => {
  const { request, pod } = await serveShop();
  const ids = [
    'services/shop',
    'services/shop:8080',
    'services/http:shop:8080',
    'services/named:http',
    `pods/${pod}`,
    `pods/${pod}:80`,
  ];

  const statuses = await Promise.all(
    ids.map(async (id) => (await request('GET', `${NAMESPACE}/${id}/proxy/status/418`)).status),
  );

  expect(statuses).toEqual(ids.map(() => 418));
});

test('method, query, body and headers are passed on, credentials are not', async () => {
  const { request } = await serveShop();

  const { json } = await request('POST', `${NAMESPACE}/services/shop/proxy/anything/a%20b?x=1&x=2`, '{"some":"body"}', {
    'x-own': 'kept',
    authorization: 'Bearer secret',
  });

  expect(json).toMatchObject({ method: 'POST', data: '{"some":"body"}', args: { x: ['1', '2'] } });
  expect(json.headers).toMatchObject({ 'X-Own': 'kept' });
  expect(JSON.stringify(json.headers)).not.toContain('secret');
});

test('a path without its slash is redirected', async () => {
  const { url } = await serveShop();

  const answer = await fetch(`${url}${NAMESPACE}/services/shop/proxy?x=1`, { redirect: 'manual' });

  expect([answer.status, answer.headers.get('location')]).toEqual([301, 'proxy/?x=1']);
});

test.each([
  ['services/nosuch', 404, 'services "nosuch" not found'],
  ['services/shop:9', 503, 'no service port 9 found for service "shop"'],
  ['services/named', 503, 'no endpoints available for service "named"'],
  ['services/nobody:80', 503, 'no endpoints available for service "nobody:80"'],
  ['services/a:b:c:d', 400, 'invalid service request "a:b:c:d"'],
  ['pods/nosuch', 404, 'pods "nosuch" not found'],
  ['services/https:shop:', 503, 'error trying to reach service: http: server gave HTTP response to HTTPS client'],
])('%s answers %i', async (id, status, message) => {
  const { request } = await serveShop();

  const answer = await request('GET', `${NAMESPACE}/${id}/proxy/`);

  expect([answer.status, answer.json.message]).toEqual([status, message]);
});

test('a port that nothing listens on is unavailable', async () => {
  const { request, pod } = await serveShop();

  const { status, json } = await request('GET', `${NAMESPACE}/pods/${pod}:99/proxy/`);

  expect([status, json.reason]).toEqual([503, 'ServiceUnavailable']);
  expect(json.message).toMatch(
    /^error trying to reach service: dial tcp 10\.244\.\d+\.\d+:99: connect: connection refused$/,
  );
});

test('a request that changes protocols has the connection to itself from then on', async () => {
  const images = [{ image: 'echo', ports: [{ port: 7000, protocol: 'tcp' as const }] }];
  const served = await serveCluster({ images });
  served.cluster.apply([
    deployment('echo', {}, { image: 'echo', ports: [{ containerPort: 7000 }] }),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'echo', namespace: 'default' },
      spec: { selector: { app: 'echo' }, ports: [{ port: 80, targetPort: 7000 }] },
    },
  ] as never);
  await expect.poll(() => served.cluster.list('pods', 'default')[0]?.status).toMatchObject({ phase: 'Running' });
  const socket = connect(Number(new URL(served.url).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const upgrade = 'Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nAuthorization: Bearer secret\r\n\r\n';
  // The program sends back what it gets, the request's head first.
  socket.write(`GET ${NAMESPACE}/services/echo/proxy/chat?a=b HTTP/1.1\r\n${upgrade}hello`);

  await expect.poll(() => text).toMatch(/^GET \/chat\?a=b HTTP\/1\.1\r\n[^]*\r\n\r\nhello$/);
  expect(text).toContain('\r\nconnection: Upgrade\r\nupgrade: websocket\r\n');
  expect(text).not.toContain('secret');
  socket.write(' again');
  await expect.poll(() => text).toMatch(/hello again$/);
});

test('a request that changes protocols is refused where nobody is', async () => {
  const { url } = await serveShop();
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  socket.write(
    `GET ${NAMESPACE}/services/nobody/proxy/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
  );

  await expect.poll(() => text).toMatch(/^HTTP\/1\.1 503 [^]*no endpoints available for service \\"nobody\\"/);
});
