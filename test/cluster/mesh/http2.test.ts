import { connect, createServer, type ClientHttp2Session } from 'node:http2';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { TestCluster, type TestPod } from '../containers/test-cluster.ts';
import { clientPod, listen, logLines } from './mesh-pods.ts';

/** HTTP/2, as gRPC speaks it: whole connections pass, with what can be said of connections. */

let cluster: TestCluster;
let client: TestPod;
let server: TestPod;
const stored: [string, string, string][] = [];

function put(resource: string, kind: string, name: string, spec: object): void {
  const group = resource.split('.').slice(1).join('.');
  cluster.objects.put(resource, { apiVersion: `${group}/v1`, kind, metadata: { name, namespace: 'shop' }, spec });
  stored.push([resource, 'shop', name]);
}

/** Status of one request over a connection of its own; `closed` when there was no answer. */
async function ask(pod: TestPod, port: number): Promise<string> {
  const network = cluster.runtime.network.at(pod.ip);
  const [ip = ''] = network?.resolve('api.shop')?.addresses ?? [];
  const connection = await network?.connect({ ip, port });
  if (connection === undefined) throw new Error('no network');
  let session: ClientHttp2Session | undefined;
  try {
    return await new Promise<string>((resolve) => {
      session = connect('http://api.shop', { createConnection: () => connection });
      session.on('error', () => resolve('closed'));
      session.on('close', () => resolve('closed'));
      const request = session.request({ ':path': '/hello', 'content-type': 'application/grpc' });
      request.on('response', (headers) => resolve(String(headers[':status'])));
      request.on('error', () => resolve('closed'));
    });
  } finally {
    session?.destroy();
    connection.destroy();
  }
}

beforeAll(() => {
  cluster = new TestCluster();
  client = clientPod(cluster, 'shop', 'client');
  server = clientPod(cluster, 'shop', 'api');
  const program = createServer();
  program.on('stream', (stream) => {
    stream.respond({ ':status': 202 });
    stream.end('hello');
  });
  program.on('session', (session) => session.on('error', () => {}));
  for (const port of [50_051, 8080])
    listen(cluster, server, port, (connection) => void program.emit('connection', connection));
  cluster.service('api', {
    namespace: 'shop',
    ports: [
      { name: 'grpc', port: 50_051, targetPort: 50_051 },
      { name: 'http', port: 80, targetPort: 8080 },
    ],
    pods: [server],
  });
});
afterAll(() => cluster.dispose());
afterEach(() => {
  for (const [resource, namespace, name] of stored.splice(0)) cluster.objects.remove(resource, namespace, name);
});

test.each([50_051, 80])('passes through both sidecars, to port %i, in mutual TLS', async (port) => {
  put('peerauthentications.security.istio.io', 'PeerAuthentication', 'strict', { mtls: { mode: 'STRICT' } });

  expect(await ask(client, port)).toBe('202');
  await expect
    .poll(() => logLines(server).at(-1))
    .toMatch(
      new RegExp(
        `"- - -" 0 - - - "-" [1-9]\\d* [1-9]\\d* .* outbound_\\.${port}_\\._\\.api\\.shop\\.svc\\.cluster\\.local -$`,
      ),
    );
});

test('is judged as a connection: by who asks, and a rule of methods allows nobody', async () => {
  const allow = (rule: object): void =>
    put('authorizationpolicies.security.istio.io', 'AuthorizationPolicy', 'allow', { rules: [rule] });

  allow({ from: [{ source: { principals: ['cluster.local/ns/shop/sa/client'] } }] });
  expect(await ask(client, 50_051)).toBe('202');
  allow({ from: [{ source: { principals: ['cluster.local/ns/shop/sa/other'] } }] });
  expect(await ask(client, 50_051)).toBe('closed');
  allow({ to: [{ operation: { methods: ['POST'] } }] });
  expect(await ask(client, 50_051)).toBe('closed');
});

test('follows no route, and the proxy says so once', async () => {
  put('virtualservices.networking.istio.io', 'VirtualService', 'api', {
    hosts: ['api'],
    http: [
      { fault: { abort: { httpStatus: 500, percentage: { value: 100 } } }, route: [{ destination: { host: 'api' } }] },
    ],
  });

  expect(await ask(client, 80)).toBe('202');
  expect(await ask(client, 80)).toBe('202');
  expect(logLines(client).filter((line) => line.startsWith('warning: '))).toEqual([
    'warning: VirtualService shop/api is passed over for HTTP/2 to api.shop.svc.cluster.local:80, which passes as bytes: its requests are not routed here',
  ]);
});
