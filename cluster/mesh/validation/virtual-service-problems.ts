import type { KubernetesObject } from '../../objects/object.ts';
import type { Era } from '../era.ts';
import { hostCovers } from '../host-name.ts';
import { MESH_GATEWAY, type HttpRoute, type VirtualService } from '../virtual-service.ts';

export function* virtualServiceProblems(object: KubernetesObject, { validation }: Era): Generator<string> {
  const { hosts = [], gateways = [], http = [], tls = [], tcp = [] } = (object as VirtualService).spec ?? {};
  const hasDelegates = validation.texts === 'istiod';
  const appliesToMesh = gateways.length === 0 || gateways.includes(MESH_GATEWAY);
  if (hosts.length === 0) {
    if (!hasDelegates) yield 'virtual service must have at least one host';
    else {
      // Without hosts it is one that others delegate to.
      if (gateways.length > 0) yield 'delegate virtual service must have no gateways specified';
      if (tls.length > 0) yield 'delegate virtual service must have no tls route specified';
      if (tcp.length > 0) yield 'delegate virtual service must have no tcp route specified';
    }
  }
  if (appliesToMesh && hosts.includes('*')) {
    yield 'wildcard host * is not allowed for virtual services bound to the mesh gateway';
  } else {
    for (const [index, host] of hosts.entries()) {
      for (const other of hosts.slice(index + 1)) {
        if (hostCovers(host, other) || hostCovers(other, host)) {
          yield `duplicate hosts in virtual service: ${host} & ${other}`;
        }
      }
    }
  }
  if (http.length + tls.length + tcp.length === 0) yield 'http, tcp or tls must be provided in virtual service';
  for (const route of http) yield* httpRouteProblems(route, hasDelegates);
  for (const { route } of [...tls, ...tcp]) yield* weightProblems(route ?? [], hasDelegates);
}

function* httpRouteProblems(route: HttpRoute, isToday: boolean): Generator<string> {
  const destinations = route.route ?? [];
  if (route.redirect !== undefined) {
    if (destinations.length > 0) yield 'HTTP route cannot contain both route and redirect';
    if (route.fault !== undefined) yield 'HTTP route cannot contain both fault and redirect';
    if (route.rewrite !== undefined) yield 'HTTP route rule cannot contain both rewrite and redirect';
  } else if (route.directResponse !== undefined) {
    if (destinations.length > 0) yield 'HTTP route cannot contain both route and direct_response';
    if (route.fault !== undefined) yield 'HTTP route cannot contain both fault and direct_response';
    if (route.rewrite !== undefined) yield 'HTTP route rule cannot contain both rewrite and direct_response';
  } else if (destinations.length === 0 && (route as { delegate?: unknown }).delegate === undefined) {
    yield isToday ? 'HTTP route, redirect or direct_response is required' : 'HTTP route or redirect is required';
  }
  yield* weightProblems(destinations, isToday);
}

/** Through 1.6 weights add up to 100; today any share will do, but not none. */
function* weightProblems(destinations: readonly { weight?: number }[], isToday: boolean): Generator<string> {
  const total = destinations.reduce((sum, { weight = 0 }) => sum + weight, 0);
  if (destinations.length > 1 && isToday && total === 0) yield 'total destination weight = 0';
  if (destinations.length > 1 && !isToday && total !== 100) yield `total destination weight ${total} != 100`;
  for (const { weight = 0 } of destinations) if (weight < 0) yield `weight ${weight} < 0`;
}
