/** Envoy's route configurations of a proxy. Istio 1.27, pilot/pkg/networking/core/{httproute,route/route}.go. */
import type { ServicePort } from '../../network/services.ts';
import { clusterName, hostOf, operationOf, withPort, type MeshService } from '../destination.ts';
import { hostsIntersect, qualifyHost } from '../host-name.ts';
import type { StringMatch } from '../string-match.ts';
import {
  gatewaysOf,
  MESH_GATEWAY,
  namespaceOf,
  type HttpMatch,
  type HttpRoute,
  type RouteDestination,
  type VirtualService,
  type WeightedDestination,
} from '../virtual-service.ts';
import { selects } from '../workload-selector.ts';
import { configPath, inboundClusterName, passthroughInbound } from './envoy-clusters.ts';
import { gatewayPorts, type GatewayPort } from './gateway-ports.ts';
import {
  findMeshService,
  isSince,
  meshServices,
  protocolOf,
  servedPorts,
  tcpPorts,
  type ServedPort,
  type Subject,
} from './subject.ts';

export interface EnvoyRoute {
  match: Record<string, unknown>;
  [field: string]: unknown;
}
export interface EnvoyVirtualHost {
  name: string;
  domains: string[];
  routes: EnvoyRoute[];
}
export interface EnvoyRouteConfiguration {
  name: string;
  virtual_hosts: EnvoyVirtualHost[];
  [field: string]: unknown;
}

/** What the proxy gets from istiod by name (RDS). */
export function dynamicRoutes(subject: Subject): EnvoyRouteConfiguration[] {
  return subject.context.workload.isGateway ? gatewayRoutes(subject) : sidecarRoutes(subject);
}

/** What stands inside of listeners. */
export function inlineRoutes(subject: Subject): EnvoyRouteConfiguration[] {
  const own = [backendRoute('/healthz/ready'), backendRoute('/stats/prometheus')];
  if (subject.context.workload.isGateway) return own;
  const inbound = servedPorts(subject).map((served) => inboundRoute(subject, served));
  return [...inbound, ...(isSince(subject, 3) ? [passthroughRoute(subject)] : []), ...own];
}

/** The proxy's own page at 15021 or 15090. */
export function backendRoute(prefix: string): EnvoyRouteConfiguration {
  const cluster = prefix === '/healthz/ready' ? 'agent' : 'prometheus_stats';
  const routes = [{ match: { prefix }, route: { cluster } }];
  return { name: '', virtual_hosts: [{ name: 'backend', domains: ['*'], routes }] };
}

export function inboundRoute(subject: Subject, served: ServedPort): EnvoyRouteConfiguration {
  const cluster = inboundClusterName(subject, served);
  const decorator = { operation: operationOf(served) };
  return {
    name: cluster,
    virtual_hosts: [everything(`inbound|http|${served.port.port}`, { route: { cluster, timeout: '0s' }, decorator })],
    validate_clusters: false,
  };
}

export function passthroughRoute(subject: Subject): EnvoyRouteConfiguration {
  const cluster = passthroughInbound(subject);
  return {
    name: cluster,
    virtual_hosts: [everything('inbound|http|0', { route: { cluster, timeout: '0s' } })],
    validate_clusters: false,
  };
}

function everything(name: string, action: Record<string, unknown>): EnvoyVirtualHost {
  return { name, domains: ['*'], routes: [{ name: 'default', match: { prefix: '/' }, ...action }] };
}

/** One configuration per port of HTTP services; a port whose protocol is not told has one for each service. */
function sidecarRoutes(subject: Subject): EnvoyRouteConfiguration[] {
  const { mesh, pod } = subject.context;
  const byPort = new Map<number, EnvoyVirtualHost[]>();
  const alone: EnvoyRouteConfiguration[] = [];
  for (const service of meshServices(subject)) {
    for (const port of tcpPorts(service)) {
      const protocol = protocolOf(subject, port);
      if (protocol === 'tcp') continue;
      const host = serviceHost(subject, service, port);
      if (protocol === 'auto') {
        const name = `${hostOf(service)}:${port.port}`;
        alone.push({ name, virtual_hosts: [{ ...host, domains: ['*'] }], validate_clusters: false });
      } else byPort.set(port.port, [...(byPort.get(port.port) ?? []), host]);
    }
  }
  const foreign = foreignHosts(subject);
  if (foreign.length > 0) byPort.set(80, [...(byPort.get(80) ?? []), ...foreign]);
  const rest = mesh.config.registryOnly(mesh.workload(pod)) === null ? ALLOW_ANY : BLOCK_ALL;
  const shared = [...byPort].map(([port, hosts]) => ({
    name: String(port),
    virtual_hosts: [...hosts, rest],
    validate_clusters: false,
  }));
  return [...shared.sort((a, b) => Number(a.name) - Number(b.name)), ...alone];
}

