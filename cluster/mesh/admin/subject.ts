import type { IstioVersion } from '../../istio-version.ts';
import type { ServiceObject, ServicePort } from '../../network/services.ts';
import type { ObjectReader } from '../../objects/object.ts';
import { hostOf } from '../destination.ts';
import type { Era } from '../era.ts';
import type { MutualTls } from '../mutual-tls.ts';
import { portProtocol, type PortProtocol } from '../service-protocol.ts';
import type { SidecarContext } from '../sidecar.ts';

/** A proxy that tells its configuration. */
export interface Subject {
  context: SidecarContext;
  tls: MutualTls;
  era: Era;
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

/** Before 1.3 a port without a protocol in its name was bytes. */
export function protocolOf({ era }: Subject, port: ServicePort): PortProtocol {
  const protocol = portProtocol(port);
  return protocol === 'auto' && !era.detectsProtocols ? 'tcp' : protocol;
}

/** Every service of the cluster by full name: none is kept from a proxy here. */
export function knownServices(objects: ObjectReader): ServiceObject[] {
  return ([...objects.list('services')] as ServiceObject[]).sort((a, b) => (hostOf(a) < hostOf(b) ? -1 : 1));
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
