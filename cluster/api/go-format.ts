import { isJsonObject } from '../objects/json.ts';

/** A JSON value as Go prints it with `%v`: `map[spec:map[replicas:2]]`, keys sorted. */
export function goFormat(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goFormat).join(' ')}]`;
  if (!isJsonObject(value)) return String(value);
  const entries = Object.keys(value)
    .toSorted()
    .map((key) => `${key}:${goFormat(value[key])}`);
  return `map[${entries.join(' ')}]`;
}
