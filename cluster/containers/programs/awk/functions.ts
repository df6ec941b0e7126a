import type { Process } from '../../process/process.ts';
import { UsageError } from '../options.ts';
import type { RegularExpression } from '../regular-expression.ts';
import type { Expression, Target } from './ast.ts';
import type { CurrentRecord } from './current-record.ts';
import { formatValues } from './format-values.ts';
import type { Patterns } from './patterns.ts';
import type { AwkStreams } from './streams.ts';
import { substitute } from './substitute.ts';
import { fromInput, toNumber, toText, type Value } from './values.ts';
import type { Variables } from './variables.ts';

/** How a function gets at its arguments, of which some are names or regular expressions and no values. */
export interface ArgumentReader {
  evaluate(expression: Expression): Promise<Value>;
  evaluateAll(expressions: readonly Expression[]): Promise<Value[]>;
  patternOf(expression: Expression): Promise<RegularExpression>;
  store(target: Target, value: Value): Promise<void>;
}

/** What the functions work on. */
export interface FunctionDeps {
  process: Process;
  streams: AwkStreams;
  variables: Variables;
  record: CurrentRecord;
  patterns: Patterns;
}

const OF_A_TEXT: ReadonlyMap<string, (text: string) => string> = new Map([
  ['toupper', (text) => text.toUpperCase()],
  ['tolower', (text) => text.toLowerCase()],
]);

const OF_A_NUMBER: ReadonlyMap<string, (number: number) => number> = new Map([
  ['int', Math.trunc],
  ['sqrt', Math.sqrt],
  ['exp', Math.exp],
  ['log', Math.log],
  ['sin', Math.sin],
  ['cos', Math.cos],
]);

const WHOLE_RECORD: Expression = { kind: 'field', index: { kind: 'number', value: 0 } };

/** The functions that are awk's own, with mawk's `systime`. */
export class BuiltInFunctions {
  readonly #deps: FunctionDeps;
  readonly #reader: ArgumentReader;
  #seed = 0;

  constructor(deps: FunctionDeps, reader: ArgumentReader) {
    this.#deps = deps;
    this.#reader = reader;
  }

  /** @throws UsageError for a name that none has, or arguments that it does not take */
  async call(name: string, args: readonly Expression[]): Promise<Value> {
    const { process, streams } = this.#deps;
    const [first, second, third] = args;
    const ofText = OF_A_TEXT.get(name);
    if (ofText !== undefined) return ofText(await this.#text(first));
    const ofNumber = OF_A_NUMBER.get(name);
    if (ofNumber !== undefined) return ofNumber(await this.#number(first));
    switch (name) {
      case 'length':
        return this.#length(first);
      case 'substr': {
        const whole = await this.#text(first);
        // In both families a start before the first counts as the first.
        const start = Math.max(1, Math.round(await this.#number(second)));
        const end = third === undefined ? Infinity : start + Math.round(await this.#number(third));
        return whole.slice(Math.max(0, start - 1), Math.max(0, end - 1));
      }
      case 'index':
        return (await this.#text(first)).indexOf(await this.#text(second)) + 1;
      case 'split':
        if (first === undefined || second?.kind !== 'variable') break;
        return this.#split(first, second.name, third);
      case 'sub':
      case 'gsub':
        return this.#substitute(name === 'gsub', args);
      case 'match':
        if (second === undefined) break;
        return this.#match(first, second);
      case 'sprintf':
        return formatValues(await this.#reader.evaluateAll(args));
      case 'atan2':
        return Math.atan2(await this.#number(first), await this.#number(second));
      case 'rand': {
        const [a = 0, b = 0, c = 0] = process.container.randomBytes(3);
        return ((a << 16) | (b << 8) | c) / 2 ** 24;
      }
      case 'srand': {
        const before = this.#seed;
        this.#seed = first === undefined ? this.#seconds() : await this.#number(first);
        return before;
      }
      case 'systime':
        return this.#seconds();
      case 'system':
        return streams.system(await this.#text(first));
      case 'close':
        return (await streams.close(await this.#text(first))) ? 0 : -1;
      case 'fflush':
        return 0;
      default:
    }
    throw new UsageError(`awk: function ${name} is not known, or not with these arguments\n`, 2);
  }

  /** The record where nothing was given. */
  async #text(expression: Expression | undefined): Promise<string> {
    return expression === undefined ? this.#deps.record.text : toText(await this.#reader.evaluate(expression));
  }

  async #number(expression: Expression | undefined): Promise<number> {
    return expression === undefined ? 0 : toNumber(await this.#reader.evaluate(expression));
  }

  /** Since 1970. */
  #seconds(): number {
    return Math.floor(this.#deps.process.container.clock.now() / 1000);
  }

  async #length(of: Expression | undefined): Promise<Value> {
    const cell = of?.kind === 'variable' ? this.#deps.variables.cell(of.name) : undefined;
    if (cell !== undefined && 'array' in cell) return cell.array.size;
    return (await this.#text(of)).length;
  }

  async #split(of: Expression, into: string, by: Expression | undefined): Promise<Value> {
    const { variables, patterns } = this.#deps;
    const whole = await this.#text(of);
    const separator = by === undefined ? variables.text('FS') : by.kind === 'regex' ? by.source : await this.#text(by);
    const pieces = patterns.split(whole, separator);
    const array = variables.array(into);
    array.clear();
    for (const [index, piece] of pieces.entries()) variables.setElement(array, String(index + 1), fromInput(piece));
    return pieces.length;
  }

  async #match(text: Expression | undefined, pattern: Expression): Promise<Value> {
    const { variables } = this.#deps;
    const found = (await this.#reader.patternOf(pattern)).match(await this.#text(text));
    variables.assign('RSTART', found === null ? 0 : found.start + 1);
    variables.assign('RLENGTH', found === null ? -1 : found.end - found.start);
    return variables.get('RSTART');
  }

  async #substitute(all: boolean, args: readonly Expression[]): Promise<Value> {
    const [patternSource, replacementSource, target = WHOLE_RECORD] = args;
    if (patternSource === undefined || replacementSource === undefined) return 0;
    const pattern = await this.#reader.patternOf(patternSource);
    const replacement = toText(await this.#reader.evaluate(replacementSource));
    const before = toText(await this.#reader.evaluate(target));
    const { text, count } = substitute(all, pattern, replacement, before);
    const isTarget = target.kind === 'variable' || target.kind === 'element' || target.kind === 'field';
    if (count > 0 && isTarget) await this.#reader.store(target, text);
    return count;
  }
}
