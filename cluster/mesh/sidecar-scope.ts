/**
 * Which part of the mesh a workload's proxy is told of, by Sidecar objects (Istio 1.27, pilot/pkg/model/sidecar.go,
 * convertToSidecarScope). Left out are `ingress`, and of an `egress` its own port, address and way of capture: the hosts
 * of all of them count together.
 */
import type { KubernetesObject } from '../objects/object.ts';
import { hostOf, type MeshService } from './destination.ts';
import { hostsIntersect, qualifyHost } from './host-name.ts';
import { namespaceOf, type VirtualService } from './virtual-service.ts';
import type { Workload } from './workload.ts';
import { selects } from './workload-selector.ts';

/** What the mesh reads of a Sidecar. */
export interface SidecarResource extends KubernetesObject {
  spec?: {
    workloadSelector?: { labels?: Record<string, string> };
    outboundTrafficPolicy?: { mode?: string };
    egress?: { hosts?: string[] }[];
  };
}

/** Namespaces and hosts that a proxy is told of. */
export interface SidecarScope {
  imports: readonly { namespace: string; host: string }[];
}

/**
 * The one that counts for a workload: the first that selects it, then its namespace's, then the mesh's.
 * @param sidecars oldest first
 */
export function sidecarFor(
  sidecars: readonly SidecarResource[],
  { namespace, labels, isGateway }: Pick<Workload, 'namespace' | 'labels' | 'isGateway'>,
  rootNamespace: string,
): SidecarResource | undefined {
  // A gateway is no sidecar.
  if (isGateway) return undefined;
  const own = sidecars.filter(({ metadata }) => metadata.namespace === namespace);
  return (
    own.find(({ spec }) => spec?.workloadSelector !== undefined && selects(spec.workloadSelector.labels, labels)) ??
    own.find(({ spec }) => spec?.workloadSelector === undefined) ??
    sidecars.find(({ metadata, spec }) => metadata.namespace === rootNamespace && spec?.workloadSelector === undefined)
  );
}

/** Null: it is told of everything. @param namespace the workload's, which `.` stands for */
export function scopeOf(sidecar: SidecarResource | undefined, namespace: string): SidecarScope | null {
  const egress = sidecar?.spec?.egress ?? [];
  if (egress.length === 0) return null;
  const imports = egress.flatMap(({ hosts = [] }) =>
    hosts.map((written) => {
      const [first = '', host = ''] = written.split('/', 2);
      return { namespace: first === '.' ? namespace : first, host };
    }),
  );
  return { imports };
}

/** Whether a host of an object's namespace is imported. No namespace is called `~`, which therefore stands for none. */
export function isImported({ imports }: SidecarScope, namespace: string, host: string): boolean {
  return imports.some(
    (each) => (each.namespace === '*' || each.namespace === namespace) && hostsIntersect(each.host, host),
  );
}

/** Whether a proxy with this scope follows a VirtualService. */
export function importsRoutes(scope: SidecarScope, service: VirtualService): boolean {
  const namespace = namespaceOf(service);
  return (service.spec?.hosts ?? []).some((host) => isImported(scope, namespace, qualifyHost(host, namespace)));
}

/** Full names of hosts that imported VirtualServices lead to: a proxy is told of these as well. */
export function routedHosts(scope: SidecarScope, services: readonly VirtualService[]): ReadonlySet<string> {
  const hosts = new Set<string>();
  for (const service of services) {
    if (!importsRoutes(scope, service)) continue;
    const { http = [], tcp = [], tls = [] } = service.spec ?? {};
    const destinations = [
      ...[...http, ...tcp, ...tls].flatMap(({ route = [] }) => route.map(({ destination }) => destination)),
      ...http.flatMap(({ mirror, mirrors = [] }) => [
        ...(mirror === undefined ? [] : [mirror]),
        ...mirrors.map(({ destination }) => destination),
      ]),
    ];
    for (const { host } of destinations) hosts.add(qualifyHost(host, namespaceOf(service)));
  }
  return hosts;
}

/** Whether the object is imported by itself, or some route leads there. */
export function isTold(scope: SidecarScope, routed: ReadonlySet<string>, service: MeshService): boolean {
  const host = hostOf(service);
  return isImported(scope, service.metadata.namespace ?? 'default', host) || routed.has(host);
}
