import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { MeshEdge, MeshGraph } from '../../../../cluster/mesh/telemetry/mesh-graph.ts';
import { TestCluster, type TestPod } from '../../containers/test-cluster.ts';
import { parsePrometheus, type Sample } from './prometheus.ts';

/** What proxies count, over real connections, and the graph that is made of it. */

let cluster: TestCluster;
let pods: Record<'outside' | 'inside' | 'server' | 'strict' | 'plain' | 'redis', TestPod>;

function put(kind: string, namespace: string, name: string, spec: Record<string, unknown>): () => void {
  const group = /Authentication|Authorization/.test(kind) ? 'security.istio.io' : 'networking.istio.io';
  const resource = `${kind.toLowerCase().replace(/cy$/, 'cie')}s.${group}`;
  cluster.objects.put(resource, { apiVersion: `${group}/v1`, kind, metadata: { name, namespace }, spec });
  return () => cluster.objects.remove(resource, namespace, name);
}

function curl(pod: TestPod, url: string, options: { container?: string } = {}) {
  return pod.exec(['curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', url], options);
}

function graph(): MeshGraph {
  return cluster.runtime.mesh.observer.graph(60);
}

function edge(source: string, destination: string, protocol: MeshEdge['protocol'] = 'http'): MeshEdge | undefined {
  return graph().edges.find(
    (one) =>
      one.source === `workload ${source}` && one.destination.endsWith(` ${destination}`) && one.protocol === protocol,
  );
}

function samples(pod?: TestPod): Sample[] {
  return parsePrometheus(cluster.runtime.mesh.observer.metrics(pod?.object));
}

function requests(wanted: Record<string, string>): Sample[] {
  return samples().filter(
    ({ name, labels }) =>
      name === 'istio_requests_total' && Object.entries(wanted).every(([key, value]) => labels[key] === value),
  );
}

beforeAll(() => {
  cluster = new TestCluster();
});
afterAll(() => cluster.dispose());

let generation = 0;
/** Namespaces of its own for each test: what one counts the other does not see. */
let foo: string;
let legacy: string;
beforeEach(() => {
  generation += 1;
  foo = `foo${generation}`;
  legacy = `legacy${generation}`;
  const client = { image: 'curlimages/curl', command: ['/bin/sleep', 'infinity'], serviceAccount: 'sleep' };
  const httpbin = { image: 'kennethreitz/httpbin', namespace: foo, sidecar: true };
  const labels = { app: 'sleep' };
  pods = {
    outside: cluster.pod({ namespace: legacy, name: 'sleep', ...client }),
    inside: cluster.pod({ namespace: foo, name: 'sleep', sidecar: true, labels, ...client }),
    server: cluster.pod({
      name: 'httpbin',
      labels: { app: 'httpbin', version: 'v1' },
      serviceAccount: 'httpbin',
      ...httpbin,
    }),
    strict: cluster.pod({ name: 'strict', labels: { app: 'strict' }, serviceAccount: 'strict', ...httpbin }),
    plain: cluster.pod({ ...httpbin, namespace: legacy, name: 'plain', labels: { app: 'plain' }, sidecar: false }),
    redis: cluster.pod({ namespace: foo, name: 'redis', image: 'redis', labels: { app: 'redis' }, sidecar: true }),
  };
  const ports = [{ name: 'http', port: 8000, targetPort: 80 }];
  cluster.service('httpbin', { namespace: foo, ports, pods: [pods.server] });
  cluster.service('strict', { namespace: foo, ports, pods: [pods.strict] });
  cluster.service('plain', { namespace: legacy, ports, pods: [pods.plain] });
  cluster.service('empty', { namespace: foo, ports, pods: [] });
  cluster.service('redis', {
    namespace: foo,
    ports: [{ name: 'tcp-redis', port: 6379, targetPort: 6379 }],
    pods: [pods.redis],
  });
  put('PeerAuthentication', foo, 'strict', {
    selector: { matchLabels: { app: 'strict' } },
    mtls: { mode: 'STRICT' },
  });
});

