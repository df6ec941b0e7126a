import { generalNumber } from '../printf-format.ts';

/** Text that came from outside and looks like a number: it compares as one. */
export interface NumericText {
  text: string;
  number: number;
}

/** Undefined: never assigned; it is 0 and empty. */
export type Value = number | string | NumericText | undefined;

const NUMBER = /^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?/;

/** What comes from the input, a variable of the command line or `split`. */
export function fromInput(text: string): Value {
  const match = NUMBER.exec(text);
  return match !== null && text.slice(match[0].length).trim() === '' ? { text, number: Number(match[0]) } : text;
}

export function toNumber(value: Value): number {
  if (value === undefined) return 0;
  if (typeof value === 'number') return value;
  if (typeof value === 'object') return value.number;
  return Number(NUMBER.exec(value)?.[0] ?? 0);
}

/** Whole numbers as they are, others as C's `%.6g` has them. */
export function toText(value: Value): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'object') return value.text;
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return Number.isInteger(value) && Math.abs(value) < 2 ** 53 ? String(value) : generalNumber(value, 6);
}

export function toBoolean(value: Value): boolean {
  if (typeof value === 'string') return value !== '';
  return toNumber(value) !== 0;
}

/** Below 0, 0 or above: numbers as numbers, anything else as text. */
export function compareValues(left: Value, right: Value): number {
  if (typeof left === 'string' || typeof right === 'string') {
    const [a, b] = [toText(left), toText(right)];
    return a < b ? -1 : a > b ? 1 : 0;
  }
  return toNumber(left) - toNumber(right);
}
