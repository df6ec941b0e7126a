import { isRecord } from '../api/object.ts';

/** A copy with the keys of all maps in order, as Go prints maps. */
export function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort(compareBytes)
      .map((key) => [key, sortKeys(value[key])]),
  );
}

/** Order of UTF-8 bytes, which is Go's order of strings. */
export function compareBytes(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** Indented by four, `<>&` escaped, as encoding/json does for HTML's sake. Ends with a newline. */
export function renderJson(value: unknown): string {
  return `${escapeHtml(JSON.stringify(value, null, 4))}\n`;
}

/** On one line, keys in order. */
export function compactJson(value: unknown): string {
  return escapeHtml(JSON.stringify(sortKeys(value)));
}

function escapeHtml(json: string): string {
  return json.replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
