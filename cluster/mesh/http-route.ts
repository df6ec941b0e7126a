import { isInBlock } from './ip-block.ts';
import { hostCovers } from './host-name.ts';
import { compile, matchesString } from './string-match.ts';
import type { HttpMatch, HttpRoute, TcpRoute, WeightedDestination } from './virtual-service.ts';
import { selects } from './workload-selector.ts';

/** Where a request comes from: a sidecar's workload, or a gateway. */
export interface RouteSource {
  namespace: string;
  labels: Readonly<Record<string, string>>;
  /** `mesh` or `namespace/name` of a Gateway. */
  gateway: string;
}

/** A request as the client's proxy received it. */
export interface RoutedRequest {
  method: string;
  /** With its query. */
  path: string;
  authority: string;
  scheme: string;
  /** The service's port, or the gateway's. */
  port: number;
  /** By lower-case name. */
  header(name: string): string | undefined;
}

/** The first route that matches; a route without `match` always does. Undefined: 404. */
export function findHttpRoute(
  routes: readonly HttpRoute[],
  request: RoutedRequest,
  source: RouteSource,
  namespace: string,
): { route: HttpRoute; match: HttpMatch | undefined } | undefined {
  for (const route of routes) {
    const matches = route.match ?? [];
    if (matches.length === 0) return { route, match: undefined };
    const match = matches.find((each) => matchesRequest(each, request, source, namespace));
    if (match !== undefined) return { route, match };
  }
  return undefined;
}

/** All conditions of one match (Istio 1.27, pilot/pkg/networking/core/route/route.go, translateRouteMatch). */
function matchesRequest(match: HttpMatch, request: RoutedRequest, source: RouteSource, namespace: string): boolean {
  const [path = '', query = ''] = request.path.split(/\?(.*)/s);
  const parameters = new URLSearchParams(query);
  return (
    matchesSource(match, source, namespace) &&
    (match.port === undefined || match.port === request.port) &&
    (match.uri === undefined || matchesString(match.uri, path, match.ignoreUriCase)) &&
    (match.scheme === undefined || matchesString(match.scheme, request.scheme)) &&
    (match.method === undefined || matchesString(match.method, request.method)) &&
    (match.authority === undefined || matchesString(match.authority, request.authority)) &&
    Object.entries(match.headers ?? {}).every(([name, each]) =>
      matchesString(each, request.header(name.toLowerCase())),
    ) &&
    Object.entries(match.withoutHeaders ?? {}).every(
      ([name, each]) => !matchesString(each, request.header(name.toLowerCase())),
    ) &&
    Object.entries(match.queryParams ?? {}).every(([name, each]) =>
      matchesString(each, parameters.get(name) ?? undefined),
    )
  );
}

/** The first route for bytes. @param serverName what a TLS client asked for; null where it is no TLS. */
export function findTcpRoute(
  routes: readonly TcpRoute[],
  connection: { port: number; destinationIp: string; serverName: string | null },
  source: RouteSource,
  namespace: string,
): TcpRoute | undefined {
  return routes.find(
    ({ match = [] }) =>
      match.length === 0 ||
      match.some(
        (each) =>
          matchesSource(each, source, namespace) &&
          (each.port === undefined || each.port === connection.port) &&
          (each.destinationSubnets === undefined ||
            each.destinationSubnets.some((subnet) => isInBlock(subnet, connection.destinationIp))) &&
          (each.sniHosts === undefined ||
            each.sniHosts.some((host) => connection.serverName !== null && hostCovers(host, connection.serverName))),
      ),
  );
}

function matchesSource(
  match: Pick<HttpMatch, 'gateways' | 'sourceLabels' | 'sourceNamespace'>,
  source: RouteSource,
  namespace: string,
): boolean {
  const gateways = (match.gateways ?? []).map((name) =>
    name === 'mesh' || name.includes('/') ? name : `${namespace}/${name}`,
  );
  if (gateways.length > 0 && !gateways.includes(source.gateway)) return false;
  // At a gateway the client is nobody the mesh knows: these two are for sidecars.
  if (source.gateway !== 'mesh') return true;
  return (
    selects(match.sourceLabels, source.labels) &&
    (match.sourceNamespace === undefined || match.sourceNamespace === source.namespace)
  );
}

/**
 * One of the destinations by weight; a single one whatever its weight.
 * @param dice 0 (inclusive) to 1 (exclusive)
 */
export function pickDestination(
  destinations: readonly WeightedDestination[],
  dice: number,
): WeightedDestination | undefined {
  if (destinations.length <= 1) return destinations[0];
  const total = destinations.reduce((sum, { weight = 0 }) => sum + weight, 0);
  let rest = dice * total;
  return destinations.find(({ weight = 0 }) => (rest -= weight) < 0);
}

/** The path, and its query, after `rewrite`. */
export function rewritePath(path: string, route: HttpRoute, match: HttpMatch | undefined): string {
  const { rewrite } = route;
  if (rewrite === undefined) return path;
  const [plain = '', query] = path.split(/\?(.*)/s);
  const withQuery = (changed: string): string => (query === undefined ? changed : `${changed}?${query}`);
  if (rewrite.uriRegexRewrite !== undefined) {
    // RE2's \1 is $1 in Java's form, which this engine takes.
    const replacement = rewrite.uriRegexRewrite.rewrite.replaceAll('$', '\\$').replaceAll(/\\(\d)/g, '$$$1');
    return withQuery(compile(rewrite.uriRegexRewrite.match)?.matcher(plain).replaceAll(replacement) ?? plain);
  }
  if (rewrite.uri === undefined) return path;
  const prefix = match === undefined ? '/' : match.uri?.prefix;
  // Envoy: a route of a prefix replaces the prefix, any other the whole path.
  return withQuery(prefix === undefined ? rewrite.uri : rewrite.uri + plain.slice(prefix.length));
}

/** Status and Location of a redirect. */
export function redirection(
  redirect: NonNullable<HttpRoute['redirect']>,
  request: RoutedRequest,
  match: HttpMatch | undefined,
): { status: number; location: string } {
  const [plain = '', query] = request.path.split(/\?(.*)/s);
  const prefix = match?.uri?.prefix;
  const path =
    redirect.uri === undefined
      ? plain
      : redirect.uri.startsWith('%PREFIX()%')
        ? redirect.uri.slice('%PREFIX()%'.length) + plain.slice(prefix?.length ?? 0)
        : redirect.uri;
  const [host = '', ownPort] = request.authority.split(':');
  const scheme = redirect.scheme ?? request.scheme;
  const port = redirect.port ?? (redirect.derivePort === 'FROM_REQUEST_PORT' ? request.port : undefined);
  const isDefaultPort = port === (scheme === 'https' ? 443 : 80);
  // The client's own port goes where the scheme changes, as in Envoy.
  const kept =
    redirect.authority === undefined && scheme === request.scheme && ownPort !== undefined ? `:${ownPort}` : '';
  const suffix = port === undefined ? kept : isDefaultPort ? '' : `:${port}`;
  return {
    status: redirect.redirectCode ?? 301,
    location: `${scheme}://${redirect.authority ?? host}${suffix}${path}${query === undefined ? '' : `?${query}`}`,
  };
}
