import { isRecord } from '../api/object.ts';
import { CommandError } from '../errors.ts';
import type { Operand, Pipeline, TemplateCommand, TemplateNode } from './go-template-parser.ts';
import { renderGoSyntax, renderGoValue } from './go-value.ts';
import { compareBytes } from './json.ts';

export interface Scope {
  templates: ReadonlyMap<string, TemplateNode[]>;
  allowMissing: boolean;
  variables: Map<string, unknown>;
  parent: Scope | null;
}

/** What a field gives that is not there. Prints `<no value>`, is false, and has no fields. */
const NO_VALUE = Symbol('no value');

/** Thrown by `break` and `continue` up to their range. */
class LoopSignal extends Error {
  readonly output: string;
  readonly ends: boolean;
  constructor(output: string, ends: boolean) {
    super('loop signal');
    this.output = output;
    this.ends = ends;
  }
}

export function createScope(templates: Scope['templates'], data: unknown, allowMissing: boolean): Scope {
  return { templates, allowMissing, variables: new Map([['$', data]]), parent: null };
}

function inner(scope: Scope): Scope {
  return { ...scope, variables: new Map(), parent: scope };
}

export function runNodes(nodes: readonly TemplateNode[], dot: unknown, scope: Scope): string {
  let output = '';
  for (const node of nodes) {
    try {
      output += runNode(node, dot, scope);
    } catch (error) {
      if (error instanceof LoopSignal) throw new LoopSignal(output + error.output, error.ends);
      throw error;
    }
  }
  return output;
}

function runNode(node: TemplateNode, dot: unknown, scope: Scope): string {
  switch (node.type) {
    case 'text':
      return node.text;
    case 'action': {
      const value = runPipeline(node.pipeline, dot, scope);
      return node.pipeline.variables.length > 0 ? '' : printValue(value);
    }
    case 'if':
    case 'with': {
      const here = inner(scope);
      const value = runPipeline(node.pipeline, dot, here);
      const dotInside = node.type === 'with' ? value : dot;
      return isTrue(value) ? runNodes(node.body, dotInside, here) : runNodes(node.otherwise, dot, here);
    }
    case 'range':
      return runRange(node, dot, scope);
    case 'template': {
      const body = scope.templates.get(node.name);
      if (!body) throw failure(`template ${JSON.stringify(node.name)} not defined`);
      const data = node.pipeline ? runPipeline(node.pipeline, dot, scope) : null;
      return runNodes(body, data, createScope(scope.templates, data, scope.allowMissing));
    }
    case 'break':
    case 'continue':
      throw new LoopSignal('', node.type === 'break');
  }
}

function runRange(node: TemplateNode & { type: 'if' | 'with' | 'range' }, dot: unknown, scope: Scope): string {
  const here = inner(scope);
  const { variables, ...plain } = node.pipeline;
  const value = runPipeline({ ...plain, variables: [] }, dot, here);
  const entries = entriesOf(value);
  if (entries.length === 0) return runNodes(node.otherwise, dot, here);
  let output = '';
  for (const [key, item] of entries) {
    const turn = inner(here);
    if (variables.length === 1) turn.variables.set(variables[0] ?? '', item);
    if (variables.length === 2) turn.variables.set(variables[0] ?? '', key).set(variables[1] ?? '', item);
    try {
      output += runNodes(node.body, item, turn);
    } catch (error) {
      if (!(error instanceof LoopSignal)) throw error;
      output += error.output;
      if (error.ends) break;
    }
  }
  return output;
}

function entriesOf(value: unknown): [key: unknown, item: unknown][] {
  if (value === NO_VALUE || value === null || value === undefined) return [];
  if (Array.isArray(value)) return value.map((item, index) => [index, item]);
  if (isRecord(value)) {
    return Object.keys(value)
      .sort(compareBytes)
      .map((key) => [key, value[key]]);
  }
  if (typeof value === 'number') return Array.from({ length: value }, (_, index) => [index, index]);
  throw failure(`range can't iterate over ${renderGoValue(value)}`);
}

function runPipeline(pipeline: Pipeline, dot: unknown, scope: Scope): unknown {
  let value: unknown;
  pipeline.commands.forEach((command, index) => {
    value = runCommand(command, dot, scope, index === 0 ? [] : [value]);
  });
  for (const name of pipeline.variables) setVariable(name, value, pipeline.assigns, scope);
  return value;
}

function setVariable(name: string, value: unknown, assigns: boolean, scope: Scope): void {
  if (!assigns) {
    scope.variables.set(name, value);
    return;
  }
  for (let at: Scope | null = scope; at; at = at.parent) {
    if (at.variables.has(name)) {
      at.variables.set(name, value);
      return;
    }
  }
  throw failure(`undefined variable ${JSON.stringify(name)}`);
}

