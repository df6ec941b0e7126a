import type { KubernetesObject } from '../objects/object.ts';
import type { CorsPolicy } from './cors.ts';
import { hostCovers, hostsIntersect, mostSpecific, qualifyHost } from './host-name.ts';
import type { StringMatch } from './string-match.ts';
import { isVisible } from './visibility.ts';

export interface RouteDestination {
  host: string;
  subset?: string;
  port?: { number?: number };
}

export interface HeaderOperations {
  set?: Record<string, string>;
  add?: Record<string, string>;
  remove?: string[];
}

export interface Headers {
  request?: HeaderOperations;
  response?: HeaderOperations;
}

export interface WeightedDestination {
  destination: RouteDestination;
  weight?: number;
  headers?: Headers;
}

export interface HttpMatch {
  uri?: StringMatch;
  ignoreUriCase?: boolean;
  scheme?: StringMatch;
  method?: StringMatch;
  authority?: StringMatch;
  headers?: Record<string, StringMatch>;
  withoutHeaders?: Record<string, StringMatch>;
  queryParams?: Record<string, StringMatch>;
  port?: number;
  sourceLabels?: Record<string, string>;
  sourceNamespace?: string;
  gateways?: string[];
}

interface Percent {
  value?: number;
}

export interface HttpRoute {
  name?: string;
  match?: HttpMatch[];
  route?: WeightedDestination[];
  redirect?: {
    uri?: string;
    authority?: string;
    port?: number;
    derivePort?: string;
    scheme?: string;
    redirectCode?: number;
  };
  directResponse?: { status: number; body?: { string?: string; bytes?: string } };
  rewrite?: { uri?: string; authority?: string; uriRegexRewrite?: { match: string; rewrite: string } };
  timeout?: string;
  retries?: { attempts?: number; perTryTimeout?: string; retryOn?: string };
  fault?: {
    delay?: { fixedDelay?: string; percentage?: Percent; percent?: number };
    abort?: { httpStatus?: number; percentage?: Percent };
  };
  mirror?: RouteDestination;
  mirrorPercentage?: Percent;
  mirrors?: { destination: RouteDestination; percentage?: Percent }[];
  headers?: Headers;
  corsPolicy?: CorsPolicy;
  /** The VirtualService that holds the routes; see delegates.ts. */
  delegate?: { name?: string; namespace?: string };
}

export interface TcpRoute {
  match?: {
    port?: number;
    sniHosts?: string[];
    destinationSubnets?: string[];
    sourceLabels?: Record<string, string>;
    sourceNamespace?: string;
    gateways?: string[];
  }[];
  route?: WeightedDestination[];
}

/** What the mesh reads of a VirtualService. */
export interface VirtualService extends KubernetesObject {
  spec?: {
    hosts?: string[];
    gateways?: string[];
    http?: HttpRoute[];
    tcp?: TcpRoute[];
    tls?: TcpRoute[];
    exportTo?: string[];
  };
}

/** The gateway of every sidecar. */
export const MESH_GATEWAY = 'mesh';

/**
 * The VirtualService that a sidecar follows for a host: of those it can see and that are for the mesh, the one with the
 * most specific host; of these the oldest. A short host is of the VirtualService's own namespace.
 * @param services oldest first
 */
export function findForMesh(
  services: readonly VirtualService[],
  clientNamespace: string,
  host: string,
): VirtualService | null {
  const byHost = new Map<string, VirtualService>();
  for (const service of services) {
    const namespace = namespaceOf(service);
    if (!isVisible(service.spec?.exportTo, namespace, clientNamespace)) continue;
    if (!gatewaysOf(service).includes(MESH_GATEWAY)) continue;
    for (const each of hostsOf(service)) if (!byHost.has(each)) byHost.set(each, service);
  }
  const best = mostSpecific(byHost.keys(), host);
  return best === undefined ? null : (byHost.get(best) ?? null);
}

/**
 * The VirtualServices that a gateway follows for a host: all that name the gateway and the most specific covering
 * host, oldest first; their routes count one after the other. Empty: the gateway has no such host (404).
 * @param gateway `namespace/name`
 * @param gatewayHosts of the server that took the request, each `host` or `namespace/host`
 */
export function findForGateway(
  services: readonly VirtualService[],
  gateway: string,
  gatewayHosts: readonly string[],
  host: string,
): VirtualService[] {
  const bound = new Map<string, VirtualService[]>();
  for (const service of services) {
    if (!gatewaysOf(service).includes(gateway)) continue;
    for (const each of hostsOf(service)) {
      if (!gatewayHosts.some((pattern) => admits(pattern, gateway, service, each, host))) continue;
      bound.set(each, [...(bound.get(each) ?? []), service]);
    }
  }
  const best = mostSpecific(bound.keys(), host);
  return best === undefined ? [] : (bound.get(best) ?? []);
}

/**
 * The VirtualServices whose routes for bytes a gateway's server follows, oldest first.
 * @param serverName what a client asked for in TLS; null without
 */
export function findForGatewayBytes(
  services: readonly VirtualService[],
  gateway: string,
  gatewayHosts: readonly string[],
  serverName: string | null,
): VirtualService[] {
  return services.filter(
    (service) =>
      gatewaysOf(service).includes(gateway) &&
      hostsOf(service).some((host) =>
        gatewayHosts.some((pattern) => admits(pattern, gateway, service, host, serverName ?? host)),
      ),
  );
}

/** Short names are completed with the VirtualService's namespace, other than `mesh`. */
export function gatewaysOf(service: VirtualService): string[] {
  const names = service.spec?.gateways ?? [];
  if (names.length === 0) return [MESH_GATEWAY];
  return names.map((name) => (name === MESH_GATEWAY || name.includes('/') ? name : `${namespaceOf(service)}/${name}`));
}

function admits(pattern: string, gateway: string, service: VirtualService, serviceHost: string, host: string): boolean {
  const slash = pattern.indexOf('/');
  const wantedNamespace = slash < 0 ? '*' : pattern.slice(0, slash);
  const gatewayHost = pattern.slice(slash + 1);
  const namespace = wantedNamespace === '.' ? (gateway.split('/')[0] ?? '') : wantedNamespace;
  return (
    (namespace === '*' || namespace === namespaceOf(service)) &&
    hostsIntersect(gatewayHost, serviceHost) &&
    hostCovers(gatewayHost, host)
  );
}

function hostsOf(service: VirtualService): string[] {
  return (service.spec?.hosts ?? []).map((host) => qualifyHost(host, namespaceOf(service)));
}

export function namespaceOf({ metadata }: KubernetesObject): string {
  return metadata.namespace ?? 'default';
}
