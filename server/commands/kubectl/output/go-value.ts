import { isRecord } from '../api/object.ts';
import { compareBytes } from './json.ts';

/** Go's `%#v` of decoded JSON, which kubectl prints when a template fails. */
export function renderGoSyntax(value: unknown): string {
  if (value === null || value === undefined) return 'interface {}(nil)';
  if (Array.isArray(value)) return `[]interface {}{${value.map(renderGoSyntax).join(', ')}}`;
  if (isRecord(value)) {
    const pairs = Object.keys(value)
      .sort(compareBytes)
      .map((key) => `${JSON.stringify(key)}:${renderGoSyntax(value[key])}`);
    return `map[string]interface {}{${pairs.join(', ')}}`;
  }
  return JSON.stringify(value);
}

/** Go's `%v` of decoded JSON: `map[a:1 b:[x y]]`. */
export function renderGoValue(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(renderGoValue).join(' ')}]`;
  if (isRecord(value)) {
    const pairs = Object.keys(value)
      .sort(compareBytes)
      .map((key) => `${key}:${renderGoValue(value[key])}`);
    return `map[${pairs.join(' ')}]`;
  }
  return String(value);
}
