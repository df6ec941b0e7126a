import type { KubernetesObject } from '../objects/object.ts';
import { namespaceOf } from './virtual-service.ts';
import { selects } from './workload-selector.ts';

export interface GatewayServer {
  port?: { number?: number; name?: string; protocol?: string };
  hosts?: string[];
  tls?: { mode?: string; httpsRedirect?: boolean; credentialName?: string };
}

/** What the mesh reads of a Gateway (networking.istio.io). */
export interface Gateway extends KubernetesObject {
  spec?: { selector?: Record<string, string>; servers?: GatewayServer[] };
}

/** One server of a Gateway, at a gateway's pod. */
export interface BoundServer {
  /** `namespace/name` of the Gateway. */
  gateway: string;
  server: GatewayServer;
}

/**
 * The servers behind a port of a gateway's pod: of the Gateways that select it, those whose port is this one, or leads
 * here through the pod's Service. Empty: nobody listens.
 * @param gateways oldest first
 * @param servicePorts ports of the pod's Service that lead to the port
 */
export function serversAt(
  gateways: readonly Gateway[],
  labels: Readonly<Record<string, string>>,
  port: number,
  servicePorts: readonly number[],
): BoundServer[] {
  return gateways
    .filter(({ spec }) => selects(spec?.selector, labels))
    .flatMap((gateway) =>
      (gateway.spec?.servers ?? [])
        .filter(({ port: own }) => own?.number === port || servicePorts.includes(own?.number ?? 0))
        .map((server) => ({ gateway: `${namespaceOf(gateway)}/${gateway.metadata.name}`, server })),
    );
}

/** What a server does with a connection. */
export type ServerKind =
  | 'http'
  /** Ends TLS, and takes HTTP from it. */
  | 'https'
  | 'tcp'
  /** Ends TLS, and takes bytes from it. */
  | 'tls'
  /** Passes TLS on by the name in it. */
  | 'passthrough';

export function kindOf({ port, tls }: GatewayServer): ServerKind {
  const protocol = port?.protocol?.toUpperCase() ?? 'HTTP';
  if (protocol === 'HTTPS' || protocol === 'TLS') {
    if (tls?.mode === 'PASSTHROUGH' || tls?.mode === 'AUTO_PASSTHROUGH') return 'passthrough';
    return protocol === 'HTTPS' ? 'https' : 'tls';
  }
  if (protocol === 'TCP' || protocol === 'MONGO') return tls?.mode === undefined ? 'tcp' : 'tls';
  return 'http';
}

/** Whether the server ends TLS itself with a certificate of its own. */
export function endsTls(server: GatewayServer): boolean {
  return ['https', 'tls'].includes(kindOf(server));
}
