/** pkg/config/analysis/analyzers/virtualservice: destinations, gateways, conflicts, and routing by claims. */
import { qualifyHost, selects, type Destination, type VirtualService } from '../istio-objects.ts';
import { fullName, type Finding } from './finding.ts';
import { findService, intersect, isKnownHost } from './hosts.ts';
import { namespaceOf, type Snapshot } from './snapshot.ts';

export function findVirtualServices(snapshot: Snapshot): Finding[] {
  return [
    ...snapshot
      .of('virtualServices')
      .flatMap((virtual) => [
        ...destinationFindings(snapshot, virtual),
        ...gatewayFindings(snapshot, virtual),
        ...claimFindings(snapshot, virtual),
      ]),
    ...conflicts(snapshot),
  ];
}

function missing(virtual: VirtualService, type: string, value: string): Finding {
  const text = `Referenced ${type} not found: ${JSON.stringify(value)}`;
  return { level: 'Error', code: 'IST0101', object: virtual, text };
}

function destinationsOf({ spec = {} }: VirtualService): Destination[] {
  const routes = [...(spec.http ?? []), ...(spec.tcp ?? []), ...(spec.tls ?? [])];
  const mirrors = (spec.http ?? []).flatMap(({ mirror, mirrors: more = [] }) => [
    ...(mirror === undefined ? [] : [mirror]),
    ...more.flatMap(({ destination }) => destination ?? []),
  ]);
  return [...routes.flatMap(({ route = [] }) => route.flatMap(({ destination }) => destination ?? [])), ...mirrors];
}

function destinationFindings(snapshot: Snapshot, virtual: VirtualService): Finding[] {
  const namespace = namespaceOf(virtual);
  return destinationsOf(virtual).flatMap(({ host = '', subset, port }): Finding[] => {
    if (!isKnownHost(snapshot, host, namespace)) return [missing(virtual, 'host', host)];
    const findings: Finding[] = [];
    if (subset !== undefined && subset !== '' && !hasSubset(snapshot, host, subset, namespace)) {
      findings.push(missing(virtual, 'host+subset in destinationrule', `${host}+${subset}`));
    }
    const ports = (findService(snapshot, host, namespace)?.spec?.ports ?? []).map(({ port: number }) => number);
    if (port?.number === undefined && ports.length > 1) {
      findings.push({
        level: 'Error',
        code: 'IST0112',
        object: virtual,
        text: `This VirtualService routes to a service ${JSON.stringify(host)} that exposes multiple ports [${ports.join(' ')}]. Specifying a port in the destination is required to disambiguate.`,
      });
    }
    return findings;
  });
}

function hasSubset(snapshot: Snapshot, host: string, subset: string, namespace: string): boolean {
  const full = qualifyHost(host, namespace);
  return snapshot
    .of('destinationRules')
    .some(
      (rule) =>
        qualifyHost(rule.spec?.host ?? '', namespaceOf(rule)) === full &&
        (rule.spec?.subsets ?? []).some(({ name }) => name === subset),
    );
}

function gatewayFindings(snapshot: Snapshot, virtual: VirtualService): Finding[] {
  const { gateways = [], hosts = [] } = virtual.spec ?? {};
  return gateways.flatMap((written): Finding[] => {
    if (written === 'mesh') return [];
    const [name = '', namespace = namespaceOf(virtual)] = written.split('/').toReversed();
    const gateway = snapshot
      .of('gateways')
      .find(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
    if (gateway === undefined) return [missing(virtual, 'gateway', written)];
    const served = (gateway.spec?.servers ?? []).flatMap((server) => server.hosts ?? []);
    const isServed = (host: string): boolean =>
      served.some((each) => intersect(each.slice(each.indexOf('/') + 1), qualifyHost(host, namespaceOf(virtual))));
    if (hosts.some(isServed)) return [];
    const text = `one or more host [${hosts.join(' ')}] defined in VirtualService ${fullName(virtual)} not found in Gateway ${namespace}/${name}.`;
    return [{ level: 'Warning', code: 'IST0132', object: virtual, text }];
  });
}

/** Routing by a token's claims needs a RequestAuthentication at the gateway's pods. */
function claimFindings(snapshot: Snapshot, virtual: VirtualService): Finding[] {
  const keys = (virtual.spec?.http ?? []).flatMap(({ match = [] }) =>
    match.flatMap(({ headers = {} }) => Object.keys(headers).filter((name) => name.startsWith('@request.auth.claims'))),
  );
  const [key] = keys;
  if (key === undefined) return [];
  return (virtual.spec?.gateways ?? []).flatMap((written): Finding[] => {
    const [name = '', namespace = namespaceOf(virtual)] = written.split('/').toReversed();
    const gateway = snapshot
      .of('gateways')
      .find(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
    const selector = gateway?.spec?.selector;
    if (selector === undefined) return [];
    return snapshot
      .of('pods')
      .filter(({ metadata }) => selects(selector, metadata.labels))
      .filter(
        ({ metadata }) =>
          !snapshot
            .of('requestAuthentications')
            .some(
              (policy) =>
                [metadata.namespace, snapshot.istioNamespace].includes(policy.metadata.namespace) &&
                selects(policy.spec?.selector?.matchLabels, metadata.labels),
            ),
      )
      .map((pod): Finding => {
        const text = `The virtual service uses the JWT claim based routing (key: ${key}) but found no request authentication for the gateway (${namespace}/${name}) pod (${pod.metadata.name}). The request authentication must first be applied for the gateway pods to validate the JWT token and make the claims available for routing.`;
        return { level: 'Error', code: 'IST0149', object: virtual, text };
      });
  });
}

/** Two VirtualServices of the mesh for one host, visible to the same clients. */
function conflicts(snapshot: Snapshot): Finding[] {
  const byHost = new Map<string, VirtualService[]>();
  for (const virtual of snapshot.of('virtualServices')) {
    const { gateways = [], hosts = [], exportTo = [] } = virtual.spec ?? {};
    if (gateways.length > 0 && !gateways.includes('mesh')) continue;
    const scopes = exportTo.length === 0 ? ['*'] : exportTo.map((to) => (to === '.' ? namespaceOf(virtual) : to));
    for (const host of hosts) {
      for (const scope of scopes) {
        const key = `${scope}/${qualifyHost(host, namespaceOf(virtual))}`;
        byHost.set(key, [...(byHost.get(key) ?? []), virtual]);
      }
    }
  }
  return [...byHost].flatMap(([host, services]) => {
    if (services.length < 2) return [];
    const names = services.map(fullName).sort().join(',');
    const text = `The VirtualServices ${names} associated with mesh gateway define the same host ${host} which can lead to undefined behavior. This can be fixed by merging the conflicting VirtualServices into a single resource.`;
    return services.map((object): Finding => ({ level: 'Error', code: 'IST0109', object, text }));
  });
}