const ALLOW_ANY: EnvoyVirtualHost = {
  name: 'allow_any',
  domains: ['*'],
  routes: [{ name: 'allow_any', match: { prefix: '/' }, route: { cluster: 'PassthroughCluster', timeout: '0s' } }],
};
const BLOCK_ALL: EnvoyVirtualHost = {
  name: 'block_all',
  domains: ['*'],
  routes: [{ name: 'block_all', match: { prefix: '/' }, direct_response: { status: 502 } }],
};

function serviceHost(subject: Subject, service: MeshService, port: ServicePort): EnvoyVirtualHost {
  const { mesh, pod } = subject.context;
  const host = hostOf(service);
  const virtual = mesh.config.virtualServiceFor(mesh.workload(pod), host);
  const fallback = { cluster: clusterName({ service, port, subset: null }) };
  const routes =
    virtual === null || (virtual.spec?.http ?? []).length === 0
      ? [
          {
            name: 'default',
            match: { prefix: '/' },
            route: { ...fallback, timeout: '0s' },
            decorator: { operation: operationOf({ service, port }) },
          },
        ]
      : routesOf(subject, virtual, MESH_GATEWAY, port.port);
  return { name: `${host}:${port.port}`, domains: domainsOf(subject, service), routes };
}

/** All names of a service; the short one in its own namespace only. */
function domainsOf({ context }: Subject, { metadata, spec, entryHost }: MeshService): string[] {
  if (entryHost !== undefined) return [entryHost.host, ...entryHost.addresses];
  const { name, namespace = 'default' } = metadata;
  const full = `${name}.${namespace}.svc.cluster.local`;
  const address = spec?.clusterIP === undefined || spec.clusterIP === 'None' ? [] : [spec.clusterIP];
  const short = namespace === context.workload.namespace ? [name] : [];
  return [full, `${full}.`, ...short, `${name}.${namespace}`, `${name}.${namespace}.svc`, ...address];
}

/** Hosts of VirtualServices that are no services: they have their routes at port 80. */
function foreignHosts(subject: Subject): EnvoyVirtualHost[] {
  const { mesh, pod } = subject.context;
  const hosts = new Map<string, VirtualService>();
  for (const virtual of mesh.config.virtualServices(subject.context.workload.namespace)) {
    if (!gatewaysOf(virtual).includes(MESH_GATEWAY)) continue;
    for (const written of virtual.spec?.hosts ?? []) {
      const host = qualifyHost(written, namespaceOf(virtual));
      if (findMeshService(subject, host) !== undefined || hosts.has(host)) continue;
      if (mesh.config.virtualServiceFor(mesh.workload(pod), host) === virtual) hosts.set(host, virtual);
    }
  }
  return [...hosts].map(([host, virtual]) => ({
    name: `${host}:80`,
    domains: [host],
    routes: routesOf(subject, virtual, MESH_GATEWAY, 80),
  }));
}

function gatewayRoutes(subject: Subject): EnvoyRouteConfiguration[] {
  return gatewayPorts(subject).flatMap((port) =>
    port.servers.flatMap(({ routeName }) =>
      routeName === null
        ? []
        : [{ name: routeName, virtual_hosts: gatewayHosts(subject, port), validate_clusters: false }],
    ),
  );
}

function gatewayHosts(subject: Subject, { bound, number }: GatewayPort): EnvoyVirtualHost[] {
  const { mesh } = subject.context;
  const byHost = new Map<string, EnvoyRoute[]>();
  for (const { gateway, server } of bound) {
    for (const virtual of mesh.config.virtualServices(subject.context.workload.namespace)) {
      if (!gatewaysOf(virtual).includes(gateway)) continue;
      for (const host of virtual.spec?.hosts ?? []) {
        const admitted = (server.hosts ?? []).some((each) =>
          hostsIntersect(each.slice(each.indexOf('/') + 1), qualifyHost(host, namespaceOf(virtual))),
        );
        if (!admitted) continue;
        byHost.set(host, [...(byHost.get(host) ?? []), ...routesOf(subject, virtual, gateway, number)]);
      }
    }
  }
  if (byHost.size === 0) return [{ name: `blackhole:${number}`, domains: ['*'], routes: [] }];
  return [...byHost].map(([host, routes]) => ({ name: `${host}:${number}`, domains: [host], routes }));
}

/** A VirtualService's routes as one proxy has them: those for other gateways, ports or clients are left out. */
function routesOf(subject: Subject, virtual: VirtualService, gateway: string, port: number): EnvoyRoute[] {
  const { namespace, labels } = subject.context.workload;
  const isOurs = (match: HttpMatch): boolean =>
    (match.gateways === undefined || match.gateways.length === 0 || match.gateways.includes(gateway)) &&
    (match.port === undefined || match.port === port) &&
    (match.sourceNamespace === undefined || match.sourceNamespace === namespace) &&
    (match.sourceLabels === undefined || selects(match.sourceLabels, labels));
  const config = configPath('virtual-service', `${namespaceOf(virtual)}/${virtual.metadata.name}`);
  const metadata = { filter_metadata: { istio: { config } } };
  return (virtual.spec?.http ?? []).flatMap((route) => {
    const matches = route.match === undefined || route.match.length === 0 ? [{}] : route.match.filter(isOurs);
    return matches.map((match) => ({
      ...(route.name === undefined ? {} : { name: route.name }),
      match: translateMatch(match),
      ...translateAction(subject, route, namespaceOf(virtual), port),
      metadata,
    }));
  });
}

