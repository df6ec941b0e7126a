import { CommandError } from '../errors.ts';
import { compareBytes, compactJson } from './json.ts';
import { isRecord } from '../api/object.ts';

/**
 * kubectl's dialect of JSONPath (client-go, util/jsonpath): text with paths in braces, `range`/`end`, filters with
 * one comparison, unions, slices, recursive descent. Maps are walked in the order of their keys; upstream's order
 * there is random.
 */
export interface JsonPath {
  /** One list of values per part of the template. @throws CommandError */
  find(data: unknown): unknown[][];
  /** @throws CommandError */
  print(data: unknown): string;
}

type Node =
  | { type: 'list'; nodes: Node[] }
  | { type: 'text'; text: string }
  | { type: 'field'; name: string }
  | { type: 'array'; params: [Param, Param, Param] }
  | { type: 'filter'; left: Node; right: Node; operator: string }
  | { type: 'literal'; value: number | boolean }
  | { type: 'wildcard' }
  | { type: 'recursive' }
  | { type: 'union'; nodes: Node[] }
  | { type: 'identifier'; name: string };

interface Param {
  known: boolean;
  value: number;
  /** The end of a single index: one more than the start. */
  derived: boolean;
}

/**
 * @param allowMissing fields that are not there count as nothing; otherwise they are an error.
 * @throws CommandError when the template cannot be read.
 */
export function parseJsonPath(template: string, allowMissing = true): JsonPath {
  const root = parseTemplate(template);
  return {
    find: (data) => evaluate(root, data, allowMissing),
    print: (data) => evaluate(root, data, allowMissing).map(printValues).join(''),
  };
}

/** A path as in `--sort-by` and custom columns, where braces and the leading dot may be missing. */
export function relaxedPath(text: string): string {
  if (text === '') return text;
  const match = /^(?:\{\.?([^{}]+)\}|\.?([^{}]+))$/.exec(text);
  if (!match) {
    throw new CommandError(
      `unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'`,
    );
  }
  return `{.${match[1] ?? match[2] ?? ''}}`;
}

function printValues(values: readonly unknown[]): string {
  return values.map(printValue).join(' ');
}

export function printValue(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'object') return compactJson(value);
  if (typeof value === 'number') return printNumber(value);
  return String(value);
}

/** Go's %v: whole numbers as they are, others in the shortest form, with an exponent from 1e21 on. */
function printNumber(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return String(value).replace(/e([+-])(\d)$/, 'e$10$2');
}

// --- Reading: client-go, util/jsonpath/parser.go ---

const TERMINATORS = new Set([' ', '\t', '\n', '\r', '.', ',', '[', ']', '$', '@', '{', '}']);

function parseTemplate(text: string): Node[] {
  const nodes: Node[] = [];
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf('{', at);
    if (open < 0 || open > at) nodes.push({ type: 'text', text: text.slice(at, open < 0 ? undefined : open) });
    if (open < 0) break;
    const action = parseAction(text, open + 1);
    nodes.push({ type: 'list', nodes: action.nodes });
    at = action.end;
  }
  return nodes;
}

/** Reads behind a `{`. @returns what stands there, and where it ends. */
function parseAction(text: string, start: number): { nodes: Node[]; end: number } {
  const nodes: Node[] = [];
  let at = start;
  for (;;) {
    const char = text[at];
    if (char === undefined || char === '\n' || char === '\r') throw new CommandError('unclosed action');
    if (char === '}') return { nodes, end: at + 1 };
    if (text.startsWith('[?(', at)) at = parseFilter(at + 3);
    else if (text.startsWith('..', at)) at = parseRecursive(at + 2);
    else if (char === ' ' || char === '@' || char === '$') at++;
    else if (char === '[') at = parseArray(at + 1);
    else if (char === '"' || char === "'") at = parseQuote(at, char);
    else if (char === '.') at = parseField(at + 1);
    else if (/[-+\d]/.test(char)) at = parseNumber(at);
    else if (/[\p{L}_]/u.test(char)) at = parseIdentifier(at);
    else throw new CommandError(`unrecognized character in action: ${describeRune(char)}`);
  }

  function parseField(from: number): number {
    let end = from;
    while (end < text.length && !TERMINATORS.has(text[end] ?? '')) end += text[end] === '\\' ? 2 : 1;
    const name = text.slice(from, end);
    nodes.push(name === '*' ? { type: 'wildcard' } : { type: 'field', name: name.replaceAll('\\', '') });
    return end;
  }

  function parseRecursive(from: number): number {
    if (nodes.at(-1)?.type === 'recursive') throw new CommandError('invalid multiple recursive descent');
    nodes.push({ type: 'recursive' });
    return /[\p{L}\p{N}_]/u.test(text[from] ?? '') ? parseField(from) : from;
  }

  function parseNumber(from: number): number {
    const word = /^[-+]?[\d.]*/.exec(text.slice(from))?.[0] ?? '';
    const value = Number(word);
    if (word === '' || Number.isNaN(value)) throw new CommandError(`cannot parse number ${word}`);
    nodes.push({ type: 'literal', value });
    return from + word.length;
  }

  function parseIdentifier(from: number): number {
    const word = /^[\p{L}\p{N}_]+/u.exec(text.slice(from))?.[0] ?? '';
    if (word === 'true' || word === 'false') nodes.push({ type: 'literal', value: word === 'true' });
    else nodes.push({ type: 'identifier', name: word });
    return from + word.length;
  }

  function parseQuote(from: number, quote: string): number {
    let end = from + 1;
    for (; text[end] !== quote; end += text[end] === '\\' ? 2 : 1) {
      if (end >= text.length || text[end] === '\n') throw new CommandError('unterminated quoted string');
    }
    nodes.push({ type: 'text', text: unquote(text.slice(from + 1, end)) });
    return end + 1;
  }

  function parseArray(from: number): number {
    const close = text.indexOf(']', from);
    if (close < 0 || text.slice(from, close).includes('\n')) throw new CommandError('unterminated array');
    nodes.push(...parseSubscript(text.slice(from, close)));
    return close + 1;
  }

  function parseFilter(from: number): number {
    const end = findFilterEnd(text, from);
    const body = text.slice(from, end);
    const match = /^([^!<>=]+)([!<>=]+)(.+?)$/.exec(body);
    const list = (source: string): Node => ({ type: 'list', nodes: parseAction(`${source}}`, 0).nodes });
    if (match) {
      nodes.push({ type: 'filter', left: list(match[1] ?? ''), right: list(match[3] ?? ''), operator: match[2] ?? '' });
    } else {
      nodes.push({ type: 'filter', left: list(body), right: { type: 'list', nodes: [] }, operator: 'exists' });
    }
    return end + 2;
  }
}

