/** pkg/config/analysis/analyzers/authz. There is no such analyzer for PeerAuthentication. */
import { selects, type SecurityPolicy } from '../istio-objects.ts';
import type { Finding } from './finding.ts';
import { isInMesh, namespaceOf, renderLabels, type Snapshot } from './snapshot.ts';

export function findAuthorization(snapshot: Snapshot): Finding[] {
  return snapshot
    .of('authorizationPolicies')
    .flatMap((policy) => [...withoutWorkload(snapshot, policy), ...unknownNamespaces(snapshot, policy)]);
}

function withoutWorkload(snapshot: Snapshot, policy: SecurityPolicy): Finding[] {
  const labels = policy.spec?.selector?.matchLabels;
  const isMeshWide = namespaceOf(policy) === snapshot.istioNamespace;
  if (isMeshWide && labels === undefined) return [];
  const found = snapshot
    .of('pods')
    .some(
      (pod) =>
        (isMeshWide || pod.metadata.namespace === namespaceOf(policy)) &&
        isInMesh(snapshot, namespaceOf(pod), pod) &&
        selects(labels, pod.metadata.labels),
    );
  if (found) return [];
  const text = `No matching workloads for this resource with the following labels: ${renderLabels(labels)}`;
  return [{ level: 'Warning', code: 'IST0127', object: policy, text }];
}

function unknownNamespaces(snapshot: Snapshot, policy: SecurityPolicy): Finding[] {
  const known = snapshot.of('namespaces').map(({ metadata }) => metadata.name.toLowerCase());
  const named = (policy.spec?.rules ?? []).flatMap(({ from = [] }) =>
    from.flatMap(({ source }) => [...(source?.['namespaces'] ?? []), ...(source?.['notNamespaces'] ?? [])]),
  );
  return named
    .filter((pattern) => !known.some((name) => fits(pattern.toLowerCase(), name)))
    .map((pattern): Finding => {
      const text = `Referenced namespace not found: ${JSON.stringify(pattern)}`;
      return { level: 'Error', code: 'IST0101', object: policy, text };
    });
}

function fits(pattern: string, name: string): boolean {
  if (pattern.startsWith('*')) return name.endsWith(pattern.slice(1));
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
