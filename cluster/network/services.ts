import type { KubernetesObject, ObjectReader } from '../objects/object.ts';
import { createObjectIndex } from './object-index.ts';
import type { Endpoint } from './connection.ts';

/** What the data plane reads of a Service. */
export interface ServiceObject extends KubernetesObject {
  spec?: {
    type?: string;
    clusterIP?: string;
    clusterIPs?: string[];
    externalName?: string;
    externalIPs?: string[];
    selector?: Record<string, string>;
    ports?: ServicePort[];
    publishNotReadyAddresses?: boolean;
  };
  status?: { loadBalancer?: { ingress?: { ip?: string }[] } };
}

export interface ServicePort {
  name?: string;
  port: number;
  protocol?: string;
  appProtocol?: string;
  targetPort?: number | string;
  nodePort?: number;
}

interface EndpointSliceObject extends KubernetesObject {
  endpoints?: { addresses?: string[]; conditions?: { ready?: boolean }; hostname?: string }[];
  ports?: { name?: string; port?: number }[];
}

/** Services and their ready endpoints, as kube-proxy and the cluster's DNS see them. */
export interface ServiceTable {
  byName(namespace: string, name: string): ServiceObject | undefined;
  byClusterIp(ip: string): ServiceObject | undefined;
  /** The service of a cluster IP, of an external IP, or of an address of a load balancer. */
  byAddress(ip: string): ServiceObject | undefined;
  byNodePort(port: number): ServiceObject | undefined;
  inNamespace(namespace: string): readonly ServiceObject[];
  /** Ready addresses behind one port of the service, in the order of its EndpointSlices. */
  endpoints(service: ServiceObject, port: ServicePort): Endpoint[];
  /** Ready addresses on any port, with the pod's hostname where it has one. */
  addresses(service: ServiceObject): { ip: string; hostname: string | undefined }[];
  dispose(): void;
}

export function createServiceTable(objects: ObjectReader): ServiceTable {
  const byIp = createObjectIndex(objects, 'services', (object) => clusterIps(object as ServiceObject));
  const byAddress = createObjectIndex(objects, 'services', (object) => {
    const { spec, status } = object as ServiceObject;
    const balanced = (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? []);
    return [...clusterIps(object as ServiceObject), ...(spec?.externalIPs ?? []), ...balanced];
  });
  const byNodePort = createObjectIndex(objects, 'services', (object) =>
    ((object as ServiceObject).spec?.ports ?? []).flatMap(({ nodePort }) => (nodePort ? String(nodePort) : [])),
  );
  const byNamespace = createObjectIndex(objects, 'services', (object) => [object.metadata.namespace ?? 'default']);
  const slices = createObjectIndex(objects, 'endpointslices.discovery.k8s.io', (object) => {
    const service = object.metadata.labels?.['kubernetes.io/service-name'];
    return service === undefined ? [] : [`${object.metadata.namespace ?? 'default'}/${service}`];
  });
  const slicesOf = (service: ServiceObject): EndpointSliceObject[] =>
    slices.get(`${service.metadata.namespace ?? 'default'}/${service.metadata.name}`) as EndpointSliceObject[];

  return {
    byName: (namespace, name) => objects.get('services', namespace, name),
    byClusterIp: (ip) => byIp.get(ip)[0],
    byAddress: (ip) => byAddress.get(ip)[0],
    byNodePort: (port) => byNodePort.get(String(port))[0],
    inNamespace: (namespace) => byNamespace.get(namespace),
    endpoints(service, port) {
      const found: Endpoint[] = [];
      for (const slice of slicesOf(service)) {
        const target = slice.ports?.find((candidate) => (candidate.name ?? '') === (port.name ?? ''))?.port;
        if (target === undefined) continue;
        for (const endpoint of slice.endpoints ?? []) {
          if (endpoint.conditions?.ready === false) continue;
          for (const ip of endpoint.addresses ?? []) found.push({ ip, port: target });
        }
      }
      return found;
    },
    addresses(service) {
      const found: { ip: string; hostname: string | undefined }[] = [];
      for (const slice of slicesOf(service)) {
        for (const endpoint of slice.endpoints ?? []) {
          if (endpoint.conditions?.ready === false && service.spec?.publishNotReadyAddresses !== true) continue;
          for (const ip of endpoint.addresses ?? []) found.push({ ip, hostname: endpoint.hostname });
        }
      }
      return found;
    },
    dispose() {
      byIp.dispose();
      byAddress.dispose();
      byNodePort.dispose();
      byNamespace.dispose();
      slices.dispose();
    },
  };
}

function clusterIps({ spec }: ServiceObject): string[] {
  const ip = spec?.clusterIP;
  return ip === undefined || ip === '' || ip === 'None' ? [] : (spec?.clusterIPs ?? [ip]);
}
