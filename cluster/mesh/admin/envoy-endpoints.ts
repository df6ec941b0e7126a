/** Envoy's endpoints of a proxy: `/clusters`, and the endpoints of `/config_dump?include_eds`. */
import { selects } from '../workload-selector.ts';
import { dynamicClusters, staticClusters } from './envoy-clusters.ts';
import { serviceByHost } from '../destination.ts';
import type { Subject } from './subject.ts';

export interface ClusterEndpoints {
  cluster: string;
  /** From istiod, and not from the proxy's bootstrap. */
  addedByApi: boolean;
  endpoints: ({ ip: string; port: number; tlsMode: 'istio' | 'disabled' } | { path: string })[];
}

export function clusterEndpoints(subject: Subject): ClusterEndpoints[] {
  const { network, mesh, objects } = subject.context;
  const dynamic = dynamicClusters(subject).map(({ name, type }): ClusterEndpoints => {
    const [direction, port, subset, host = ''] = name.split('|');
    const service = direction === 'outbound' && type === 'EDS' ? serviceByHost(network, host) : undefined;
    const servicePort = service?.spec?.ports?.find(({ port: own }) => own === Number(port));
    if (service === undefined || servicePort === undefined) return { cluster: name, addedByApi: true, endpoints: [] };
    const labels = subsetLabels(subject, name);
    const endpoints = network.services.endpoints(service, servicePort).flatMap(({ ip, port: target }) => {
      const found = network.at(ip)?.pod;
      if (subset !== '' && (found === undefined || !selects(labels, mesh.workload(found).labels))) return [];
      const stored = found && objects.get('pods', found.metadata.namespace, found.metadata.name);
      const isMesh = stored?.metadata.labels?.['security.istio.io/tlsMode'] === 'istio';
      return [{ ip, port: target, tlsMode: isMesh ? ('istio' as const) : ('disabled' as const) }];
    });
    return { cluster: name, addedByApi: true, endpoints };
  });
  const statics = staticClusters(subject).map(({ cluster: { name }, endpoint }): ClusterEndpoints => {
    const [ip = '', port = ''] = endpoint.split(/:(?=\d+$)/);
    const address = port === '' ? { path: endpoint } : { ip, port: Number(port), tlsMode: 'disabled' as const };
    return { cluster: name, addedByApi: false, endpoints: [address] };
  });
  return [...dynamic, ...statics];
}

function subsetLabels({ context }: Subject, cluster: string): Record<string, string> | undefined {
  const { mesh, pod, network } = context;
  const [, , subset = '', host = ''] = cluster.split('|');
  const namespace = serviceByHost(network, host)?.metadata.namespace ?? null;
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
        health_status: { eds_health_status: 'HEALTHY' },
        weight: 1,
        locality: {},
      })),
    })),
  };
}

/** `/clusters` */
export function clustersText(subject: Subject): string {
  return clusterEndpoints(subject)
    .flatMap(({ cluster, addedByApi, endpoints }) => [
      `${cluster}::observability_name::${cluster}`,
      `${cluster}::added_via_api::${addedByApi}`,
      ...endpoints.flatMap((endpoint) => {
        const address = 'path' in endpoint ? endpoint.path : `${endpoint.ip}:${endpoint.port}`;
        return [`${cluster}::${address}::health_flags::healthy`, `${cluster}::${address}::weight::1`];
      }),
    ])
    .map((line) => `${line}\n`)
    .join('');
}
