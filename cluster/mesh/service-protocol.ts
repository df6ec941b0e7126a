import type { ServicePort, ServiceObject } from '../network/services.ts';

/** How the mesh treats a port: HTTP, bytes, or by looking at the first ones. */
export type PortProtocol = 'http' | 'http2' | 'tcp' | 'auto';

/**
 * From `appProtocol` or the port's name up to its first dash (Istio, pkg/config/protocol and pilot's kube conversion).
 * @param detects whether the release looks at first bytes; without it, what says nothing is TCP
 */
export function portProtocol(port: ServicePort | undefined, detects = true): PortProtocol {
  const unsaid = detects ? 'auto' : 'tcp';
  if (port === undefined) return unsaid;
  const word = (port.appProtocol ?? port.name ?? '').toLowerCase();
  const name = port.appProtocol === undefined ? (word.split('-')[0] ?? '') : word;
  switch (name) {
    case 'http':
    case 'kubernetes.io/ws':
      return 'http';
    case 'http2':
    case 'grpc':
    case 'grpc-web':
    case 'kubernetes.io/h2c':
      return 'http2';
    case 'tcp':
    case 'tls':
    case 'https':
    case 'mongo':
    case 'mysql':
    case 'redis':
      return 'tcp';
    default:
      return unsaid;
  }
}

/** Whether clients begin with TLS, so that the name in it is known. */
export function isTls(port: ServicePort | undefined): boolean {
  const word = port?.appProtocol ?? port?.name?.split('-')[0] ?? '';
  return ['tls', 'https'].includes(word.toLowerCase());
}

export interface InboundPort {
  service: ServiceObject;
  port: ServicePort;
}

/** The service port that leads to a container port of a pod; the first by the service's name. */
export function serviceOfPort(
  services: readonly ServiceObject[],
  labels: Readonly<Record<string, string>>,
  containerPort: number,
  containerPortNames: ReadonlyMap<string, number>,
): InboundPort | undefined {
  for (const service of services) {
    if (!selectsSome(service.spec?.selector, labels)) continue;
    for (const port of service.spec?.ports ?? []) {
      const target = port.targetPort ?? port.port;
      const number = typeof target === 'number' ? target : (containerPortNames.get(target) ?? Number(target));
      if (number === containerPort) return { service, port };
    }
  }
  return undefined;
}

/** A service without a selector leads to no pod by itself. Asked for each connection, so nothing is allocated. */
function selectsSome(
  selector: Readonly<Record<string, string>> | undefined,
  labels: Readonly<Record<string, string>>,
): boolean {
  let isEmpty = true;
  for (const key in selector) {
    if (labels[key] !== selector[key]) return false;
    isEmpty = false;
  }
  return !isEmpty;
}
