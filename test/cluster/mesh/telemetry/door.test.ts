import { expect, test, vi } from 'vitest';
import { ISTIO_VERSIONS, type KubernetesObject } from '../../../../cluster/index.ts';
import { createKubectl, hasKubectl, serveCluster } from '../../serve-cluster.ts';
import { parsePrometheus } from './prometheus.ts';

/** The graph and the metrics of a whole cluster, from its API and from its door. */

const NAMESPACE = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'foo', labels: { 'istio-injection': 'enabled' } },
};

function pod(name: string, namespace: string, image: string): KubernetesObject {
  const container = { name, image, ...(image === 'curlimages/curl' ? { command: ['sleep', 'infinity'] } : {}) };
  const annotations = { 'sidecar.istio.io/inject': 'true' };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { app: name }, ...(namespace === 'foo' ? { annotations } : {}) },
    spec: { containers: [container] },
  } as KubernetesObject;
}

const SERVICE = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'httpbin', namespace: 'foo' },
  spec: { selector: { app: 'httpbin' }, ports: [{ name: 'http', port: 8000, targetPort: 80 }] },
} as KubernetesObject;

test.skipIf(!hasKubectl()).each(ISTIO_VERSIONS.map((istio) => ({ istio })))(
  'in Istio $istio a request is an edge and a metric',
  async ({ istio }) => {
    const { cluster, url } = await serveCluster({ istio });
    const kubectl = createKubectl(url);
    cluster.apply([
      NAMESPACE,
      pod('curl', 'foo', 'curlimages/curl'),
      pod('httpbin', 'foo', 'kennethreitz/httpbin'),
      SERVICE,
    ]);
    await kubectl('-n foo wait pod --all --for=condition=Ready --timeout=60s'.split(' '));
    const command = '-n foo exec curl -c curl -- curl -s -o /dev/null -w %{http_code} http://httpbin:8000/get';
    const { stdout } = await kubectl(command.split(' '));

    // Maistra's mesh is STRICT, with the rule that goes with it.
    expect(stdout).toBe('200');
    const edges = () => cluster.meshGraph(60)?.edges ?? [];
    await expect.poll(() => edges()).toHaveLength(1);
    expect(edges()[0]).toMatchObject({
      source: 'workload foo/curl',
      destination: 'workload foo/httpbin',
      protocol: 'http',
      count: 1,
      errors: 0,
      services: ['httpbin.foo.svc.cluster.local'],
    });
    const isMutual = istio !== '1.0' && istio !== '1.4';
    await expect.poll(() => edges()[0]?.mutual).toEqual({ count: isMutual ? 1 : 0, of: 1 });

    const raw = parsePrometheus((await kubectl(['get', '--raw', '/metrics'])).stdout);
    const labels = raw.filter(({ name }) => name === 'istio_requests_total').map((sample) => sample.labels);
    expect(labels.map(({ reporter }) => reporter).toSorted()).toEqual(['destination', 'source']);
    const reported = labels.find(({ reporter }) => reporter === 'destination');
    expect(reported?.['connection_security_policy']).toBe(isMutual ? 'mutual_tls' : 'none');
    // Mixer had no canonical services, and principals without their scheme.
    const isMixer = ['1.0', '1.1', '1.4'].includes(istio);
    expect('source_canonical_service' in (reported ?? {})).toBe(!isMixer);
    if (istio === '1.1') expect(reported?.['source_principal']).toBe('cluster.local/ns/foo/sa/default');
    if (istio === '1.6') expect(reported?.['source_principal']).toBe('spiffe://cluster.local/ns/foo/sa/default');
  },
);

test.each(ISTIO_VERSIONS.map((istio) => ({ istio })))(
  'the status of a fresh mesh of Istio $istio',
  async ({ istio }) => {
    const { cluster } = await serveCluster({ istio });
    const graph = cluster.meshGraph(60);

    const expected = {
      '1.0': { status: 'partial', server: 'PERMISSIVE', client: null },
      '1.1': { status: 'enabled', server: 'STRICT', client: 'ISTIO_MUTUAL' },
      '1.4': { status: 'partial', server: 'PERMISSIVE', client: null },
      '1.6': { status: 'not-enabled', server: null, client: null },
      current: { status: 'not-enabled', server: null, client: null },
    }[istio];
    const { status, server, client } = graph?.mesh ?? {};
    expect({ status, server: server?.mode ?? null, client: client?.mode ?? null }).toEqual(expected);
    expect(graph?.automatic).toBe(istio === '1.6' || istio === 'current');
  },
);

test('a cluster without a mesh has no graph and no metrics', async () => {
  const { cluster, request } = await serveCluster({ mesh: false });

  expect(cluster.meshGraph(60)).toBeNull();
  expect(cluster.metrics()).toBe('');
  expect((await request('GET', '/metrics')).status).toBe(200);
});

test('what passes through the ingress gateway is an edge from it, and its own pod shows only then', async () => {
  const { cluster } = await serveCluster();
  const names = () => cluster.meshGraph(60)?.nodes.map(({ id }) => id) ?? [];
  cluster.apply([
    NAMESPACE,
    pod('httpbin', 'foo', 'kennethreitz/httpbin'),
    SERVICE,
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'Gateway',
      metadata: { name: 'gate', namespace: 'foo' },
      spec: {
        selector: { istio: 'ingressgateway' },
        servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['shop.example.com'] }],
      },
    } as KubernetesObject,
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: 'shop', namespace: 'foo' },
      spec: {
        hosts: ['shop.example.com'],
        gateways: ['gate'],
        http: [{ route: [{ destination: { host: 'httpbin', port: { number: 8000 } } }] }],
      },
    } as KubernetesObject,
  ]);
  await vi.waitFor(() => {
    const ready = cluster
      .list('pods')
      .filter(({ metadata }) => ['foo', 'istio-system'].includes(metadata.namespace ?? ''))
      .map((one) => (one as { status?: { containerStatuses?: { ready: boolean }[] } }).status?.containerStatuses ?? []);
    expect(ready.length).toBeGreaterThan(1);
    for (const statuses of ready) expect(statuses.every((status) => status.ready) && statuses.length > 0).toBe(true);
    expect(cluster.ingressAddress()).not.toBeNull();
    // The service hears of its ready pod a little later.
    const slices = cluster.list('endpointslices.discovery.k8s.io', 'foo') as readonly {
      endpoints?: { conditions?: { ready?: boolean } }[];
    }[];
    const endpoints = slices.flatMap((slice) => slice.endpoints ?? []);
    expect(endpoints.map(({ conditions }) => conditions?.ready)).toEqual([true]);
  }, 30_000);
  expect(names()).toEqual(['workload foo/httpbin']);

  const connection = await cluster.dial('shop.example.com', 80);
  connection?.write('GET /get HTTP/1.1\r\nhost: shop.example.com\r\nconnection: close\r\n\r\n');
  const chunks: Buffer[] = [];
  for await (const chunk of connection as AsyncIterable<Buffer>) chunks.push(chunk);

  expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 200 OK/);
  await expect.poll(() => cluster.meshGraph(60)?.edges[0]?.mutual.count).toBe(1);
  expect(cluster.meshGraph(60)?.edges).toMatchObject([
    {
      source: 'workload istio-system/istio-ingressgateway',
      destination: 'workload foo/httpbin',
      count: 1,
      sourceIdentity: 'spiffe://cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account',
    },
  ]);
  const gateway = cluster.meshGraph(60)?.nodes.find(({ kind }) => kind === 'gateway');
  expect(gateway).toMatchObject({ name: 'istio-ingressgateway', pods: 1 });
});
