import { type KubernetesObject } from '../object.ts';
import { humanDuration } from '../human-duration.ts';
import { type Cell, type Column } from './kind.ts';

export const NAME: Column = { name: 'Name', type: 'string', format: 'name', value: (object) => object.metadata.name };
export const AGE: Column = { name: 'Age', type: 'string', value: (object, now) => ageOf(object, now) };
/** As printed for kinds whose table says when, not how long ago. */
export const CREATED_AT: Column = {
  name: 'Created At',
  type: 'date',
  value: (object) => object.metadata.creationTimestamp ?? '<unknown>',
};

export function ageOf(object: KubernetesObject, now: number): string {
  return sinceText(object.metadata.creationTimestamp, now);
}

/** `5m`, as kubectl prints the time since then. */
export function sinceText(timestamp: string | undefined | null, now: number): string {
  return timestamp ? humanDuration(now - Date.parse(timestamp)) : '<unknown>';
}

export function column(
  name: string,
  type: Column['type'],
  value: (object: KubernetesObject, now: number) => Cell,
): Column {
  return { name, type, value };
}

export function wide(
  name: string,
  type: Column['type'],
  value: (object: KubernetesObject, now: number) => Cell,
): Column {
  return { name, type, value, wide: true };
}

/** `a=1,b=2`, or `<none>`. */
export function labelsText(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return pairs.length > 0 ? pairs.toSorted().join(',') : '<none>';
}

interface SelectorObject {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

/** A workload's selector as kubectl prints it (metav1.FormatLabelSelector). */
export function selectorText(selector: SelectorObject | undefined): string {
  if (!selector) return '<none>';
  const terms = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  for (const { key, operator, values } of selector.matchExpressions ?? []) {
    const list = (values ?? []).toSorted().join(',');
    if (operator === 'In') terms.push(`${key} in (${list})`);
    else if (operator === 'NotIn') terms.push(`${key} notin (${list})`);
    else terms.push(operator === 'Exists' ? key : `!${key}`);
  }
  return terms.length > 0 ? terms.toSorted().join(',') : '<none>';
}
