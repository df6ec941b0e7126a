import type { Network } from '../network/network.ts';
import type { ServiceObject, ServicePort } from '../network/services.ts';
import type { EntryHost } from './service-entry.ts';

/** A service of the cluster, or a host of a ServiceEntry. */
export interface MeshService extends ServiceObject {
  entryHost?: EntryHost;
}

/** A service's port, whole or a subset: a cluster of Envoy's, `outbound|8000|v1|httpbin.foo.svc.cluster.local`. */
export interface Destination {
  service: MeshService;
  port: ServicePort;
  subset: string | null;
}

export function hostOf(service: MeshService): string {
  if (service.entryHost !== undefined) return service.entryHost.host;
  return `${service.metadata.name}.${service.metadata.namespace ?? 'default'}.svc.cluster.local`;
}

/** Envoy's name of the way to what nobody knows. */
export const PASSTHROUGH = 'PassthroughCluster';

export function clusterName({ service, port, subset }: Destination): string {
  return `outbound|${port.port}|${subset ?? ''}|${hostOf(service)}`;
}

/** The name that clients of the mesh ask for in TLS, which tells the server's log where the call was meant to go. */
export function serverNameOf({ service, port, subset }: Destination): string {
  return `outbound_.${port.port}_.${subset ?? ''}_.${hostOf(service)}`;
}

/** `x-envoy-decorator-operation` */
export function operationOf({ service, port }: { service: MeshService; port: ServicePort }): string {
  return `${hostOf(service)}:${port.port}/*`;
}

/** A service's port by number. */
export function withPort(
  service: MeshService | undefined,
  number: number,
  subset: string | null = null,
): Destination | null {
  const port = service?.spec?.ports?.find((candidate) => candidate.port === number);
  return service === undefined || port === undefined ? null : { service, port, subset };
}

/** The service of a full name; undefined for what is none in this cluster. */
export function serviceByHost(network: Network, host: string): ServiceObject | undefined {
  const [name = '', namespace = '', suffix, ...rest] = host.split('.');
  if (suffix !== 'svc' || (rest.length > 0 && rest.join('.') !== 'cluster.local')) return undefined;
  return network.services.byName(namespace, name);
}
