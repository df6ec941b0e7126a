import type { IstioVersion } from '../../istio-version.ts';
import type { ServiceObject, ServicePort } from '../../network/services.ts';
import type { ObjectReader } from '../../objects/object.ts';
import { hostOf, type MeshService } from '../destination.ts';
import type { Era } from '../era.ts';
import type { MutualTls } from '../mutual-tls.ts';
import { portProtocol, type PortProtocol } from '../service-protocol.ts';
import type { SidecarContext } from '../sidecar.ts';
import { isVisible } from '../visibility.ts';

/** A proxy that tells its configuration. */
export interface Subject {
  context: SidecarContext;
  tls: MutualTls;
  era: Era;
  /** Whether an endpoint, `ip:port`, is left out of a cluster because it failed. */
  isEjected(cluster: string, host: string): boolean;
}

/** A port of a service that leads to the proxy's own pod. */
export interface ServedPort {
  service: ServiceObject;
  port: ServicePort;
  /** Container port. */
  target: number;
  protocol: PortProtocol;
}

const MINOR: Readonly<Record<IstioVersion, number>> = { '1.0': 0, '1.1': 1, '1.4': 4, '1.6': 6, current: 27 };

/** Whether the mesh is of release 1.`minor` or a later one. */
export function isSince({ era }: Subject, minor: number): boolean {
  return MINOR[era.version] >= minor;
}

export function protocolOf({ era }: Subject, port: ServicePort): PortProtocol {
  return portProtocol(port, era.detectsProtocols);
}

/** Every service of the cluster by full name. */
export function knownServices(objects: ObjectReader): ServiceObject[] {
  return ([...objects.list('services')] as ServiceObject[]).sort((a, b) => (hostOf(a) < hostOf(b) ? -1 : 1));
}

/** Those that the proxy is told of, and the hosts of ServiceEntries that it may see, by host. */
export function meshServices({ context }: Subject): MeshService[] {
  const { mesh, objects, workload, pod } = context;
  const client = mesh.workload(pod);
  const entries = mesh.config
    .entryServices()
    .filter(({ entryHost, metadata }) =>
      isVisible(entryHost?.entry.spec?.exportTo, metadata.namespace ?? 'default', workload.namespace),
    );
  return [...knownServices(objects), ...entries]
    .filter((service) => mesh.config.knows(client, service))
    .sort((a, b) => (hostOf(a) < hostOf(b) ? -1 : 1));
}

/** Of what has a name in the mesh. @param host in full */
export function findMeshService(subject: Subject, host: string): MeshService | undefined {
  return meshServices(subject).find((service) => hostOf(service) === host);
}

export function tcpPorts(service: ServiceObject): ServicePort[] {
  return (service.spec?.ports ?? []).filter(({ protocol }) => protocol === undefined || protocol === 'TCP');
}

export function isHeadless({ spec }: ServiceObject): boolean {
  return spec?.clusterIP === 'None';
}

/** The service ports that lead to the pod, one per container port, in their order. */
export function servedPorts(subject: Subject): ServedPort[] {
  const { mesh, network, pod } = subject.context;
  const { namespace, labels, portNames } = mesh.workload(pod);
  const found = new Map<number, ServedPort>();
  for (const service of network.services.inNamespace(namespace)) {
    const selector = Object.entries(service.spec?.selector ?? {});
    if (selector.length === 0 || !selector.every(([key, value]) => labels[key] === value)) continue;
    for (const port of tcpPorts(service)) {
      const wanted = port.targetPort ?? port.port;
      const target = typeof wanted === 'number' ? wanted : (portNames.get(wanted) ?? Number(wanted));
      if (Number.isNaN(target) || found.has(target)) continue;
      found.set(target, { service, port, target, protocol: protocolOf(subject, port) });
    }
  }
  return [...found.values()].sort((a, b) => a.target - b.target);
}
