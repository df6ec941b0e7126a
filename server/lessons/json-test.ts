import { isDeepStrictEqual } from 'node:util';
import { parseDocument } from 'yaml';
import type { JsonTest } from './definition.ts';
import { type FieldPath, parseFieldPath, readField } from './field-path.ts';

export const JSON_OPERATORS = ['==', '!=', 'contains', '>', '>=', '<', '<=', 'exists'] as const;

/**
 * Reads `items.length == 2`, `headers.Host contains httpbin` or `metadata.labels.app exists`. The value is YAML on
 * one line. Returns what is wrong as a text when it cannot be read.
 */
export function parseJsonTest(text: string): JsonTest | string {
  const match = /^(?<path>(?:[^\s"]|"[^"]*")+)\s+(?<operator>\S+)(?:\s+(?<value>.*))?$/.exec(text.trim());
  if (match === null) return `"${text}" is not a test on JSON. Write it as items.length == 2.`;
  const { path, operator: word, value } = match.groups as { path: string; operator: string; value?: string };
  const operator = JSON_OPERATORS.find((known) => known === word);
  if (parseFieldPath(path) === undefined) return `"${path}" is not the path of a field. Write it as items[0].kind.`;
  if (operator === undefined) return `unknown operator "${word}". Use one of ${JSON_OPERATORS.join(' ')}.`;
  if (operator === 'exists') return value === undefined ? { path, operator, value } : '"exists" takes no value.';
  if (value === undefined || value === '') return `"${operator}" needs a value behind it.`;
  const document = parseDocument(value);
  if (document.errors.length > 0) return `the value ${value} is not YAML. Put quotes around it.`;
  const read: unknown = document.toJS({ maxAliasCount: 0 });
  if (COMPARISONS.has(operator) && typeof read !== 'number') return `"${operator}" compares numbers, not ${value}.`;
  return { path, operator, value: read };
}

const COMPARISONS = new Set<string>(['>', '>=', '<', '<=']);

/** `actual` is what stands at the path, undefined when nothing does. */
export function evaluateJsonTest(test: JsonTest, document: unknown): { holds: boolean; actual: unknown } {
  const path = parseFieldPath(test.path);
  if (path === undefined) throw new Error(`"${test.path}" is not the path of a field`);
  const actual = readWithLength(document, path);
  return { holds: holds(test, actual), actual };
}

/** `length` at the end is that of a list or a text, unless a field has that name. */
function readWithLength(document: unknown, path: FieldPath): unknown {
  const found = readField(document, path);
  if (found !== undefined || path.at(-1) !== 'length') return found;
  const parent = readField(document, path.slice(0, -1));
  return Array.isArray(parent) || typeof parent === 'string' ? parent.length : undefined;
}

function holds({ operator, value }: JsonTest, actual: unknown): boolean {
  switch (operator) {
    case 'exists':
      return actual !== undefined;
    case '==':
      return actual !== undefined && isDeepStrictEqual(actual, value);
    case '!=':
      return !isDeepStrictEqual(actual, value);
    case 'contains':
      if (typeof actual === 'string') return actual.includes(typeof value === 'string' ? value : String(value));
      return Array.isArray(actual) && actual.some((item) => isDeepStrictEqual(item, value));
    case '>':
      return typeof actual === 'number' && actual > (value as number);
    case '>=':
      return typeof actual === 'number' && actual >= (value as number);
    case '<':
      return typeof actual === 'number' && actual < (value as number);
    case '<=':
      return typeof actual === 'number' && actual <= (value as number);
  }
}