describe('metrics', () => {
  test('a request over mutual TLS is counted by both ends, and only the destination knows that it was', async () => {
    await curl(pods.inside, `http://httpbin.${foo}:8000/status/418`);

    const common = {
      source_workload: 'sleep',
      source_workload_namespace: foo,
      source_principal: `spiffe://cluster.local/ns/${foo}/sa/sleep`,
      source_app: 'sleep',
      source_version: 'unknown',
      source_cluster: 'Kubernetes',
      source_canonical_service: 'sleep',
      source_canonical_revision: 'latest',
      destination_workload: 'httpbin',
      destination_workload_namespace: foo,
      destination_principal: `spiffe://cluster.local/ns/${foo}/sa/httpbin`,
      destination_app: 'httpbin',
      destination_version: 'v1',
      destination_service: `httpbin.${foo}.svc.cluster.local`,
      destination_service_name: 'httpbin',
      destination_service_namespace: foo,
      destination_cluster: 'Kubernetes',
      destination_canonical_service: 'httpbin',
      destination_canonical_revision: 'v1',
      request_protocol: 'http',
      response_code: '418',
      response_flags: '-',
    };
    await expect.poll(() => requests({ source_workload_namespace: foo })).toHaveLength(2);
    expect(requests({ source_workload_namespace: foo })).toEqual(
      expect.arrayContaining([
        {
          name: 'istio_requests_total',
          labels: { reporter: 'source', connection_security_policy: 'unknown', ...common },
          value: 1,
        },
        {
          name: 'istio_requests_total',
          labels: { reporter: 'destination', connection_security_policy: 'mutual_tls', ...common },
          value: 1,
        },
      ]),
    );
  });

  test('a client without a sidecar is unknown, and so is who it was', async () => {
    await curl(pods.outside, `http://httpbin.${foo}:8000/get`);

    await expect.poll(() => requests({ destination_workload_namespace: foo })).toHaveLength(1);
    expect(requests({ destination_workload_namespace: foo })[0]?.labels).toMatchObject({
      reporter: 'destination',
      source_workload: 'unknown',
      source_workload_namespace: 'unknown',
      source_principal: 'unknown',
      source_app: 'unknown',
      destination_principal: 'unknown',
      destination_service: `httpbin.${foo}.svc.cluster.local`,
      connection_security_policy: 'none',
    });
  });

  test('a source knows the workload of an endpoint without a sidecar', async () => {
    await curl(pods.inside, `http://plain.${legacy}:8000/get`);

    await expect.poll(() => requests({ source_workload_namespace: foo })).toHaveLength(1);
    expect(requests({ source_workload_namespace: foo })[0]?.labels).toMatchObject({
      reporter: 'source',
      destination_workload: 'plain',
      destination_principal: 'unknown',
      source_principal: 'unknown',
    });
  });

  test('times and sizes are histograms with Istio’s bounds', async () => {
    const url = `http://httpbin.${foo}:8000/html`;
    const { stdout } = await pods.inside.exec(['curl', '-s', '-o', '/dev/null', '-w', '%{size_download}', url]);
    const size = Number(stdout);

    const of = (name: string) => samples(pods.inside).filter((sample) => sample.name === name);
    await expect.poll(() => of('istio_response_bytes_sum')[0]?.value).toBe(size);
    expect(of('istio_response_bytes_bucket').map(({ labels, value }) => [labels['le'], value])).toEqual([
      ...[0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000].map(
        (bound) => [String(bound), bound >= size ? 1 : 0],
      ),
      ['1800000', 1],
      ['3600000', 1],
      ['+Inf', 1],
    ]);
    expect(size).toBeGreaterThan(0.5);
    expect(of('istio_request_duration_milliseconds_count')[0]?.value).toBe(1);
    expect(of('istio_request_bytes_count')[0]?.value).toBe(1);
  });

  test('a connection of bytes is counted when it opens, its bytes while it is open, and its end', async () => {
    const terminal = pods.inside.terminal(['sh', '-c', `(echo PING; sleep 600) | nc redis.${foo} 6379`]);
    await terminal.until('PONG');

    const of = (name: string) =>
      samples(pods.redis).find((sample) => sample.name === name && sample.labels['reporter'] === 'destination')?.value;
    expect(of('istio_tcp_connections_opened_total')).toBe(1);
    expect(of('istio_tcp_connections_closed_total')).toBe(0);
    expect(of('istio_tcp_received_bytes_total')).toBe('PING\n'.length);
    expect(of('istio_tcp_sent_bytes_total')).toBe('+PONG\r\n'.length);
    terminal.type('\u0003');
    await terminal.exited;
    await expect.poll(() => of('istio_tcp_connections_closed_total')).toBe(1);
    expect(of('istio_tcp_received_bytes_total')).toBe('PING\n'.length);
  });

  test('each sidecar serves what it has counted, at Envoy’s port and at the agent’s', async () => {
    await curl(pods.inside, `http://httpbin.${foo}:8000/get`);
    await expect.poll(() => requests({ source_workload_namespace: foo })).toHaveLength(2);

    const scrape = async (url: string): Promise<string> => (await pods.outside.exec(['curl', '-s', '-i', url])).stdout;
    for (const port of [15_090, 15_020]) {
      const text = await scrape(`http://${pods.server.ip}:${port}/stats/prometheus`);
      expect(text).toContain('content-type: text/plain; version=0.0.4; charset=utf-8');
      const counted = parsePrometheus(text.slice(text.indexOf('\r\n\r\n') + 4));
      expect(
        counted.filter(({ name }) => name === 'istio_requests_total').map(({ labels }) => labels['reporter']),
      ).toEqual(['destination']);
      expect(counted.find(({ name }) => name === 'istio_build')?.labels).toEqual({
        component: 'proxy',
        tag: '1.27.0',
      });
    }
    expect(await scrape(`http://${pods.server.ip}:15090/nothing`)).toContain('404');
  });
});

