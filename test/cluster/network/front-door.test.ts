import { afterEach, beforeEach, expect, test } from 'vitest';
import { createCluster, type Cluster, type KubernetesObject } from '../../../cluster/index.ts';
import { systemClock } from '../../../server/clock.ts';

const OBJECTS = [
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'default', labels: { app: 'web' } },
    spec: { containers: [{ name: 'web', image: 'nginx' }] },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 8080, targetPort: 80, nodePort: 30080 }] },
  },
  {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Gateway',
    metadata: { name: 'shop', namespace: 'default' },
    spec: {
      selector: { istio: 'ingressgateway' },
      servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['shop.example.com', '*.shop.org'] }],
    },
  },
  {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'shop', namespace: 'default' },
    spec: {
      hosts: ['shop.example.com', 'a.shop.org'],
      gateways: ['shop'],
      http: [{ route: [{ destination: { host: 'web', port: { number: 8080 } } }] }],
    },
  },
] as KubernetesObject[];

let cluster: Cluster;
beforeEach(() => {
  cluster = createCluster({
    clock: systemClock,
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  });
  cluster.apply(OBJECTS);
});
afterEach(() => cluster.dispose());

/** Status line of the answer to a GET, or the code of the error that dialling ends with; null where nobody is dialled. */
async function get(host: string, port: number, hostHeader = host): Promise<string | null> {
  const dialled = cluster.dial(host, port);
  if (dialled === null) return null;
  try {
    const connection = await dialled;
    connection.write(`GET / HTTP/1.1\r\nhost: ${hostHeader}\r\nconnection: close\r\n\r\n`);
    let answer = '';
    for await (const chunk of connection as AsyncIterable<Buffer>) answer += chunk.toString('latin1');
    return answer.slice(0, answer.indexOf('\r\n'));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

const serviceIp = (): string =>
  (cluster.get('services', 'default', 'web') as unknown as { spec: { clusterIP: string } }).spec.clusterIP;

test('a service is reached by its cluster IP and by its node port', async () => {
  await expect.poll(() => get(serviceIp(), 8080)).toBe('HTTP/1.1 200 OK');

  expect(await get('172.18.0.2', 30080)).toBe('HTTP/1.1 200 OK');
  expect(await get('172.18.0.2', 30081)).toBe('ECONNREFUSED');
});

test('hosts of gateways lead to the ingress gateway, and other names nowhere', async () => {
  await expect.poll(() => get('shop.example.com', 80)).toBe('HTTP/1.1 200 OK');

  expect(await get('a.shop.org', 80)).toBe('HTTP/1.1 200 OK');
  expect(await get('b.shop.org', 80)).toBe('HTTP/1.1 404 Not Found');
  expect(await get('shop.org', 80)).toBeNull();
  expect(await get('www.example.com', 80)).toBeNull();
  expect(await get('127.0.0.1', 80)).toBeNull();
  expect(await get('93.184.216.34', 80)).toBeNull();
});

test('the ingress gateway has an address, and refuses ports that no Gateway opens', async () => {
  await expect.poll(() => get('shop.example.com', 80)).toBe('HTTP/1.1 200 OK');
  const address = cluster.ingressAddress() ?? '';

  expect(await get(address, 80, 'shop.example.com')).toBe('HTTP/1.1 200 OK');
  expect(await get(address, 443)).toBe('ECONNREFUSED');
});
