/** Envoy's endpoints of a proxy: `/clusters`, and the endpoints of `/config_dump?include_eds`. */
import type { ServicePort } from '../../network/services.ts';
import { selectedWorkloads } from '../selected-workloads.ts';
import { selects } from '../workload-selector.ts';
import { dynamicClusters, staticClusters } from './envoy-clusters.ts';
import type { MeshService } from '../destination.ts';
import { endpointsOfEntry, type LabelledEndpoint } from '../service-entry.ts';
import { NO_HOST_STATS } from '../proxy-stats.ts';
import { findMeshService, type Subject } from './subject.ts';

export interface ClusterEndpoints {
  cluster: string;
  /** From istiod, and not from the proxy's bootstrap. */
  addedByApi: boolean;
  /** What it may have under way. */
  limits: Limits;
  endpoints: (AddressEndpoint | { path: string })[];
}

interface Limits {
  max_connections: number;
  max_pending_requests: number;
  max_requests: number;
  max_retries: number;
}

/** Envoy's own, where nobody sets others. */
const DEFAULT_LIMITS: Limits = {
  max_connections: 1024,
  max_pending_requests: 1024,
  max_requests: 1024,
  max_retries: 3,
};

interface AddressEndpoint {
  ip: string;
  port: number;
  tlsMode: 'istio' | 'disabled';
  /** Left out for a while, because it failed. */
  isEjected: boolean;
}

export function clusterEndpoints(subject: Subject): ClusterEndpoints[] {
  const dynamic = dynamicClusters(subject).map((cluster): ClusterEndpoints => {
    const { name, type } = cluster;
    const [limits = DEFAULT_LIMITS] =
      (cluster['circuit_breakers'] as { thresholds: Limits[] } | undefined)?.thresholds ?? [];
    const endpoints = type === 'EDS' || type === 'STRICT_DNS' ? endpointsOf(subject, name) : [];
    return { cluster: name, addedByApi: true, limits, endpoints };
  });
  const statics = staticClusters(subject).map(({ cluster: { name }, endpoint }): ClusterEndpoints => {
    const [ip = '', port = ''] = endpoint.split(/:(?=\d+$)/);
    const address: AddressEndpoint = { ip, port: Number(port), tlsMode: 'disabled', isEjected: false };
    return {
      cluster: name,
      addedByApi: false,
      limits: DEFAULT_LIMITS,
      endpoints: [port === '' ? { path: endpoint } : address],
    };
  });
  return [...dynamic, ...statics];
}

function endpointsOf(subject: Subject, cluster: string): AddressEndpoint[] {
  const { network, mesh, objects } = subject.context;
  const [direction, port, subset, host = ''] = cluster.split('|');
  const service = direction === 'outbound' ? findMeshService(subject, host) : undefined;
  const servicePort = service?.spec?.ports?.find(({ port: own }) => own === Number(port));
  if (service === undefined || servicePort === undefined) return [];
  const wanted = subset === '' ? undefined : subsetLabels(subject, cluster);
  return allEndpoints(subject, service, servicePort).flatMap(({ ip, port: target, labels }) => {
    const pod = network.at(ip)?.pod;
    const own = labels ?? (pod === undefined ? undefined : mesh.workload(pod).labels);
    if (subset !== '' && (own === undefined || !selects(wanted, own))) return [];
    const stored = pod && objects.get('pods', pod.metadata.namespace, pod.metadata.name);
    const isMesh = stored?.metadata.labels?.['security.istio.io/tlsMode'] === 'istio';
    const isEjected = subject.isEjected(cluster, `${ip}:${target}`);
    return [{ ip, port: target, tlsMode: isMesh ? 'istio' : 'disabled', isEjected }];
  });
}

function allEndpoints({ context }: Subject, service: MeshService, port: ServicePort): LabelledEndpoint[] {
  const { network, objects, mesh } = context;
  if (service.entryHost === undefined) return network.services.endpoints(service, port);
  return endpointsOfEntry(service.entryHost, port, {
    original: null,
    lookup: (name) => network.dns.lookup(name),
    selected: (labels) =>
      selectedWorkloads(objects, service.metadata.namespace ?? 'default', labels, (pod) => mesh.workload(pod)),
  });
}

function subsetLabels(subject: Subject, cluster: string): Record<string, string> | undefined {
  const { mesh, pod } = subject.context;
  const [, , subset = '', host = ''] = cluster.split('|');
  const namespace = findMeshService(subject, host)?.metadata.namespace ?? null;
  return mesh.config.destinationRule(mesh.workload(pod), host, namespace)?.subsets.get(subset)?.labels;
}

/** `/clusters?format=json`, envoy.admin.v3.Clusters. */
export function clustersJson(subject: Subject): unknown {
  return {
    cluster_statuses: clusterEndpoints(subject).map(({ cluster, addedByApi, endpoints }) => ({
      name: cluster,
      ...(addedByApi ? { added_via_api: true } : {}),
      observability_name: cluster,
      host_statuses: endpoints.map((endpoint) => ({
        address:
          'path' in endpoint
            ? { pipe: { path: endpoint.path.replace('unix://', '') } }
            : { socket_address: { address: endpoint.ip, port_value: endpoint.port } },
        health_status: {
          eds_health_status: 'HEALTHY',
          ...('isEjected' in endpoint && endpoint.isEjected ? { failed_outlier_check: true } : {}),
        },
        weight: 1,
        locality: {},
      })),
    })),
  };
}

const LIMITS = ['max_connections', 'max_pending_requests', 'max_requests', 'max_retries'] as const;

/** `/clusters` (Envoy, source/server/admin/clusters_handler.cc) */
export function clustersText(subject: Subject): string {
  return clusterEndpoints(subject)
    .flatMap(({ cluster, addedByApi, limits, endpoints }) =>
      [
        `observability_name::${cluster}`,
        ...LIMITS.map((name) => `default_priority::${name}::${limits[name]}`),
        ...LIMITS.map((name) => `high_priority::${name}::${DEFAULT_LIMITS[name]}`),
        `added_via_api::${addedByApi}`,
        ...endpoints.flatMap((endpoint) => {
          const address = 'path' in endpoint ? endpoint.path : `${endpoint.ip}:${endpoint.port}`;
          const counts = subject.context.stats.clusters.get(cluster)?.hosts.get(address) ?? NO_HOST_STATS;
          const health = 'isEjected' in endpoint && endpoint.isEjected ? '/failed_outlier_check' : 'healthy';
          return [
            ...Object.entries(counts).map(([name, value]) => `${name}::${value}`),
            'hostname::',
            `health_flags::${health}`,
            'weight::1',
            'region::',
            'zone::',
            'sub_zone::',
            'canary::false',
            'priority::0',
            'success_rate::-1',
            'local_origin_success_rate::-1',
          ].map((line) => `${address}::${line}`);
        }),
      ].map((line) => `${cluster}::${line}\n`),
    )
    .join('');
}