function runCommand(command: TemplateCommand, dot: unknown, scope: Scope, piped: readonly unknown[]): unknown {
  const [first, ...rest] = command.operands as [Operand, ...Operand[]];
  if (first.type !== 'function') {
    if (rest.length > 0 || piped.length > 0)
      throw executing(command, `can't give argument to non-function ${describe(first)}`);
    return evaluate(first, dot, scope);
  }
  try {
    return callFunction(first.name, rest, dot, scope, piped);
  } catch (error) {
    if (error instanceof FunctionFailure) throw executing(command, `error calling ${first.name}: ${error.message}`);
    throw error;
  }
}

function evaluate(operand: Operand, dot: unknown, scope: Scope): unknown {
  switch (operand.type) {
    case 'value':
      return operand.value;
    case 'dot':
      return dot;
    case 'field':
      return follow(dot, operand.path, operand, scope);
    case 'variable':
      return follow(readVariable(operand.name, scope), operand.path, { source: describe(operand), at: '1' }, scope);
    case 'pipeline':
      return follow(
        runPipeline(operand.pipeline, dot, scope),
        operand.path,
        { source: describe(operand), at: '1' },
        scope,
      );
    case 'function':
      return callFunction(operand.name, [], dot, scope, []);
  }
}

function readVariable(name: string, scope: Scope): unknown {
  for (let at: Scope | null = scope; at; at = at.parent) if (at.variables.has(name)) return at.variables.get(name);
  throw failure(`undefined variable: ${name}`);
}

function follow(start: unknown, path: readonly string[], place: Placed, scope: Scope): unknown {
  let value = start;
  for (const name of path) {
    if (value === NO_VALUE || value === null || value === undefined) {
      if (scope.allowMissing && value !== null) return NO_VALUE;
      throw executing(place, `nil pointer evaluating interface {}.${name}`);
    }
    if (!isRecord(value)) throw executing(place, `can't evaluate field ${name} in type ${goType(value)}`);
    if (!Object.hasOwn(value, name)) {
      if (!scope.allowMissing) throw executing(place, `map has no entry for key ${JSON.stringify(name)}`);
      value = NO_VALUE;
    } else {
      value = value[name];
    }
  }
  return value;
}

function describe(operand: Operand): string {
  if (operand.type === 'field') return operand.source;
  if (operand.type === 'variable') return [operand.name, ...operand.path].join('.');
  return operand.type === 'dot' ? '.' : operand.type;
}

function failure(text: string): CommandError {
  return new CommandError(`template: output:1: ${text}`);
}

interface Placed {
  source: string;
  at: string;
}

function executing({ source, at }: Placed, text: string): CommandError {
  return new CommandError(`template: output:${at}: executing "output" at <${source}>: ${text}`);
}

/** What a function has against its arguments. */
class FunctionFailure extends Error {}

function goType(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'boolean' ? 'bool' : 'interface {}';
}

function isTrue(value: unknown): boolean {
  if (value === NO_VALUE || value === null || value === undefined) return false;
  if (Array.isArray(value)) return value.length > 0;
  return isRecord(value) ? Object.keys(value).length > 0 : Boolean(value);
}

function printValue(value: unknown): string {
  if (value === NO_VALUE || value === undefined || value === null) return '<no value>';
  return renderGoValue(value);
}

function plain(value: unknown): unknown {
  return value === NO_VALUE ? null : value;
}

function callFunction(
  name: string,
  operands: readonly Operand[],
  dot: unknown,
  scope: Scope,
  piped: readonly unknown[],
): unknown {
  const count = operands.length + piped.length;
  const read = (index: number) => {
    const operand = operands[index];
    return operand ? evaluate(operand, dot, scope) : piped[index - operands.length];
  };
  // and, or: the rest is not looked at when it does not matter.
  if (name === 'and' || name === 'or') {
    let value: unknown;
    for (let index = 0; index < count; index++) {
      value = read(index);
      if (isTrue(value) === (name === 'or')) return value;
    }
    return value;
  }
  const values = Array.from({ length: count }, (_, index) => plain(read(index)));
  return apply(name, values);
}

