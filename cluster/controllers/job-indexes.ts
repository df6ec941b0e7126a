/** Indexed jobs: which piece of the work a pod does. Kubernetes 1.32, pkg/controller/job/indexed_job_utils.go. */
import { cloneJson } from '../objects/json.ts';
import { type Pod } from '../objects/kinds/pod-types.ts';
import { type PodTemplate } from '../objects/kinds/workload-types.ts';

/** Label and annotation of the pods of an indexed job. */
export const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index';

/** From 0; undefined for a pod that has none. */
export function indexOf(pod: Pod): number | undefined {
  const text = pod.metadata.annotations?.[COMPLETION_INDEX];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** The indexes of these pods, each once, in order. */
export function indexesOf(pods: readonly Pod[]): number[] {
  const found = pods.map(indexOf).filter((index) => index !== undefined);
  return [...new Set(found)].toSorted((a, b) => a - b);
}

/** As `status.completedIndexes` has them: `0,2-4`. @param indexes each once, in order */
export function renderIndexes(indexes: readonly number[]): string {
  const ranges: [first: number, last: number][] = [];
  for (const index of indexes) {
    const range = ranges.at(-1);
    if (range && range[1] === index - 1) range[1] = index;
    else ranges.push([index, index]);
  }
  return ranges
    .map(([first, last]) => (first === last ? `${first}` : `${first}${last === first + 1 ? ',' : '-'}${last}`))
    .join(',');
}

/** The template with the variable `JOB_COMPLETION_INDEX` in each container that does not set it itself. */
export function withIndexVariable(template: PodTemplate): PodTemplate {
  const copy = cloneJson(template);
  for (const container of [...(copy.spec.initContainers ?? []), ...copy.spec.containers]) {
    if (container.env?.some(({ name }) => name === 'JOB_COMPLETION_INDEX')) continue;
    const fieldRef = { apiVersion: 'v1', fieldPath: `metadata.labels['${COMPLETION_INDEX}']` };
    container.env = [...(container.env ?? []), { name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef } }];
  }
  return copy;
}
