/** pkg/config/analysis/analyzers/destinationrule: certificates of servers, hosts and subsets. */
import { selects, type DestinationRule } from '../istio-objects.ts';
import { fullName, type Finding } from './finding.ts';
import { findService, isKnownHost } from './hosts.ts';
import { namespaceOf, type Snapshot } from './snapshot.ts';

export function findDestinationRules(snapshot: Snapshot): Finding[] {
  return snapshot
    .of('destinationRules')
    .flatMap((rule) => [...unverified(rule), ...unknownHost(snapshot, rule), ...emptySubsets(snapshot, rule)]);
}

const VERIFIED_MODES = ['SIMPLE', 'MUTUAL'];

function unverified(rule: DestinationRule): Finding[] {
  const { host = '', trafficPolicy } = rule.spec ?? {};
  const findings: Finding[] = [];
  const start = `DestinationRule ${fullName(rule)} in namespace ${namespaceOf(rule)} has TLS mode set to`;
  const end = `but no caCertificates are set to validate server identity for host: ${host}`;
  const isUnverified = (
    tls: { mode?: string; caCertificates?: string; credentialName?: string } | undefined,
  ): boolean => VERIFIED_MODES.includes(tls?.mode ?? '') && !tls?.caCertificates && !tls?.credentialName;
  if (isUnverified(trafficPolicy?.tls)) {
    const text = `${start} ${trafficPolicy?.tls?.mode ?? ''} ${end}`;
    findings.push({ level: 'Warning', code: 'IST0128', object: rule, text });
  }
  for (const { tls, port } of trafficPolicy?.portLevelSettings ?? []) {
    if (!isUnverified(tls)) continue;
    const text = `${start} ${tls?.mode ?? ''} ${end} at port number:${port?.number ?? 0}`;
    findings.push({ level: 'Warning', code: 'IST0129', object: rule, text });
  }
  return findings;
}

function unknownHost(snapshot: Snapshot, rule: DestinationRule): Finding[] {
  const host = rule.spec?.host ?? '';
  if (isKnownHost(snapshot, host, namespaceOf(rule))) return [];
  const text = `The host ${host} defined in the DestinationRule does not match any services in the mesh.`;
  return [{ level: 'Warning', code: 'IST0174', object: rule, text }];
}

function emptySubsets(snapshot: Snapshot, rule: DestinationRule): Finding[] {
  const service = findService(snapshot, rule.spec?.host ?? '', namespaceOf(rule));
  if (service === undefined) return [];
  return (rule.spec?.subsets ?? []).flatMap(({ name, labels }): Finding[] => {
    const selector = { ...service.spec?.selector, ...labels };
    if (snapshot.of('pods').some(({ metadata }) => selects(selector, metadata.labels))) return [];
    const text = `The Subset ${name} defined in the DestinationRule does not select any pods.`;
    return [{ level: 'Error', code: 'IST0173', object: rule, text }];
  });
}
