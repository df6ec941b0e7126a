import { afterEach, expect, test } from 'vitest';
import type { IstioVersion } from '../../../cluster/index.ts';
import { TestCluster, type TestPod } from '../containers/test-cluster.ts';

/** What a proxy tells of its own counting at localhost:15000. */

let cluster: TestCluster;
afterEach(() => cluster.dispose());

const KEEP_OUTBOUND = {
  'proxy.istio.io/config':
    'proxyStatsMatcher:\n  inclusionPrefixes: [cluster.outbound]\n  inclusionRegexps: [listener.*]\n',
};

function shop(annotations: Record<string, string> = KEEP_OUTBOUND, istio: IstioVersion = 'current'): TestPod {
  cluster = new TestCluster(undefined, [], istio);
  const server = cluster.pod({
    namespace: 'foo',
    image: 'kennethreitz/httpbin',
    labels: { app: 'web' },
    annotations,
    sidecar: true,
    serviceAccount: 'web',
  });
  const ports = [{ name: 'http', port: 8000, targetPort: 80 }];
  cluster.service('web', { namespace: 'foo', ports, pods: [server], clusterIP: '10.96.7.7' });
  cluster.service('none', { namespace: 'foo', ports, pods: [] });
  const command = ['/bin/sleep', 'infinity'];
  return cluster.pod({ namespace: 'foo', image: 'curlimages/curl', command, annotations, sidecar: true });
}

async function stats(pod: TestPod, query: string): Promise<string[]> {
  const { stdout } = await pod.exec(['curl', '-s', `http://localhost:15000/stats${query}`]);
  return stdout.trimEnd().split('\n');
}

const code = async (pod: TestPod, url: string): Promise<string> =>
  (await pod.exec(['curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', url])).stdout;

test('counts requests and connections of each cluster, by the names of Envoy', async () => {
  const client = shop();

  expect(await code(client, 'http://web:8000/status/200')).toBe('200');
  expect(await code(client, 'http://web:8000/status/418')).toBe('418');
  expect(await code(client, 'http://none:8000/')).toBe('503');

  const of = (name: string): string => `cluster.outbound|8000||${name}.foo.svc.cluster.local;.`;
  expect(await stats(client, '?usedonly&filter=web.*(upstream|ssl)')).toEqual([
    `${of('web')}ssl.handshake: 1`,
    `${of('web')}upstream_cx_active: 1`,
    `${of('web')}upstream_cx_http1_total: 1`,
    `${of('web')}upstream_cx_total: 1`,
    `${of('web')}upstream_rq_200: 1`,
    `${of('web')}upstream_rq_2xx: 1`,
    `${of('web')}upstream_rq_418: 1`,
    `${of('web')}upstream_rq_4xx: 1`,
    `${of('web')}upstream_rq_completed: 2`,
    `${of('web')}upstream_rq_pending_total: 1`,
    `${of('web')}upstream_rq_total: 2`,
  ]);
  expect(await stats(client, '?usedonly&filter=none.*upstream')).toEqual([
    `${of('none')}upstream_cx_none_healthy: 1`,
    `${of('none')}upstream_rq_503: 1`,
    `${of('none')}upstream_rq_5xx: 1`,
    `${of('none')}upstream_rq_completed: 1`,
  ]);
  expect(await stats(client, '/prometheus')).toEqual(
    expect.arrayContaining([
      '# TYPE envoy_cluster_upstream_rq counter',
      'envoy_cluster_upstream_rq{response_code="418",cluster_name="outbound|8000||web.foo.svc.cluster.local"} 1',
    ]),
  );
});

test('counts what each endpoint got, and shows what a cluster may have', async () => {
  const client = shop({});
  cluster.objects.put('destinationrules.networking.istio.io', {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: 'web', namespace: 'foo' },
    spec: { host: 'web', trafficPolicy: { connectionPool: { tcp: { maxConnections: 7 } } } },
  });
  await code(client, 'http://web:8000/status/200');
  await code(client, 'http://web:8000/status/500');

  const { stdout } = await client.exec(['curl', '-s', 'http://localhost:15000/clusters']);

  const prefix = 'outbound|8000||web.foo.svc.cluster.local::';
  const lines = stdout.split('\n').filter((line) => line.startsWith(prefix));
  expect(lines.map((line) => line.slice(prefix.length))).toEqual([
    'observability_name::outbound|8000||web.foo.svc.cluster.local',
    'default_priority::max_connections::7',
    'default_priority::max_pending_requests::4294967295',
    'default_priority::max_requests::4294967295',
    'default_priority::max_retries::4294967295',
    'high_priority::max_connections::1024',
    'high_priority::max_pending_requests::1024',
    'high_priority::max_requests::1024',
    'high_priority::max_retries::3',
    'added_via_api::true',
    '10.244.0.1:80::cx_active::1',
    '10.244.0.1:80::cx_connect_fail::0',
    '10.244.0.1:80::cx_total::1',
    '10.244.0.1:80::rq_active::0',
    '10.244.0.1:80::rq_error::1',
    '10.244.0.1:80::rq_success::1',
    '10.244.0.1:80::rq_timeout::0',
    '10.244.0.1:80::rq_total::2',
    '10.244.0.1:80::hostname::',
    '10.244.0.1:80::health_flags::healthy',
    '10.244.0.1:80::weight::1',
    '10.244.0.1:80::region::',
    '10.244.0.1:80::zone::',
    '10.244.0.1:80::sub_zone::',
    '10.244.0.1:80::canary::false',
    '10.244.0.1:80::priority::0',
    '10.244.0.1:80::success_rate::-1',
    '10.244.0.1:80::local_origin_success_rate::-1',
  ]);
});

