import { isIP } from 'node:net';
import type { KubernetesObject } from '../../objects/object.ts';
import type { Era } from '../era.ts';
import { hostCovers } from '../host-name.ts';
import { MESH_GATEWAY, type TcpRoute, type VirtualService } from '../virtual-service.ts';
import {
  exportToProblems,
  gatewayNameProblems,
  labelProblemsOf,
  portNumberProblems,
  subnetProblems,
  wildcardDomainProblems,
  type Problem,
} from './common-problems.ts';
import { destinationProblems, httpRouteProblems, weightProblems } from './http-route-problems.ts';

export function* virtualServiceProblems(object: KubernetesObject, { validation }: Era): Generator<Problem> {
  const { hosts = [], gateways = [], http = [], tls = [], tcp = [], exportTo } = (object as VirtualService).spec ?? {};
  const isToday = validation.texts === 'istiod';
  const appliesToMesh = gateways.length === 0 || gateways.includes(MESH_GATEWAY);
  if (hosts.length === 0) {
    if (!isToday) yield 'virtual service must have at least one host';
    else {
      // Without hosts it is one that others delegate to.
      if (gateways.length > 0) yield 'delegate virtual service must have no gateways specified';
      if (tls.length > 0) yield 'delegate virtual service must have no tls route specified';
      if (tcp.length > 0) yield 'delegate virtual service must have no tcp route specified';
    }
  }
  yield* gatewayNameProblems(gateways);
  yield* hostsProblems(hosts, appliesToMesh);
  if (http.length + tls.length + tcp.length === 0) yield 'http, tcp or tls must be provided in virtual service';
  for (const route of http) yield* httpRouteProblems(route, isToday);
  for (const route of tls) yield* tlsRouteProblems(route, hosts, isToday);
  for (const route of tcp) {
    for (const match of route.match ?? []) yield* bytesMatchProblems(match);
    if ((route.route ?? []).length === 0) yield 'TCP route is required';
    yield* bytesDestinationProblems(route, isToday);
  }
  yield* exportToProblems(object.metadata.namespace ?? '', exportTo);
}

function* hostsProblems(hosts: readonly string[], appliesToMesh: boolean): Generator<string> {
  let areValid = true;
  for (const host of hosts) {
    const problems = isIP(host) === 0 ? [...wildcardDomainProblems(host)] : [];
    if (problems.length > 0) {
      yield* problems;
      areValid = false;
    } else if (appliesToMesh && host === '*') {
      yield 'wildcard host * is not allowed for virtual services bound to the mesh gateway';
      areValid = false;
    }
  }
  if (!areValid) return;
  for (const [index, host] of hosts.entries()) {
    for (const other of hosts.slice(index + 1)) {
      if (hostCovers(host, other) || hostCovers(other, host)) {
        yield `duplicate hosts in virtual service: ${host} & ${other}`;
      }
    }
  }
}

function* tlsRouteProblems(route: TcpRoute, hosts: readonly string[], isToday: boolean): Generator<Problem> {
  if ((route.match ?? []).length === 0) yield 'TLS route must have at least one match condition';
  for (const match of route.match ?? []) {
    const names = match.sniHosts ?? [];
    if (names.length === 0) yield 'TLS match must have at least one SNI host';
    for (const name of names) {
      const problems = [...wildcardDomainProblems(name)];
      if (problems.length > 0) {
        if (isIP(name) === 0) yield* problems;
      } else if (!hosts.some((host) => hostCovers(host, name))) {
        yield `SNI host ${JSON.stringify(name)} is not a compatible subset of any of the virtual service hosts: [${hosts.join(', ')}]`;
      }
    }
    yield* bytesMatchProblems(match);
  }
  if ((route.route ?? []).length === 0) yield 'TLS route is required';
  yield* bytesDestinationProblems(route, isToday);
}

function* bytesMatchProblems(match: NonNullable<TcpRoute['match']>[number]): Generator<Problem> {
  for (const subnet of match.destinationSubnets ?? []) yield* subnetProblems(subnet);
  if (match.port) yield* portNumberProblems(match.port);
  yield* labelProblemsOf(match.sourceLabels);
  yield* gatewayNameProblems(match.gateways);
}

function* bytesDestinationProblems({ route = [] }: TcpRoute, isToday: boolean): Generator<string> {
  for (const { destination } of route) yield* destinationProblems(destination);
  yield* weightProblems(route, isToday);
}
