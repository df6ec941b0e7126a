import type { KubernetesObject } from '../../cluster/index.ts';
import { type FieldPath, readField, writeFieldPath } from '../lessons/field-path.ts';

/** One change to one field. */
export interface Mutant {
  path: FieldPath;
  /** For reports: `spec.mtls.mode: PERMISSIVE`, `spec.selector left out`. */
  label: string;
  object: KubernetesObject;
}

/** Paths of everything below `path` that is no map and no list; empty maps and lists count. */
export function leavesOf(value: unknown, path: FieldPath = []): FieldPath[] {
  if (typeof value !== 'object' || value === null) return [path];
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? value.map((item, index) => [index, item])
    : Object.entries(value);
  return entries.length === 0 ? [path] : entries.flatMap(([step, item]) => leavesOf(item, [...path, step]));
}

/** The object with another value in the field. */
export function changed(object: KubernetesObject, path: FieldPath, value: unknown): Mutant {
  const copy = structuredClone(object);
  const parent = readField(copy, path.slice(0, -1)) as Record<string | number, unknown>;
  parent[path.at(-1)!] = value;
  return { path, label: `${writeFieldPath(path)}: ${JSON.stringify(value)}`, object: copy };
}

/** The object as somebody writes it who forgets the field: what holds nothing else is not written either. */
export function leftOut(object: KubernetesObject, path: FieldPath): Mutant {
  const copy = structuredClone(object);
  let rest = [...path];
  for (;;) {
    const parent = readField(copy, rest.slice(0, -1));
    const step = rest.at(-1)!;
    if (Array.isArray(parent)) parent.splice(Number(step), 1);
    else delete (parent as Record<string, unknown>)[step];
    rest = rest.slice(0, -1);
    // `spec` itself stays, empty.
    if (rest.length <= 1 || Object.keys(parent as object).length > 0) break;
  }
  return { path, label: `${writeFieldPath(path)} left out`, object: copy };
}

/** Other values of the same type, best first: which one an API accepts is not known here. */
export function otherValues(value: unknown): unknown[] {
  switch (typeof value) {
    case 'boolean':
      return [!value];
    case 'number':
      return [value + 1, value - 1];
    case 'string':
      return value === '*' ? ['other'] : [`${value}-other`, `other-${value}`, 'other', '9.9.9.9', '99s'];
    default:
      // An empty map or list, or null.
      return [];
  }
}

/** The values that an API's refusal names: `Unsupported value: "x": supported values: "DISABLE", "STRICT"`. */
export function supportedValues(refusal: string): string[] {
  const list = /supported values: (.*)/.exec(refusal)?.[1] ?? '';
  return [...list.matchAll(/"([^"]+)"/g)].map(([, word]) => word!);
}

/** Maps in which a further entry makes something match less, as labels do. */
const SELECTING = new Set(['matchLabels', 'labels']);

/** The object with a further label in each of its selectors, which then select nothing. */
export function narrowed(object: KubernetesObject, leaves: readonly FieldPath[]): Mutant[] {
  const maps = new Map<string, FieldPath>();
  for (const leaf of leaves) {
    const at = leaf.findIndex((step, index) => SELECTING.has(String(step)) && index < leaf.length - 1);
    if (at !== -1) maps.set(writeFieldPath(leaf.slice(0, at + 1)), leaf.slice(0, at + 1));
  }
  return [...maps.values()].map((path) => changed(object, [...path, 'other'], 'label'));
}
