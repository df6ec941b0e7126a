import { createServer as createSecureServer } from 'node:https';
import { createServer } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { TestCluster, type TestPod } from '../containers/test-cluster.ts';
import { clientPod, listen, logLines, serve } from './mesh-pods.ts';
import { serverCertificate } from './server-certificate.ts';

/** Hosts that ServiceEntries bring into the mesh, and those that nobody did. */

let cluster: TestCluster;
let client: TestPod;
let other: TestPod;
let outside: TestPod;
const stored: [string, string, string][] = [];

function put(kind: string, path: string, spec: object): void {
  const [namespace = '', name = ''] = path.split('/');
  const plural = kind.endsWith('Entry') ? kind.toLowerCase().replace(/y$/, 'ies') : `${kind.toLowerCase()}s`;
  const resource = `${plural}.networking.istio.io`;
  cluster.objects.put(resource, { apiVersion: 'networking.istio.io/v1', kind, metadata: { name, namespace }, spec });
  stored.push([resource, namespace, name]);
}

async function get(url: string, pod = client, ...options: string[]): Promise<string> {
  const { stdout, status } = await pod.exec(['curl', '-sk', '-m', '5', '-w', ' %{http_code}', ...options, url]);
  return status === 0 ? stdout : `${stdout} exit ${status}`;
}

beforeAll(() => {
  cluster = new TestCluster();
  client = clientPod(cluster, 'shop', 'client');
  other = clientPod(cluster, 'bar', 'other');
  // Two servers that stand for what is outside: without sidecars.
  for (const name of ['ext-1', 'ext-2']) {
    outside = clientPod(cluster, 'legacy', name, false);
    const plain = createServer((request, response) =>
      response.end(`${name} ${request.headers.host} ${request.headers['x-envoy-decorator-operation'] ?? ''}`),
    );
    const { keyPem: key, certificatePem: cert } = serverCertificate('api.example.com');
    const secured = createSecureServer({ key, cert }, (_request, response) => response.end(`${name} secure`));
    listen(cluster, outside, 80, (connection) => void plain.emit('connection', connection));
    listen(cluster, outside, 443, (connection) => void secured.emit('connection', connection));
    cluster.service(name, {
      namespace: 'legacy',
      ports: [
        { name: 'http', port: 80, targetPort: 80 },
        { name: 'https', port: 443, targetPort: 443 },
      ],
      pods: [outside],
    });
  }
  serve(cluster, 'shop', 'inner', ['inner-1'], (request, response) => {
    response.end(request.headers['x-forwarded-client-cert'] === undefined ? 'plain' : 'mutual');
  });
});
afterAll(() => cluster.dispose());
afterEach(() => {
  for (const [resource, namespace, name] of stored.splice(0)) cluster.objects.remove(resource, namespace, name);
});

const PORTS = [
  { number: 80, name: 'http', protocol: 'HTTP' },
  { number: 443, name: 'tls', protocol: 'TLS' },
];
const external = (spec: object): void =>
  put('ServiceEntry', 'shop/api', {
    hosts: ['api.example.com'],
    location: 'MESH_EXTERNAL',
    ports: PORTS,
    resolution: 'DNS',
    endpoints: [{ address: 'ext-1.legacy.svc.cluster.local' }],
    ...spec,
  });

