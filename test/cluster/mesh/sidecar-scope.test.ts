import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { MeshService } from '../../../cluster/mesh/destination.ts';
import { createMeshConfig } from '../../../cluster/mesh/mesh-config.ts';
import { eraOf } from '../../../cluster/mesh/era.ts';
import type { Workload } from '../../../cluster/mesh/workload.ts';
import { ObjectTable, TestCluster, type TestPod } from '../containers/test-cluster.ts';
import { clientPod, logLines, serve } from './mesh-pods.ts';

/** What a proxy is told of: `egress` of Sidecar objects, and to whom services are exported. */

let cluster: TestCluster;
let client: TestPod;
const stored: [string, string, string][] = [];

function put(kind: string, path: string, spec: object): void {
  const [namespace = '', name = ''] = path.split('/');
  const resource = `${kind.toLowerCase()}s.networking.istio.io`;
  cluster.objects.put(resource, { apiVersion: 'networking.istio.io/v1', kind, metadata: { name, namespace }, spec });
  stored.push([resource, namespace, name]);
}

const get = async (host: string): Promise<string> =>
  (await client.exec(['curl', '-s', '-w', ' %{http_code}', `http://${host}/`])).stdout;

/** Services that are clusters of the client's proxy. */
async function clusters(): Promise<string[]> {
  const { stdout } = await client.exec(['curl', '-s', 'localhost:15000/config_dump'], { container: 'istio-proxy' });
  return [
    ...new Set([...stdout.matchAll(/"name": ?"outbound\|80\|\|([a-z.]+)"/g)].map(([, host = '']) => host)),
  ].sort();
}

beforeAll(() => {
  cluster = new TestCluster();
  client = clientPod(cluster, 'shop', 'client');
  for (const [namespace, app] of [
    ['shop', 'web'],
    ['other', 'api'],
    ['other', 'data'],
  ] as const) {
    serve(cluster, namespace, app, [`${app}-1`], (request, response) => {
      response.end(request.headers['x-forwarded-client-cert'] === undefined ? 'plain' : 'mutual');
    });
  }
});
afterAll(() => cluster.dispose());
afterEach(() => {
  for (const [resource, namespace, name] of stored.splice(0)) cluster.objects.remove(resource, namespace, name);
});

test('without a Sidecar it is told of everything', async () => {
  expect(await clusters()).toEqual([
    'api.other.svc.cluster.local',
    'data.other.svc.cluster.local',
    'web.shop.svc.cluster.local',
  ]);
});

test('what a Sidecar does not import is as unknown as a host outside', async () => {
  put('Sidecar', 'shop/default', { egress: [{ hosts: ['./*', 'other/data.other.svc.cluster.local'] }] });

  expect(await get('web')).toBe('mutual 200');
  expect(await get('data.other')).toBe('mutual 200');
  expect(await get('api.other')).toBe('plain 200');
  expect(logLines(client).at(-1)).toContain(' PassthroughCluster ');
  expect(await clusters()).toEqual(['data.other.svc.cluster.local', 'web.shop.svc.cluster.local']);

  put('Sidecar', 'shop/default', { egress: [{ hosts: ['./*'] }], outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } });
  expect(await get('data.other')).toBe(' 502');
});

test('routes lead to what only they name', async () => {
  put('Sidecar', 'shop/default', { egress: [{ hosts: ['./*'] }], outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } });
  put('VirtualService', 'shop/web', {
    hosts: ['web'],
    http: [{ route: [{ destination: { host: 'data.other.svc.cluster.local' } }] }],
  });

  expect(await get('web')).toBe('mutual 200');
  expect(await get('data.other')).toBe('mutual 200');
  expect(await get('api.other')).toBe(' 502');
});

test('a Service says to whom it is exported', async () => {
  const service = cluster.objects.get('services', 'other', 'api');
  if (service === undefined) throw new Error('no service');
  const exportedTo = (to: string): void =>
    cluster.objects.put('services', {
      ...service,
      metadata: { ...service.metadata, annotations: { 'networking.istio.io/exportTo': to } },
    });
  exportedTo('.');
  expect(await get('api.other')).toBe('plain 200');
  exportedTo('bar, shop');
  expect(await get('api.other')).toBe('mutual 200');
  cluster.objects.put('services', service);
});

