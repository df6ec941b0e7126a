/** pkg/config/analysis/analyzers/{sidecar,telemetry}: two objects for the same pods. */
import { selects } from '../istio-objects.ts';
import type { KubernetesObject } from '../resources.ts';
import { fullName, type Finding } from './finding.ts';
import { namespaceOf, renderLabels, type Snapshot } from './snapshot.ts';

interface Selective extends KubernetesObject {
  spec?: {
    workloadSelector?: { labels?: Record<string, string> };
    selector?: { matchLabels?: Record<string, string> };
  };
}

const TITLES = { sidecars: ['IST0111', 'Sidecars'], telemetries: ['IST0160', 'Telemetries'] } as const;

/** More than one object of a namespace for all its pods. */
export function findUnselected(kind: keyof typeof TITLES): (snapshot: Snapshot) => Finding[] {
  const [code, title] = TITLES[kind];
  return (snapshot) => {
    const unselected = (snapshot.of(kind) as readonly Selective[]).filter((object) => labelsOf(object) === undefined);
    return unselected.flatMap((object): Finding[] => {
      const namespace = namespaceOf(object);
      const all = unselected.filter((other) => namespaceOf(other) === namespace);
      if (all.length < 2) return [];
      const text = `The ${title} ${names(all)} in namespace ${JSON.stringify(namespace)} have no workload selector, which can lead to undefined behavior.`;
      return [{ level: 'Error', code, object, text }];
    });
  };
}

/** Sidecars of no pod, and several of one pod. */
export function findSelectors(snapshot: Snapshot): Finding[] {
  const sidecars = snapshot.of('sidecars') as readonly Selective[];
  const selective = sidecars.filter((object) => labelsOf(object) !== undefined);
  const isOf = (object: Selective, pod: KubernetesObject): boolean =>
    pod.metadata.namespace === namespaceOf(object) && selects(labelsOf(object), pod.metadata.labels);
  const idle = selective
    .filter((object) => !snapshot.of('pods').some((pod) => isOf(object, pod)))
    .map((object): Finding => {
      const text = `Referenced selector not found: ${JSON.stringify(renderLabels(labelsOf(object)))}`;
      return { level: 'Error', code: 'IST0101', object, text };
    });
  const crowded = snapshot.of('pods').flatMap((pod): Finding[] => {
    const own = selective.filter((object) => isOf(object, pod));
    if (own.length < 2) return [];
    const where = `in namespace ${JSON.stringify(namespaceOf(pod))} select the same workload pod ${JSON.stringify(pod.metadata.name)}`;
    const text = `The Sidecars ${names(own)} ${where}, which can lead to undefined behavior.`;
    return own.map((object) => ({ level: 'Error', code: 'IST0110', object, text }));
  });
  return [...idle, ...crowded];
}

function labelsOf({ spec }: Selective): Record<string, string> | undefined {
  const labels = spec?.workloadSelector?.labels ?? spec?.selector?.matchLabels ?? {};
  return Object.keys(labels).length === 0 ? undefined : labels;
}

function names(objects: readonly KubernetesObject[]): string {
  return `[${objects
    .map((object) => fullName(object).split('/').at(-1) ?? '')
    .sort()
    .join(' ')}]`;
}
