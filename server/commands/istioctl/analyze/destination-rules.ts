/** pkg/config/analysis/analyzers/destinationrule: certificates of servers, hosts and subsets. */
import { selects, type TlsSettings } from '../istio-objects.ts';
import { fullName, type Finding } from './finding.ts';
import { findService, isKnownHost } from './hosts.ts';
import { namespaceOf, type Snapshot } from './snapshot.ts';

const VERIFIED_MODES = ['SIMPLE', 'MUTUAL'];

/** Servers whose certificate is taken as it comes. */
export function findUnverified(snapshot: Snapshot): Finding[] {
  return snapshot.of('destinationRules').flatMap((object) => {
    const { host = '', trafficPolicy } = object.spec ?? {};
    const findings: Finding[] = [];
    const start = `DestinationRule ${fullName(object)} in namespace ${namespaceOf(object)} has TLS mode set to`;
    const end = `but no caCertificates are set to validate server identity for host: ${host}`;
    if (isUnverified(trafficPolicy?.tls)) {
      const text = `${start} ${trafficPolicy?.tls?.mode ?? ''} ${end}`;
      findings.push({ level: 'Warning', code: 'IST0128', object, text });
    }
    for (const { tls, port } of trafficPolicy?.portLevelSettings ?? []) {
      if (!isUnverified(tls)) continue;
      const text = `${start} ${tls?.mode ?? ''} ${end} at port number:${port?.number ?? 0}`;
      findings.push({ level: 'Warning', code: 'IST0129', object, text });
    }
    return findings;
  });
}

function isUnverified(tls: TlsSettings | undefined): boolean {
  return VERIFIED_MODES.includes(tls?.mode ?? '') && !tls?.caCertificates && !tls?.credentialName;
}

/** Hosts that nobody has, and subsets that select no pod. */
export function findSubsets(snapshot: Snapshot): Finding[] {
  return snapshot.of('destinationRules').flatMap((object): Finding[] => {
    const { host = '', subsets = [] } = object.spec ?? {};
    if (!isKnownHost(snapshot, host, namespaceOf(object))) {
      const text = `The host ${host} defined in the DestinationRule does not match any services in the mesh.`;
      return [{ level: 'Warning', code: 'IST0174', object, text }];
    }
    const service = findService(snapshot, host, namespaceOf(object));
    if (service === undefined) return [];
    return subsets.flatMap(({ name, labels }): Finding[] => {
      const selector = { ...service.spec?.selector, ...labels };
      if (snapshot.of('pods').some(({ metadata }) => selects(selector, metadata.labels))) return [];
      const text = `The Subset ${name} defined in the DestinationRule does not select any pods. Which may lead to 503 UH (NoHealthyUpstream).`;
      return [{ level: 'Error', code: 'IST0173', object, text }];
    });
  });
}
