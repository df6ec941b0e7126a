/** pkg/config/analysis/analyzers/gateway: who listens, with which certificate, and whether another does the same. */
import { selects, type Gateway } from '../istio-objects.ts';
import { fullName, type Finding } from './finding.ts';
import { intersect } from './hosts.ts';
import type { Snapshot } from './snapshot.ts';

export function findGateways(snapshot: Snapshot): Finding[] {
  return snapshot
    .of('gateways')
    .flatMap((gateway) => [
      ...missingWorkload(snapshot, gateway),
      ...missingSecrets(snapshot, gateway),
      ...conflicts(snapshot, gateway),
    ]);
}

function renderSelector({ spec }: Gateway): string {
  return Object.entries(spec?.selector ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(',');
}

function podsOf(snapshot: Snapshot, { spec }: Gateway) {
  return snapshot.of('pods').filter(({ metadata }) => selects(spec?.selector, metadata.labels));
}

function missing(object: Gateway, type: string, value: string): Finding {
  return { level: 'Error', code: 'IST0101', object, text: `Referenced ${type} not found: ${JSON.stringify(value)}` };
}

function missingWorkload(snapshot: Snapshot, gateway: Gateway): Finding[] {
  if (Object.keys(gateway.spec?.selector ?? {}).length === 0 || podsOf(snapshot, gateway).length > 0) return [];
  return [missing(gateway, 'selector', renderSelector(gateway))];
}

/** Certificates are looked for where the gateway's pods are. */
function missingSecrets(snapshot: Snapshot, gateway: Gateway): Finding[] {
  const namespaces = new Set(podsOf(snapshot, gateway).map(({ metadata }) => metadata.namespace));
  if (namespaces.size === 0) return [];
  return (gateway.spec?.servers ?? []).flatMap(({ tls }) => {
    const name = tls?.credentialName;
    if (name === undefined || name === '') return [];
    const found = snapshot
      .of('secrets')
      .some(({ metadata }) => metadata.name === name && namespaces.has(metadata.namespace));
    return found ? [] : [missing(gateway, 'credentialName', name)];
  });
}

/** One port of one workload, the same hosts, two Gateways. */
function conflicts(snapshot: Snapshot, gateway: Gateway): Finding[] {
  const selector = renderSelector(gateway);
  return (gateway.spec?.servers ?? []).flatMap(({ port, hosts = [] }): Finding[] => {
    const others = snapshot
      .of('gateways')
      .filter(
        (other) =>
          fullName(other) !== fullName(gateway) &&
          renderSelector(other) === selector &&
          (other.spec?.servers ?? []).some(
            (server) =>
              server.port?.number === port?.number &&
              (server.hosts ?? []).some((each) => hosts.some((host) => intersect(bare(each), bare(host)))),
          ),
      );
    if (others.length === 0) return [];
    const names = others.map(fullName).sort().join(',');
    const text = `Conflict with gateways ${names} (workload selector ${selector}, port ${port?.number ?? 0}, hosts ${hosts.join(',')}).`;
    return [{ level: 'Error', code: 'IST0145', object: gateway, text }];
  });
}

function bare(host: string): string {
  return host.slice(host.indexOf('/') + 1);
}
