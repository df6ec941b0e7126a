/** pkg/config/analysis/analyzers/injection. */
import { fullName, type Finding } from './finding.ts';
import { hasProxy, isSystem, type Snapshot } from './snapshot.ts';

const LABEL = 'istio-injection';
const REVISION = 'istio.io/rev';
const WISH = 'sidecar.istio.io/inject';

export function findInjection(snapshot: Snapshot): Finding[] {
  const { minor } = snapshot;
  const findings: Finding[] = [];
  const injected = new Set<string>();
  for (const object of snapshot.of('namespaces')) {
    const { name, labels = {} } = object.metadata;
    if (isSystem(name) || name === snapshot.istioNamespace) continue;
    // Revisions came with 1.6.
    const has = [LABEL, ...(minor < 6 ? [] : [REVISION])].filter((label) => labels[label] !== undefined);
    if (has.length === 0) {
      const text = `The namespace is not enabled for Istio injection. Run 'kubectl label namespace ${name} istio-injection=enabled' to enable it, or 'kubectl label namespace ${name} istio-injection=disabled' to explicitly mark it as not needing injection${minor < 10 ? '' : '.'}`;
      findings.push({ level: 'Info', code: 'IST0102', object, text });
    }
    if (has.length === 2) {
      const text =
        minor < 14
          ? `The namespace has both new and legacy injection labels. Run 'kubectl label namespace ${name} istio.io/rev-' or 'kubectl label namespace ${name} istio-injection-'`
          : `The namespace has more than one type of injection labels [${has.join(' ')}], which may lead to undefined behavior. Make sure only one injection label exists.`;
      findings.push({ level: 'Warning', code: 'IST0123', object, text });
    } else if (labels[LABEL] === 'enabled' || has.includes(REVISION)) injected.add(name);
  }
  for (const pod of snapshot.of('pods')) {
    const { namespace = '', labels = {}, annotations = {} } = pod.metadata;
    if (!injected.has(namespace) || hasProxy(pod) || pod.spec['hostNetwork'] === true) continue;
    if ((labels[WISH] ?? annotations[WISH])?.toLowerCase() === 'false') continue;
    const who = minor < 14 ? 'The pod' : `The pod ${fullName(pod)}`;
    const text = `${who} is missing the Istio proxy. This can often be resolved by restarting or redeploying the workload.`;
    findings.push({ level: 'Warning', code: 'IST0103', object: pod, text });
  }
  return findings;
}
