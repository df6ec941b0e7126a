/** pkg/config/analysis/analyzers/virtualservice: destinations, gateways, conflicts, and routing by claims. */
import { qualifyHost, selects, type Destination, type VirtualService } from '../istio-objects.ts';
import { fullName, type Finding } from './finding.ts';
import { completed, intersect, isKnownHost, portsOf } from './hosts.ts';
import { namespaceOf, type Snapshot } from './snapshot.ts';

function missing(virtual: VirtualService, type: string, value: string): Finding {
  const text = `Referenced ${type} not found: ${JSON.stringify(value)}`;
  return { level: 'Error', code: 'IST0101', object: virtual, text };
}

/** A destination, and whether it only gets copies of requests. */
interface Aim {
  destination: Destination;
  isMirror: boolean;
}

function aimsOf({ spec = {} }: VirtualService): Aim[] {
  const routes = [...(spec.http ?? []), ...(spec.tcp ?? []), ...(spec.tls ?? [])];
  const mirrors = (spec.http ?? []).flatMap(({ mirror, mirrors: more = [] }) => [
    ...(mirror === undefined ? [] : [mirror]),
    ...more.flatMap(({ destination }) => destination ?? []),
  ]);
  return [
    ...routes
      .flatMap(({ route = [] }) => route.flatMap(({ destination }) => destination ?? []))
      .map((destination) => ({ destination, isMirror: false })),
    ...mirrors.map((destination) => ({ destination, isMirror: true })),
  ];
}

/** Hosts and ports that are not there, and ports that are not told. */
export function findDestinationHosts(snapshot: Snapshot): Finding[] {
  return snapshot
    .of('virtualServices')
    .flatMap((virtual) => [
      ...aimsOf(virtual).flatMap((aim) => hostFindings(snapshot, virtual, aim)),
      ...withoutEffect(snapshot, virtual),
    ]);
}

function hostFindings(snapshot: Snapshot, virtual: VirtualService, { destination, isMirror }: Aim): Finding[] {
  const { host = '', port } = destination;
  const namespace = namespaceOf(virtual);
  if (!isKnownHost(snapshot, host, namespace)) return [missing(virtual, isMirror ? 'mirror host' : 'host', host)];
  const ports = portsOf(snapshot, host, namespace);
  if (port?.number !== undefined) {
    return ports.includes(port.number) ? [] : [missing(virtual, 'host:port', `${host}:${port.number}`)];
  }
  if (ports.length < 2) return [];
  const text = `This VirtualService routes to a service ${JSON.stringify(host)} that exposes multiple ports [${ports.join(' ')}]. Specifying a port in the destination is required to disambiguate.`;
  return [{ level: 'Error', code: 'IST0112', object: virtual, text }];
}

/** A gateway's route without a subset, where another VirtualService of that host chooses one. */
function withoutEffect(snapshot: Snapshot, virtual: VirtualService): Finding[] {
  if ((virtual.spec?.gateways ?? []).length === 0) return [];
  const plain = (virtual.spec?.http ?? [])
    .flatMap(({ route = [] }) => route.flatMap(({ destination }) => destination ?? []))
    .filter(({ subset = '' }) => subset === '');
  return snapshot.of('virtualServices').flatMap((other) =>
    (other.spec?.http ?? [])
      .flatMap(({ route = [] }) => route.flatMap(({ destination }) => destination ?? []))
      .filter(({ subset = '', host = '' }) => subset !== '' && (other.spec?.hosts ?? []).includes(host))
      .filter(({ host }) => plain.some((own) => own.host === host))
      .map((): Finding => {
        const text = `Subset in virtual service ${fullName(other)} has no effect on ingress gateway ${fullName(virtual)} requests`;
        return { level: 'Warning', code: 'IST0140', object: virtual, text };
      }),
  );
}

export function findDestinationSubsets(snapshot: Snapshot): Finding[] {
  return snapshot.of('virtualServices').flatMap((virtual) =>
    aimsOf(virtual).flatMap(({ destination: { host = '', subset = '' }, isMirror }): Finding[] => {
      if (subset === '' || hasSubset(snapshot, host, subset, namespaceOf(virtual))) return [];
      const type = `${isMirror ? 'mirror' : 'host'}+subset in destinationrule`;
      return [missing(virtual, type, `${host}+${subset}`)];
    }),
  );
}

function hasSubset(snapshot: Snapshot, host: string, subset: string, namespace: string): boolean {
  const full = completed(host, namespace);
  return snapshot
    .of('destinationRules')
    .some(
      (rule) =>
        completed(rule.spec?.host ?? '', namespaceOf(rule)) === full &&
        (rule.spec?.subsets ?? []).some(({ name }) => name === subset),
    );
}

export function findReferencedGateways(snapshot: Snapshot): Finding[] {
  return snapshot.of('virtualServices').flatMap((virtual) => gatewayFindings(snapshot, virtual));
}

function gatewayFindings(snapshot: Snapshot, virtual: VirtualService): Finding[] {
  const { gateways = [], hosts = [] } = virtual.spec ?? {};
  return gateways.flatMap((written): Finding[] => {
    if (written === 'mesh') return [];
    const [name = '', namespace = namespaceOf(virtual)] = written.split('/').toReversed();
    const gateway = snapshot
      .of('gateways')
      .find(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
    const findings = gateway === undefined ? [missing(virtual, 'gateway', written)] : [];
    const served = (gateway?.spec?.servers ?? []).flatMap((server) => server.hosts ?? []);
    const isServed = (host: string): boolean =>
      served.some((each) => intersect(each.slice(each.indexOf('/') + 1), qualifyHost(host, namespaceOf(virtual))));
    if (hosts.some(isServed)) return findings;
    const text = `one or more host [${hosts.join(' ')}] defined in VirtualService ${fullName(virtual)} not found in Gateway ${namespace}/${name}.`;
    return [...findings, { level: 'Warning', code: 'IST0132', object: virtual, text }];
  });
}

export function findClaimRoutes(snapshot: Snapshot): Finding[] {
  return snapshot.of('virtualServices').flatMap((virtual) => claimFindings(snapshot, virtual));
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
export function findMeshConflicts(snapshot: Snapshot): Finding[] {
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