test('shows a circuit breaker as Istio’s task looks at it', async () => {
  const client = shop();
  cluster.objects.put('destinationrules.networking.istio.io', {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: 'web', namespace: 'foo' },
    spec: {
      host: 'web',
      trafficPolicy: { connectionPool: { tcp: { maxConnections: 1 }, http: { http1MaxPendingRequests: 1 } } },
    },
  });

  const all = await Promise.all([1, 2, 3, 4].map(async () => code(client, 'http://web:8000/delay/0.5')));

  const refused = all.filter((status) => status === '503').length;
  expect(refused).toBeGreaterThan(0);
  const prefix = 'cluster.outbound|8000||web.foo.svc.cluster.local;.';
  expect(await stats(client, '?filter=web.*pending')).toEqual([
    `${prefix}circuit_breakers.default.remaining_pending: 1`,
    `${prefix}circuit_breakers.default.rq_pending_open: 0`,
    `${prefix}circuit_breakers.high.rq_pending_open: 0`,
    `${prefix}upstream_rq_pending_active: 0`,
    `${prefix}upstream_rq_pending_failure_eject: 0`,
    `${prefix}upstream_rq_pending_overflow: ${refused}`,
    expect.stringMatching(/;\.upstream_rq_pending_total: [1-4]$/),
  ]);
});

test('tells how often plaintext was refused, and at a server who was denied', async () => {
  const client = shop();
  const put = (kind: string, resource: string, spec: object): void =>
    cluster.objects.put(`${resource}.security.istio.io`, {
      apiVersion: 'security.istio.io/v1',
      kind,
      metadata: { name: 'default', namespace: 'foo' },
      spec,
    });
  put('PeerAuthentication', 'peerauthentications', { mtls: { mode: 'STRICT' } });
  put('AuthorizationPolicy', 'authorizationpolicies', {});
  const server = cluster.runtime.network.at('10.244.0.1');
  const plain = await cluster.runtime.network.connectFromNode({ ip: server?.ip ?? '', port: 80 });
  plain.write('GET / HTTP/1.1\r\nhost: web\r\n\r\n');
  await new Promise((resolve) => plain.once('close', resolve));
  expect(await code(client, 'http://web:8000/')).toBe('403');

  const subject = cluster.pod({ namespace: 'foo', image: 'curlimages/curl', command: ['/bin/sleep', 'infinity'] });
  expect(subject.ip).not.toBe(server?.ip);
  const page = await server?.connect({ ip: '127.0.0.1', port: 15_000 }, { uid: 1337 });
  let text = '';
  page?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  page?.write('GET /stats?usedonly&filter=rbac|no_filter|ssl HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n');
  await new Promise((resolve) => page?.once('end', resolve));
  expect(text.split('\n').filter((line) => /^[a-z_]+\..*: \d+$/.test(line))).toEqual([
    'http.inbound_0.0.0.0_80;.rbac.denied: 1',
    'listener.0.0.0.0_15006.no_filter_chain_match: 1',
    'listener.0.0.0.0_15006.ssl.handshake: 1',
  ]);
});

test('keeps to itself what nobody asked it to keep, since Istio 1.1', async () => {
  const quiet = shop({});
  await code(quiet, 'http://web:8000/');
  expect(await stats(quiet, '?filter=outbound')).toEqual(['']);
  expect(await stats(quiet, '?filter=^server.live')).toEqual(['server.live: 1']);
  cluster.dispose();

  const old = shop({}, '1.0');
  await code(old, 'http://web:8000/');
  expect(await stats(old, '?filter=web.*upstream_rq_total')).toEqual([
    'cluster.outbound|8000||web.foo.svc.cluster.local.upstream_rq_total: 1',
  ]);
});