const NAMESPACES = ['istio-system', 'a', 'b'];
const HOSTS = ['*', 'x.a.svc.cluster.local', '*.b.svc.cluster.local', '*.cluster.local'];

test('agrees with a second reading of the rules', () => {
  let seed = 7;
  const below = (limit: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fff_ffff;
    return (seed >> 8) % limit;
  };
  const pick = <T>(values: readonly T[]): T => values[below(values.length)] as T;
  const counts = { known: 0, unknown: 0 };
  for (let round = 0; round < 300; round += 1) {
    const objects = new ObjectTable();
    const config = createMeshConfig({ objects, services: { inNamespace: () => [] }, era: eraOf() });
    const sidecars = Array.from({ length: below(4) }, (_, index) => {
      const selector = pick([undefined, undefined, { app: 'one' }, { app: 'two' }]);
      const hosts = Array.from(
        { length: 1 + below(2) },
        () => `${pick(['.', '*', '~', ...NAMESPACES])}/${pick(HOSTS)}`,
      );
      const metadata = {
        name: `s${index}`,
        namespace: pick(NAMESPACES),
        creationTimestamp: `2026-01-01T00:00:0${index}Z`,
      };
      const spec = {
        ...(selector === undefined ? {} : { workloadSelector: { labels: selector } }),
        ...(below(5) === 0 ? {} : { egress: [{ hosts }] }),
      };
      const sidecar = { apiVersion: 'networking.istio.io/v1', kind: 'Sidecar', metadata, spec };
      objects.put('sidecars.networking.istio.io', sidecar);
      return sidecar;
    });
    const exportTo = pick([undefined, undefined, '*', '.', 'a', 'a,b', '~']);
    const service: MeshService = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name: pick(['x', 'y']),
        namespace: pick(NAMESPACES),
        ...(exportTo === undefined ? {} : { annotations: { 'networking.istio.io/exportTo': exportTo } }),
      },
    };
    const client = { namespace: pick(NAMESPACES), labels: { app: pick(['one', 'three']) }, isGateway: below(6) === 0 };
    const workload = { ...client, selectionKey: JSON.stringify(client) } as unknown as Workload;

    // Read from the end: what would keep the client from the service?
    const from = service.metadata.namespace ?? '';
    const full = `${service.metadata.name}.${from}.svc.cluster.local`;
    const toClient =
      exportTo === undefined ||
      exportTo.split(',').some((to) => ({ '*': true, '.': from === client.namespace })[to] ?? to === client.namespace);
    const rank = ({ metadata, spec }: (typeof sidecars)[number]): number => {
      const selected = spec.workloadSelector?.labels.app;
      if (metadata.namespace === client.namespace && selected === client.labels.app) return 3;
      if (selected !== undefined) return 0;
      return metadata.namespace === client.namespace ? 2 : metadata.namespace === 'istio-system' ? 1 : 0;
    };
    const counting = sidecars.filter((each) => rank(each) > 0).sort((a, b) => rank(b) - rank(a))[0];
    const hosts = client.isGateway ? undefined : counting?.spec.egress?.[0]?.hosts;
    const told =
      hosts === undefined ||
      hosts.some((each) => {
        const [where = '', what = ''] = each.split('/');
        const inNamespace = where === '*' || (where === '.' ? client.namespace : where) === from;
        return inNamespace && new RegExp(`^${what.replaceAll('.', '\\.').replace('*', '.*')}$`).test(full);
      });

    const expected = toClient && told;
    expect(config.knows(workload, service), JSON.stringify({ sidecars, service, client })).toBe(expected);
    counts[expected ? 'known' : 'unknown'] += 1;
    config.dispose();
  }
  expect(Math.min(counts.known, counts.unknown)).toBeGreaterThan(50);
});