/** Where `)]` ends a filter, quotes and backslashes minded. */
function findFilterEnd(text: string, from: number): number {
  let quote: string | null = null;
  for (let at = from; at < text.length; at++) {
    const char = text[at] ?? '';
    if (char === '\\') at++;
    else if (quote !== null) quote = char === quote ? null : quote;
    else if (char === '"' || char === "'") quote = char;
    else if (char === '\n') break;
    else if (char === ')') {
      if (text[at + 1] !== ']') throw new CommandError('unclosed array expect ]');
      return at;
    }
  }
  throw new CommandError('unterminated filter');
}

function parseSubscript(text: string): Node[] {
  if (text.includes(',')) {
    return [
      { type: 'union', nodes: text.split(',').map((each) => ({ type: 'list', nodes: parseSubscript(each.trim()) })) },
    ];
  }
  const key = /^'([^']*)'$/.exec(text);
  if (key) return parseAction(`.${key[1] ?? ''}}`, 0).nodes;
  const slice = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/.exec(text === '*' ? ':' : text);
  if (!slice) throw new CommandError(`invalid array index ${text}`);
  const read = (part: string | undefined): Param => {
    const digits = part?.replace(/^:/, '') ?? '';
    return { known: digits !== '', value: Number(digits || '0'), derived: false };
  };
  const first = read(slice[1]);
  const second = slice[2] === undefined ? { known: true, value: first.value + 1, derived: true } : read(slice[2]);
  return [{ type: 'array', params: [first, second, read(slice[3])] }];
}

const QUOTED: Record<string, string> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' };

function unquote(text: string): string {
  return text.replace(/\\(u[\da-fA-F]{4}|x[\da-fA-F]{2}|.)/g, (_, escape: string) => {
    if (/^[ux]./.test(escape) && escape.length > 1) return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    return QUOTED[escape] ?? escape;
  });
}

function describeRune(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')} '${char}'`;
}

// --- Finding: client-go, util/jsonpath/jsonpath.go ---

/** Thrown by the walk when it meets `end`; the range that it ends goes on behind it. */
interface RangeState {
  depth: number;
  /** Index of the last `end` that was met, in the template's nodes. */
  lastEnd: number;
}

function evaluate(nodes: readonly Node[], data: unknown, allowMissing: boolean): unknown[][] {
  const state: RangeState = { depth: 0, lastEnd: -1 };
  return findFrom(nodes, 0, data, allowMissing, state);
}

function findFrom(
  nodes: readonly Node[],
  from: number,
  data: unknown,
  allowMissing: boolean,
  state: RangeState,
): unknown[][] {
  const found: unknown[][] = [];
  for (let at = from; at < nodes.length; at++) {
    const node = nodes[at] as Node;
    const signal = { begin: false, end: false };
    const results = walk([data], node, allowMissing, signal, state);
    if (signal.end) {
      state.lastEnd = at;
      return found;
    }
    if (!signal.begin) {
      found.push(results);
      continue;
    }
    state.depth++;
    state.lastEnd = -1;
    for (const result of results) found.push(...findFrom(nodes, at + 1, result, allowMissing, state));
    // Nothing to go through: walk once all the same, to learn where the range ends.
    if (results.length === 0) findFrom(nodes, at + 1, null, allowMissing, state);
    state.depth--;
    if (state.lastEnd > at) at = state.lastEnd;
  }
  return found;
}

