/** pkg/config/analysis/analyzers/injection. */
import type { Finding } from './finding.ts';
import { hasProxy, isSystem, type Snapshot } from './snapshot.ts';

const LABEL = 'istio-injection';
const REVISION = 'istio.io/rev';
const WISH = 'sidecar.istio.io/inject';

export function findInjection(snapshot: Snapshot): Finding[] {
  const findings: Finding[] = [];
  const injected = new Set<string>();
  for (const object of snapshot.of('namespaces')) {
    const { name, labels = {} } = object.metadata;
    if (isSystem(name) || name === snapshot.istioNamespace) continue;
    const has = [LABEL, REVISION].filter((label) => labels[label] !== undefined);
    if (has.length === 0) {
      const text = `The namespace is not enabled for Istio injection. Run 'kubectl label namespace ${name} istio-injection=enabled' to enable it, or 'kubectl label namespace ${name} istio-injection=disabled' to explicitly mark it as not needing injection.`;
      findings.push({ level: 'Info', code: 'IST0102', object, text });
    }
    if (has.length === 2) {
      const text = `The namespace has more than one type of injection labels [${LABEL} ${REVISION}], which may lead to undefined behavior. Make sure only one injection label exists.`;
      findings.push({ level: 'Warning', code: 'IST0123', object, text });
    }
    if (labels[LABEL] === 'enabled' || (labels[LABEL] === undefined && labels[REVISION] !== undefined))
      injected.add(name);
  }
  for (const pod of snapshot.of('pods')) {
    const { name, namespace = '', labels = {}, annotations = {} } = pod.metadata;
    if (!injected.has(namespace) || hasProxy(pod) || pod.spec['hostNetwork'] === true) continue;
    if ((labels[WISH] ?? annotations[WISH]) === 'false') continue;
    const text = `The pod ${name} is missing the Istio proxy. This can often be resolved by restarting or redeploying the workload.`;
    findings.push({ level: 'Warning', code: 'IST0103', object: pod, text });
  }
  return findings;
}
