/** pkg/config/analysis/analyzers/authz. There is no such analyzer for PeerAuthentication. */
import { selects, type SecurityPolicy } from '../istio-objects.ts';
import type { Finding } from './finding.ts';
import { hasProxy, namespaceOf, type Snapshot } from './snapshot.ts';

export function findAuthorization(snapshot: Snapshot): Finding[] {
  return snapshot
    .of('authorizationPolicies')
    .flatMap((policy) => [...withoutWorkload(snapshot, policy), ...unknownNamespaces(snapshot, policy)]);
}

function withoutWorkload(snapshot: Snapshot, policy: SecurityPolicy): Finding[] {
  const labels = policy.spec?.selector?.matchLabels ?? {};
  const isMeshWide = namespaceOf(policy) === snapshot.istioNamespace;
  const found = snapshot
    .of('pods')
    .some(
      (pod) =>
        (isMeshWide || pod.metadata.namespace === namespaceOf(policy)) &&
        hasProxy(pod) &&
        selects(labels, pod.metadata.labels),
    );
  if (found) return [];
  const shown = Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(',');
  const text = `No matching workloads for this resource with the following labels: ${shown}`;
  return [{ level: 'Warning', code: 'IST0127', object: policy, text }];
}

/** Patterns are passed over: they may come to match. */
function unknownNamespaces(snapshot: Snapshot, policy: SecurityPolicy): Finding[] {
  const known = new Set(snapshot.of('namespaces').map(({ metadata }) => metadata.name));
  const named = (policy.spec?.rules ?? []).flatMap(({ from = [] }) =>
    from.flatMap(({ source }) => source?.['namespaces'] ?? []),
  );
  return named
    .filter((name) => !name.includes('*') && !known.has(name))
    .map((name): Finding => {
      const text = `Referenced namespace not found: ${JSON.stringify(name)}`;
      return { level: 'Error', code: 'IST0101', object: policy, text };
    });
}