interface Signal {
  begin: boolean;
  end: boolean;
}

function walk(
  input: readonly unknown[],
  node: Node,
  allowMissing: boolean,
  signal: Signal,
  state: RangeState,
): unknown[] {
  switch (node.type) {
    case 'list': {
      let values = input as unknown[];
      for (const each of node.nodes) values = walk(values, each, allowMissing, signal, state);
      return values;
    }
    case 'text':
      return [node.text];
    case 'literal':
      return input.map(() => node.value);
    case 'field':
      return walkField(input, node.name, allowMissing);
    case 'array':
      return input.flatMap((value) => (value === null || value === undefined ? [] : slice(value, node.params)));
    case 'filter':
      return input.flatMap((value) => filter(value, node, allowMissing, state));
    case 'wildcard':
      return input.flatMap(children);
    case 'recursive':
      return input.flatMap(descend);
    case 'union':
      return node.nodes.flatMap((each) => walk(input, each, allowMissing, signal, state));
    case 'identifier':
      if (node.name === 'range') signal.begin = true;
      else if (node.name === 'end' && state.depth > 0) signal.end = true;
      else if (node.name === 'end') throw new CommandError('not in range, nothing to end');
      else throw new CommandError(`unrecognized identifier ${node.name}`);
      return input as unknown[];
  }
}

function walkField(input: readonly unknown[], name: string, allowMissing: boolean): unknown[] {
  const found = input.flatMap((value) => (isRecord(value) && Object.hasOwn(value, name) ? [value[name]] : []));
  if (found.length === 0 && !allowMissing) throw new CommandError(`${name} is not found`);
  return found;
}

function slice(value: unknown, params: readonly [Param, Param, Param]): unknown[] {
  if (!Array.isArray(value)) throw new CommandError(`${goType(value)} is not array or slice`);
  const { length } = value;
  let start = params[0].known ? params[0].value : 0;
  if (start < 0) start += length;
  let end = params[1].known ? params[1].value : length;
  if (end < 0 || (end === 0 && params[1].derived)) end += length;
  if (start === end) return [];
  const outside = (index: number) => new CommandError(`array index out of bounds: index ${index}, length ${length}`);
  if (start >= length || start < 0) throw outside(start);
  if (end > length || end < 0) throw outside(end - 1);
  if (start > end) throw new CommandError(`starting index ${start} is greater than ending index ${end}`);
  const step = params[2].known ? params[2].value : 1;
  if (step <= 0) throw new CommandError('step must be > 0');
  return value.slice(start, end).filter((_, index) => index % step === 0);
}

function filter(value: unknown, node: Node & { type: 'filter' }, allowMissing: boolean, state: RangeState): unknown[] {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value))
    throw new CommandError(`${printValue(value)} is not array or slice and cannot be filtered`);
  const signal = { begin: false, end: false };
  return value.filter((item) => {
    const lefts = walk([item], node.left, true, signal, state);
    if (node.operator === 'exists') return lefts.length > 0;
    if (lefts.length === 0) return false;
    if (lefts.length > 1) throw new CommandError('can only compare one element at a time');
    const rights = walk([item], node.right, allowMissing, signal, state);
    if (rights.length === 0) return false;
    if (rights.length > 1) throw new CommandError('can only compare one element at a time');
    return compare(lefts[0], rights[0], node.operator);
  });
}

function compare(left: unknown, right: unknown, operator: string): boolean {
  if (!/^(==|!=|<|<=|>|>=)$/.test(operator)) throw new CommandError(`unrecognized filter operator ${operator}`);
  if (typeof left === 'object' || typeof right === 'object') throw new CommandError('invalid type for comparison');
  if (typeof left !== typeof right || isWhole(left) !== isWhole(right))
    throw new CommandError('incompatible types for comparison');
  if (operator === '==') return left === right;
  if (operator === '!=') return left !== right;
  if (typeof left === 'boolean') throw new CommandError('invalid type for comparison');
  const order = typeof left === 'number' ? left - (right as number) : compareBytes(String(left), String(right));
  if (operator === '<') return order < 0;
  if (operator === '<=') return order <= 0;
  return operator === '>' ? order > 0 : order >= 0;
}

/** Go compares no int64 with a float64. */
function isWhole(value: unknown): boolean {
  return typeof value !== 'number' || Number.isInteger(value);
}

function children(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  if (!isRecord(value)) return [];
  return Object.keys(value)
    .sort(compareBytes)
    .map((key) => value[key]);
}

/** The value and everything below that has something below; for Go, text has its bytes below it. */
function descend(value: unknown): unknown[] {
  if (typeof value === 'string' && value !== '') return [value];
  const below = children(value);
  return below.length === 0 ? [] : [value, ...below.flatMap(descend)];
}

function goType(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'string' ? 'string' : 'map[string]interface {}';
}