describe('the graph', () => {
  test('shows every workload, also before there is traffic, and whether it has a sidecar', () => {
    const own = graph().nodes.filter(({ namespace }) => namespace === foo || namespace === legacy);

    expect(own.map(({ id, kind, sidecar, pods: count }) => [id, kind, sidecar, count])).toEqual([
      [`workload ${foo}/httpbin`, 'workload', true, 1],
      [`workload ${foo}/redis`, 'workload', true, 1],
      [`workload ${foo}/sleep`, 'workload', true, 1],
      [`workload ${foo}/strict`, 'workload', true, 1],
      [`workload ${legacy}/plain`, 'workload', false, 1],
      [`workload ${legacy}/sleep`, 'workload', false, 1],
    ]);
    expect(graph().edges.filter(({ source }) => source.includes(foo))).toEqual([]);
  });

  test('counts a request that both ends report once, with both identities', async () => {
    for (let round = 0; round < 3; round += 1) await curl(pods.inside, `http://httpbin.${foo}:8000/get`);

    await expect.poll(() => edge(`${foo}/sleep`, `${foo}/httpbin`)?.mutual).toEqual({ count: 3, of: 3 });
    expect(edge(`${foo}/sleep`, `${foo}/httpbin`)).toMatchObject({
      count: 3,
      recent: 3,
      errors: 0,
      responses: [{ code: 200, flags: '-', count: 3 }],
      unknownToIstio: false,
      sourceIdentity: `spiffe://cluster.local/ns/${foo}/sa/sleep`,
      destinationIdentity: `spiffe://cluster.local/ns/${foo}/sa/httpbin`,
      services: [`httpbin.${foo}.svc.cluster.local`],
      verdicts: [],
    });
    const { points } = graph().nodes.find(({ id }) => id === `workload ${foo}/httpbin`) ?? {};
    const sum = (list: number[] = []) => list.reduce((total, one) => total + one, 0);
    expect([sum(points?.requests), sum(points?.successes), sum(points?.mutual)]).toEqual([3, 3, 3]);
  });

  test('names the pod of a client that Istio does not know, and says so', async () => {
    await curl(pods.outside, `http://httpbin.${foo}:8000/get`);

    await expect.poll(() => edge(`${legacy}/sleep`, `${foo}/httpbin`)?.count).toBe(1);
    expect(edge(`${legacy}/sleep`, `${foo}/httpbin`)).toMatchObject({
      unknownToIstio: true,
      mutual: { count: 0, of: 1 },
      sourceIdentity: null,
    });
  });

  test('tells a request from inside of the proxy’s container from those that go through the proxy', async () => {
    await curl(pods.inside, `http://httpbin.${foo}:8000/get`, { container: 'istio-proxy' });
    await curl(pods.inside, `http://httpbin.${foo}:8000/get`);

    const own = () => graph().edges.filter(({ source }) => source === `workload ${foo}/sleep`);
    await expect.poll(() => own().map(({ count }) => count)).toEqual([1, 1]);
    expect(own().map(({ unknownToIstio, mutual }) => [unknownToIstio, mutual.count])).toEqual([
      [false, 1],
      [true, 0],
    ]);
  });

  test('draws a refused plaintext connection, which no metric counts, with its verdict', async () => {
    const { status, stdout } = await curl(pods.outside, `http://strict.${foo}:8000/get`);

    expect([status, stdout]).toEqual([56, '000']);
    await expect.poll(() => edge(`${legacy}/sleep`, `${foo}/strict`, 'refused')).toBeDefined();
    expect(edge(`${legacy}/sleep`, `${foo}/strict`, 'refused')).toMatchObject({
      count: 1,
      recent: 1,
      verdicts: [
        {
          count: 1,
          verdict: { code: 'plaintext-refused', kind: 'PeerAuthentication', policy: `${foo}/strict`, mode: 'STRICT' },
        },
      ],
    });
    expect(edge(`${legacy}/sleep`, `${foo}/strict`)).toBeUndefined();
    expect(requests({ destination_workload: 'strict', destination_workload_namespace: foo })).toEqual([]);
  });

  test('a request that is answered right after does not take the refused connection for itself', async () => {
    await curl(pods.outside, `http://strict.${foo}:8000/get`);
    expect((await curl(pods.inside, `http://strict.${foo}:8000/get`)).stdout).toBe('200');

    await expect.poll(() => edge(`${foo}/sleep`, `${foo}/strict`)?.count).toBe(1);
    expect(edge(`${foo}/sleep`, `${foo}/strict`)?.verdicts).toEqual([]);
    expect(edge(`${legacy}/sleep`, `${foo}/strict`, 'refused')?.count).toBe(1);
  });

  test('still names a refused client whose pod is gone', async () => {
    await curl(pods.outside, `http://strict.${foo}:8000/get`);
    cluster.objects.remove('pods', legacy, 'sleep');

    await expect.poll(() => edge(`${legacy}/sleep`, `${foo}/strict`, 'refused')?.count).toBe(1);
    expect(graph().nodes.find(({ id }) => id === `workload ${legacy}/sleep`)).toMatchObject({
      pods: 0,
      sidecar: false,
    });
  });

  test('explains a failed request of a sidecar at its own edge', async () => {
    const remove = put('DestinationRule', foo, 'off', {
      host: 'strict',
      trafficPolicy: { tls: { mode: 'DISABLE' } },
    });
    expect((await curl(pods.inside, `http://strict.${foo}:8000/get`)).stdout).toBe('503');
    remove();

    await expect.poll(() => edge(`${foo}/sleep`, `${foo}/strict`)?.errors).toBe(1);
    const failed = edge(`${foo}/sleep`, `${foo}/strict`);
    expect(failed?.responses).toEqual([{ code: 503, flags: 'UC', count: 1 }]);
    expect(failed?.verdicts.map(({ verdict }) => [verdict.code, verdict.policy]).toSorted()).toEqual([
      ['plaintext-refused', `${foo}/strict`],
      ['upstream-failed', `${foo}/off`],
    ]);
    expect(edge(`${foo}/sleep`, `${foo}/strict`, 'refused')).toBeUndefined();
  });

  test('explains a request that a policy denies', async () => {
    const remove = put('AuthorizationPolicy', foo, 'nobody', { selector: { matchLabels: { app: 'httpbin' } } });
    expect((await curl(pods.inside, `http://httpbin.${foo}:8000/get`)).stdout).toBe('403');
    remove();

    await expect.poll(() => edge(`${foo}/sleep`, `${foo}/httpbin`)?.verdicts).toHaveLength(1);
    const denied = edge(`${foo}/sleep`, `${foo}/httpbin`);
    expect(denied).toMatchObject({ count: 1, errors: 1, mutual: { count: 1, of: 1 } });
    expect(denied?.verdicts[0]?.verdict).toMatchObject({
      code: 'authorization-not-allowed',
      policy: `${foo}/nobody`,
    });
  });

  test('leads to the service where no pod was reached, and says why', async () => {
    expect((await curl(pods.inside, `http://empty.${foo}:8000/get`)).stdout).toBe('503');

    await expect.poll(() => edge(`${foo}/sleep`, `${foo}/empty`)?.errors).toBe(1);
    const failed = edge(`${foo}/sleep`, `${foo}/empty`);
    expect(graph().nodes.find(({ id }) => id === failed?.destination)).toMatchObject({ kind: 'service', pods: 0 });
    expect(failed?.verdicts[0]?.verdict.code).toBe('no-endpoints');
  });

  test('has bytes in an edge of their own, with a padlock', async () => {
    await pods.inside.sh(`echo PING | nc -w 1 redis.${foo} 6379`);

    await expect.poll(() => edge(`${foo}/sleep`, `${foo}/redis`, 'tcp')?.mutual).toEqual({ count: 1, of: 1 });
    expect(edge(`${foo}/sleep`, `${foo}/redis`, 'tcp')).toMatchObject({ count: 1, errors: 0, meanMs: null });
  });

  test('shows bytes in plaintext once, though the server does not know whose they are, and past the proxy apart', async () => {
    put('DestinationRule', foo, 'redis', {
      host: `redis.${foo}.svc.cluster.local`,
      trafficPolicy: { tls: { mode: 'DISABLE' } },
    });
    const own = () => graph().edges.filter(({ source }) => source === `workload ${foo}/sleep`);

    // Redis takes it for a command that it does not know.
    await curl(pods.inside, `http://redis.${foo}:6379`, { container: 'istio-proxy' });
    await expect.poll(() => own().map((one) => [one.unknownToIstio, one.count])).toEqual([[true, 1]]);
    for (let round = 0; round < 2; round += 1) await pods.inside.sh(`echo PING | nc -w 1 redis.${foo} 6379`);

    await expect.poll(() => own().map(({ mutual }) => mutual)).toEqual([{ count: 0, of: 3 }]);
    expect(own()).toMatchObject([{ protocol: 'tcp', count: 2, unknownToIstio: false }]);
  });
});