function apply(name: string, values: readonly unknown[]): unknown {
  const [first, second] = values;
  switch (name) {
    case 'not':
      return !isTrue(first);
    case 'eq':
      return values.slice(1).some((value) => isSame(first, value));
    case 'ne':
      return !isSame(first, second);
    case 'lt':
      return order(first, second) < 0;
    case 'le':
      return order(first, second) <= 0;
    case 'gt':
      return order(first, second) > 0;
    case 'ge':
      return order(first, second) >= 0;
    case 'len':
      return lengthOf(first);
    case 'index':
      return values.slice(1).reduce(indexInto, first);
    case 'slice':
      return (first as string | unknown[]).slice(
        Number(second ?? 0),
        values[2] === undefined ? undefined : Number(values[2]),
      );
    case 'print':
      return sprint(values);
    case 'println':
      return `${values.map(renderGoValue).join(' ')}\n`;
    case 'printf':
      return sprintf(String(first), values.slice(1));
    case 'base64decode':
      return Buffer.from(String(first), 'base64').toString('utf8');
    case 'exists':
      return existsAt(first, values.slice(1));
    case 'urlquery':
      return encodeURIComponent(values.map(renderGoValue).join('')).replaceAll('%20', '+');
    case 'html':
      return escapeHtml(values.map(renderGoValue).join(''));
    case 'js':
      return JSON.stringify(values.map(renderGoValue).join('')).slice(1, -1);
    default:
      throw failure(`function ${JSON.stringify(name)} not defined`);
  }
}

function isSame(a: unknown, b: unknown): boolean {
  if (a !== null && b !== null && typeof a !== typeof b) throw new FunctionFailure('incompatible types for comparison');
  return a === b;
}

function order(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return compareBytes(a, b);
  throw new FunctionFailure('incompatible types for comparison');
}

function lengthOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (Array.isArray(value)) return value.length;
  if (isRecord(value)) return Object.keys(value).length;
  throw new FunctionFailure(`len of ${value === null ? 'nil pointer' : `type ${goType(value)}`}`);
}

function indexInto(value: unknown, key: unknown): unknown {
  if (Array.isArray(value)) {
    if (typeof key !== 'number' || key < 0 || key >= value.length)
      throw new FunctionFailure(`index out of range: ${String(key)}`);
    return value[key];
  }
  if (isRecord(value)) return Object.hasOwn(value, String(key)) ? value[String(key)] : null;
  throw new FunctionFailure(`${value === null ? 'index of untyped nil' : `can't index item of type ${goType(value)}`}`);
}

function existsAt(value: unknown, path: readonly unknown[]): boolean {
  let found = value;
  for (const key of path) {
    if (isRecord(found) && Object.hasOwn(found, String(key))) found = found[String(key)];
    else if (Array.isArray(found) && typeof key === 'number' && key < found.length) found = found[key];
    else return false;
  }
  return true;
}

/** Go's Sprint: a blank between operands of which neither is text. */
function sprint(values: readonly unknown[]): string {
  return values
    .map((value, index) => {
      const before = values[index - 1];
      const blank = index > 0 && typeof value !== 'string' && typeof before !== 'string' ? ' ' : '';
      return blank + renderGoValue(value);
    })
    .join('');
}

function sprintf(format: string, values: readonly unknown[]): string {
  let at = 0;
  const text = format.replace(
    /%([-+# 0]*)(\d*)(?:\.(\d+))?([a-zA-Z%])/g,
    (_, flags: string, width: string, precision: string | undefined, verb: string) => {
      if (verb === '%') return '%';
      if (at >= values.length) return `%!${verb}(MISSING)`;
      const shown = formatOne(values[at++], verb, precision);
      if (width === '') return shown;
      if (flags.includes('-')) return shown.padEnd(Number(width));
      return shown.padStart(Number(width), flags.includes('0') ? '0' : ' ');
    },
  );
  return at < values.length
    ? `${text}%!(EXTRA ${values
        .slice(at)
        .map((value) => `${goType(value)}=${renderGoValue(value)}`)
        .join(', ')})`
    : text;
}

function formatOne(value: unknown, verb: string, precision: string | undefined): string {
  switch (verb) {
    case 'q':
      return JSON.stringify(String(value));
    case 'f':
      return Number(value).toFixed(precision === undefined ? 6 : Number(precision));
    case 'x':
      return typeof value === 'number' ? value.toString(16) : Buffer.from(String(value)).toString('hex');
    case 'd':
      return typeof value === 'number' ? String(Math.trunc(value)) : `%!d(${goType(value)}=${renderGoValue(value)})`;
    case 'T':
      return goType(value);
    case 's':
      return precision === undefined ? renderGoValue(value) : renderGoValue(value).slice(0, Number(precision));
    default:
      return verb === 'v' ? renderGoValue(value) : renderGoSyntax(value);
  }
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (char) => entities[char] ?? char);
}