function translateMatch(match: HttpMatch): Record<string, unknown> {
  const headers = [
    ...(match.method === undefined ? [] : [headerMatcher(':method', match.method)]),
    ...(match.authority === undefined ? [] : [headerMatcher(':authority', match.authority)]),
    ...(match.scheme === undefined ? [] : [headerMatcher(':scheme', match.scheme)]),
    ...Object.entries(match.headers ?? {}).map(([name, value]) => headerMatcher(name, value)),
    ...Object.entries(match.withoutHeaders ?? {}).map(([name, value]) => ({
      ...headerMatcher(name, value),
      invert_match: true,
    })),
  ];
  const parameters = Object.entries(match.queryParams ?? {}).map(([name, value]) => ({
    name,
    ...('present_match' in headerMatcher(name, value) ? { present_match: true } : { string_match: matcher(value) }),
  }));
  return {
    ...pathMatch(match.uri),
    ...(match.ignoreUriCase === true ? { case_sensitive: false } : {}),
    ...(headers.length === 0 ? {} : { headers }),
    ...(parameters.length === 0 ? {} : { query_parameters: parameters }),
  };
}

function pathMatch(uri: StringMatch | undefined): Record<string, unknown> {
  if (uri?.exact !== undefined) return { path: uri.exact };
  if (uri?.regex !== undefined) return { safe_regex: { regex: uri.regex } };
  return { prefix: uri?.prefix ?? '/' };
}

function headerMatcher(name: string, value: StringMatch): Record<string, unknown> {
  const string = matcher(value);
  return Object.keys(string).length === 0 ? { name, present_match: true } : { name, string_match: string };
}

function matcher(value: StringMatch): Record<string, unknown> {
  if (value.exact !== undefined) return { exact: value.exact };
  if (value.prefix !== undefined) return { prefix: value.prefix };
  return value.regex === undefined ? {} : { safe_regex: { regex: value.regex } };
}

function translateAction(subject: Subject, route: HttpRoute, namespace: string, port: number): Record<string, unknown> {
  if (route.redirect !== undefined) {
    const { uri, authority, scheme, redirectCode } = route.redirect;
    return { redirect: { path_redirect: uri, host_redirect: authority, scheme_redirect: scheme, code: redirectCode } };
  }
  if (route.directResponse !== undefined) {
    const { status, body } = route.directResponse;
    return {
      direct_response: { status, ...(body?.string === undefined ? {} : { body: { inline_string: body.string } }) },
    };
  }
  const fault =
    route.fault === undefined ? {} : { typed_per_filter_config: { 'envoy.filters.http.fault': route.fault } };
  const mirrored = [...(route.mirror === undefined ? [] : [{ destination: route.mirror }]), ...(route.mirrors ?? [])];
  return {
    route: {
      ...clusterOf(subject, route.route ?? [], namespace, port),
      timeout: route.timeout ?? '0s',
      ...(route.retries === undefined
        ? {}
        : {
            retry_policy: {
              retry_on: route.retries.retryOn,
              num_retries: route.retries.attempts,
              per_try_timeout: route.retries.perTryTimeout,
            },
          }),
      ...(route.rewrite?.uri === undefined ? {} : { prefix_rewrite: route.rewrite.uri }),
      ...(route.rewrite?.authority === undefined ? {} : { host_rewrite_literal: route.rewrite.authority }),
      ...(mirrored.length === 0
        ? {}
        : {
            request_mirror_policies: mirrored.map(({ destination }) => ({
              cluster: destinationCluster(subject, destination, namespace, port),
            })),
          }),
    },
    ...fault,
  };
}

function clusterOf(
  subject: Subject,
  routes: readonly WeightedDestination[],
  namespace: string,
  port: number,
): Record<string, unknown> {
  const [first] = routes;
  if (first === undefined) return {};
  if (routes.length === 1) return { cluster: destinationCluster(subject, first.destination, namespace, port) };
  return {
    weighted_clusters: {
      clusters: routes.map(({ destination, weight = 0 }) => ({
        name: destinationCluster(subject, destination, namespace, port),
        weight,
      })),
    },
  };
}

/** The cluster's name, whether or not there is such a cluster. A destination without port takes the service's only one. */
export function destinationCluster(
  subject: Subject,
  { host, port: wanted, subset }: RouteDestination,
  namespace: string,
  port: number,
): string {
  const name = qualifyHost(host, namespace);
  const service = findMeshService(subject, name);
  const only = service?.spec?.ports?.length === 1 ? service.spec.ports[0]?.port : undefined;
  const number = wanted?.number ?? only ?? port;
  const found = withPort(service, number, subset ?? null);
  return found === null ? `outbound|${number}|${subset ?? ''}|${name}` : clusterName(found);
}
