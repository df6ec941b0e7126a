/** Envoy's endpoints of a proxy: `/clusters`, and the endpoints of `/config_dump?include_eds`. */
import type { ServicePort } from '../../network/services.ts';
import { selects } from '../workload-selector.ts';
import { dynamicClusters, staticClusters } from './envoy-clusters.ts';
import type { MeshService } from '../destination.ts';
import { endpointsOfEntry, type LabelledEndpoint } from '../service-entry.ts';
import { findMeshService, type Subject } from './subject.ts';

export interface ClusterEndpoints {
  cluster: string;
  /** From istiod, and not from the proxy's bootstrap. */
  addedByApi: boolean;
  endpoints: (AddressEndpoint | { path: string })[];
}

interface AddressEndpoint {
  ip: string;
  port: number;
  tlsMode: 'istio' | 'disabled';
  /** Left out for a while, because it failed. */
  isEjected: boolean;
}

export function clusterEndpoints(subject: Subject): ClusterEndpoints[] {
  const dynamic = dynamicClusters(subject).map(({ name, type }): ClusterEndpoints => {
    const endpoints = type === 'EDS' || type === 'STRICT_DNS' ? endpointsOf(subject, name) : [];
    return { cluster: name, addedByApi: true, endpoints };
  });
  const statics = staticClusters(subject).map(({ cluster: { name }, endpoint }): ClusterEndpoints => {
    const [ip = '', port = ''] = endpoint.split(/:(?=\d+$)/);
    const address: AddressEndpoint = { ip, port: Number(port), tlsMode: 'disabled', isEjected: false };
    return { cluster: name, addedByApi: false, endpoints: [port === '' ? { path: endpoint } : address] };
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
      objects
        .list('pods', service.metadata.namespace)
        .filter((pod) => selects(labels, mesh.workload(pod).labels))
        .flatMap((pod) => (pod as { status?: { podIP?: string } }).status?.podIP ?? []),
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

/** `/clusters` */
export function clustersText(subject: Subject): string {
  return clusterEndpoints(subject)
    .flatMap(({ cluster, addedByApi, endpoints }) => [
      `${cluster}::observability_name::${cluster}`,
      `${cluster}::added_via_api::${addedByApi}`,
      ...endpoints.flatMap((endpoint) => {
        const address = 'path' in endpoint ? endpoint.path : `${endpoint.ip}:${endpoint.port}`;
        const health = 'isEjected' in endpoint && endpoint.isEjected ? '/failed_outlier_check' : 'healthy';
        return [`${cluster}::${address}::health_flags::${health}`, `${cluster}::${address}::weight::1`];
      }),
    ])
    .map((line) => `${line}\n`)
    .join('');
}