describe('a host of a ServiceEntry', () => {
  test('is not there without it', async () => {
    expect(await get('http://api.example.com/')).toBe(' 000 exit 6');
  });

  test('leads to the names of its endpoints, in plaintext, and is told who meant whom', async () => {
    external({});

    expect(await get('http://api.example.com/')).toBe('ext-1 api.example.com api.example.com:80/* 200');
    await expect
      .poll(() => logLines(client).at(-1))
      .toMatch(/ outbound\|80\|\|api\.example\.com 10\.244\.\d+\.\d+:\d+ 240\.240\.\d+\.\d+:80 /);
  });

  test('passes TLS on by the name in it', async () => {
    external({});

    expect(await get('https://api.example.com/')).toBe('ext-1 secure 200');
    await expect
      .poll(() => logLines(client).at(-1))
      .toMatch(/"- - -" 0 - - .* outbound\|443\|\|api\.example\.com .* api\.example\.com -$/);
  });

  test('with addresses of its own is there by them', async () => {
    external({
      addresses: ['192.0.2.7', '198.51.100.0/24'],
      resolution: 'STATIC',
      endpoints: [{ address: outside.ip }],
    });

    expect(await get('http://192.0.2.7/', client, '-H', 'Host: api.example.com')).toMatch(/^ext-2 .* 200$/);
    expect(await get('https://198.51.100.9/')).toBe('ext-2 secure 200');
  });

  test('without resolution leads where the client connects', async () => {
    external({ hosts: ['*.example.com'], resolution: 'NONE', endpoints: [] });

    expect(await get(`http://${outside.ip}/`, client, '-H', 'Host: any.example.com')).toMatch(
      /^ext-2 any\.example\.com .* 200$/,
    );
    await expect.poll(() => logLines(client).at(-1)).toContain(' outbound|80||*.example.com ');
  });

  test('with endpoints that nobody knows has none', async () => {
    external({ endpoints: [{ address: 'nowhere.example.com' }] });

    expect(await get('http://api.example.com/')).toBe('no healthy upstream 503');
  });

  test('may have other ports at its endpoints, and subsets by their labels', async () => {
    external({
      endpoints: [
        { address: 'ext-1.legacy.svc.cluster.local', ports: { http: 80 }, labels: { version: 'v1' } },
        { address: 'ext-2.legacy.svc.cluster.local', ports: { http: 80 }, labels: { version: 'v2' } },
      ],
      ports: [{ number: 8080, name: 'http', protocol: 'HTTP' }],
    });
    put('DestinationRule', 'shop/api', {
      host: 'api.example.com',
      subsets: [{ name: 'v2', labels: { version: 'v2' } }],
    });
    put('VirtualService', 'shop/api', {
      hosts: ['api.example.com'],
      http: [{ route: [{ destination: { host: 'api.example.com', subset: 'v2' } }], timeout: '3s' }],
    });

    const answers = new Set<string>();
    for (let index = 0; index < 4; index += 1) answers.add((await get('http://api.example.com:8080/')).slice(0, 5));

    expect([...answers]).toEqual(['ext-2']);
  });

  test('may be spoken to in TLS that the proxy adds', async () => {
    external({ ports: [{ number: 80, name: 'http', protocol: 'HTTP', targetPort: 443 }] });
    put('DestinationRule', 'shop/api', {
      host: 'api.example.com',
      trafficPolicy: { tls: { mode: 'SIMPLE', sni: 'api.example.com', insecureSkipVerify: true } },
    });

    expect(await get('http://api.example.com/')).toBe('ext-1 secure 200');
  });

  test('inside of the mesh is spoken to in mutual TLS, outside of it is not', async () => {
    const entry = {
      hosts: ['inner.test'],
      ports: [PORTS[0]],
      resolution: 'STATIC',
      workloadSelector: { labels: { app: 'inner' } },
    };
    put('ServiceEntry', 'shop/inner', { ...entry, location: 'MESH_INTERNAL' });
    expect(await get('http://inner.test/')).toBe('mutual 200');

    put('ServiceEntry', 'shop/inner', { ...entry, location: 'MESH_EXTERNAL' });
    expect(await get('http://inner.test/')).toBe('plain 200');
  });

  test('may have WorkloadEntries for endpoints, with ports and labels of their own', async () => {
    external({ endpoints: undefined, resolution: 'STATIC', workloadSelector: { labels: { app: 'api' } } });
    const workload = (name: string, spec: object): void => put('WorkloadEntry', `shop/${name}`, spec);
    workload('one', { address: outside.ip, ports: { http: 80 }, labels: { app: 'api', version: 'v2' } });
    workload('none', { address: '192.0.2.1', labels: { app: 'other' } });
    expect(await get('http://api.example.com/')).toMatch(/^ext-2 .* 200$/);

    put('DestinationRule', 'shop/api', {
      host: 'api.example.com',
      subsets: [{ name: 'v1', labels: { version: 'v1' } }],
    });
    put('VirtualService', 'shop/api', {
      hosts: ['api.example.com'],
      http: [{ route: [{ destination: { host: 'api.example.com', subset: 'v1' } }] }],
    });
    expect(await get('http://api.example.com/')).toBe('no healthy upstream 503');
  });

  test('is there for those that may see it, and in pods with a sidecar', async () => {
    external({ exportTo: ['.'] });

    expect(await get('http://api.example.com/')).toMatch(/ 200$/);
    expect(await get('http://api.example.com/', other)).toBe(' 000 exit 6');
    expect(await get('http://api.example.com/', outside)).toBe(' 000 exit 6');
  });
});

describe('where only the registry may be called', () => {
  const restrict = (): void => put('Sidecar', 'shop/default', { outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } });

  test('a host of a ServiceEntry is, and others are not', async () => {
    external({ addresses: ['192.0.2.7'] });
    restrict();

    expect(await get('http://192.0.2.7/', client, '-H', 'Host: api.example.com')).toMatch(/^ext-1 .* 200$/);
    expect(await get('https://api.example.com/')).toBe('ext-1 secure 200');
    expect(await get(`http://${outside.ip}/`, client, '-H', 'Host: other.example.com')).toBe(' 502');
    expect(await get(`https://${outside.ip}/`)).toBe(' 000 exit 35');
    await expect
      .poll(() => logLines(client).findLast((line) => line.includes('BlackHole')))
      .toMatch(/"- - -" 0 UH - - "-" 0 0 .* BlackHoleCluster - /);
  });

  test('the mesh itself can say so', async () => {
    const mesh = (mode: string): void => {
      cluster.objects.put('configmaps', {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'istio', namespace: 'istio-system' },
        data: { mesh: `accessLogFile: /dev/stdout\noutboundTrafficPolicy:\n  mode: ${mode}\n` },
      });
    };
    mesh('REGISTRY_ONLY');
    expect(await get(`http://${outside.ip}/`, client, '-H', 'Host: other.example.com')).toBe(' 502');
    expect(cluster.runtime.mesh.verdicts.entries().at(-1)).toMatchObject({
      code: 'outbound-blocked',
      kind: null,
      policy: 'istio-system/istio',
    });

    put('Sidecar', 'shop/default', { outboundTrafficPolicy: { mode: 'ALLOW_ANY' } });
    expect(await get(`http://${outside.ip}/`, client, '-H', 'Host: other.example.com')).toMatch(/ 200$/);
    mesh('ALLOW_ANY');
    cluster.objects.remove('configmaps', 'istio-system', 'istio');
  });
});
