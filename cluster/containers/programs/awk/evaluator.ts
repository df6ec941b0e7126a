import { UsageError } from '../options.ts';
import type { RegularExpression } from '../regular-expression.ts';
import type { AwkProgram, Expression, OwnFunction, Statement, Target } from './ast.ts';
import type { CurrentRecord } from './current-record.ts';
import { BuiltInFunctions, type FunctionDeps } from './functions.ts';
import { Jump } from './jump.ts';
import { checkLength, MAX_CALLS } from './limits.ts';
import { calculate, combine } from './operators.ts';
import type { Patterns } from './patterns.ts';
import type { RecordReader } from './record-reader.ts';
import type { AwkStreams } from './streams.ts';
import { fromInput, toBoolean, toNumber, toText, type Value } from './values.ts';
import type { Cell, Variables } from './variables.ts';

export interface EvaluatorDeps extends FunctionDeps {
  reader: RecordReader;
  functions: AwkProgram['functions'];
  /** Runs the body of a function of the program. */
  runBody: (body: readonly Statement[]) => Promise<void>;
}

/** Never an array that is still to be made. */
const NUMBERS_OF_RECORDS = new Set(['NF', 'NR', 'FNR']);

/** What expressions are, and where assignments go. */
export class Evaluator {
  readonly #streams: AwkStreams;
  readonly #variables: Variables;
  readonly #record: CurrentRecord;
  readonly #patterns: Patterns;
  readonly #reader: RecordReader;
  readonly #functions: AwkProgram['functions'];
  readonly #builtIns: BuiltInFunctions;
  readonly #runBody: EvaluatorDeps['runBody'];

  constructor(deps: EvaluatorDeps) {
    this.#streams = deps.streams;
    this.#variables = deps.variables;
    this.#record = deps.record;
    this.#patterns = deps.patterns;
    this.#reader = deps.reader;
    this.#functions = deps.functions;
    this.#runBody = deps.runBody;
    this.#builtIns = new BuiltInFunctions(deps, this);
  }

  async evaluateAll(expressions: readonly Expression[]): Promise<Value[]> {
    const values: Value[] = [];
    for (const expression of expressions) values.push(await this.evaluate(expression));
    return values;
  }

  /** The key that a list of subscripts makes. */
  async subscript(parts: readonly Expression[]): Promise<string> {
    return (await this.evaluateAll(parts)).map(toText).join(this.#variables.text('SUBSEP'));
  }

  async evaluate(expression: Expression): Promise<Value> {
    switch (expression.kind) {
      case 'number':
      case 'string':
        return expression.value;
      case 'regex':
        return Number(this.#patterns.compile(expression.source).match(this.#record.text) !== null);
      case 'variable':
        return expression.name === 'NF' ? this.#record.count : this.#variables.get(expression.name);
      case 'element': {
        const array = this.#variables.array(expression.name);
        const key = await this.subscript(expression.subscript);
        // Looking at an element makes it.
        if (!array.has(key)) this.#variables.setElement(array, key, undefined);
        return array.get(key);
      }
      case 'field':
        return this.#record.field(toNumber(await this.evaluate(expression.index)));
      case 'assign': {
        const right = await this.evaluate(expression.value);
        const value =
          expression.operator === ''
            ? right
            : calculate(expression.operator, toNumber(await this.evaluate(expression.target)), toNumber(right));
        await this.store(expression.target, value);
        return value;
      }
      case 'step': {
        const before = toNumber(await this.evaluate(expression.target));
        await this.store(expression.target, before + expression.by);
        return expression.before ? before + expression.by : before;
      }
      case 'unary': {
        const value = await this.evaluate(expression.operand);
        if (expression.operator === '!') return Number(!toBoolean(value));
        return expression.operator === '-' ? -toNumber(value) : toNumber(value);
      }
      case 'binary':
        return combine(
          expression.operator,
          await this.evaluate(expression.left),
          await this.evaluate(expression.right),
        );
      case 'and':
        return Number(
          toBoolean(await this.evaluate(expression.left)) && toBoolean(await this.evaluate(expression.right)),
        );
      case 'or':
        return Number(
          toBoolean(await this.evaluate(expression.left)) || toBoolean(await this.evaluate(expression.right)),
        );
      case 'choice':
        return this.evaluate(toBoolean(await this.evaluate(expression.condition)) ? expression.yes : expression.no);
      case 'group':
        return this.evaluate(expression.inner);
      case 'match': {
        const text = toText(await this.evaluate(expression.text));
        const pattern = await this.patternOf(expression.pattern);
        return Number((pattern.match(text) !== null) !== expression.negated);
      }
      case 'in':
        return Number(this.#variables.array(expression.name).has(await this.subscript(expression.subscript)));
      case 'list':
        return (await this.evaluateAll(expression.items)).map(toText).join(this.#variables.text('SUBSEP'));
      case 'getline':
        return this.#getline(expression);
      case 'call':
        return this.#call(expression.name, expression.args);
      default: {
        const never: never = expression;
        throw new Error(`unknown expression ${String(never)}`);
      }
    }
  }

  async #getline({ from, source, target }: Extract<Expression, { kind: 'getline' }>): Promise<Value> {
    let line: string | null | undefined;
    if (from === 'main') line = await this.#reader.next();
    else line = await this.#streams.readFrom(from, source === null ? '' : toText(await this.evaluate(source)));
    if (line === undefined) return -1;
    if (line === null) return 0;
    if (from === 'command') this.#variables.increment('NR');
    if (target === null) this.#record.replace(line);
    else await this.store(target, fromInput(line));
    return 1;
  }

  /** @throws UsageError when the text is too long, or there is no room for one more element or field */
  async store(target: Target, value: Value): Promise<void> {
    if (typeof value === 'string') checkLength(value);
    switch (target.kind) {
      case 'variable':
        this.setVariable(target.name, value);
        return;
      case 'element':
        this.#variables.setElement(this.#variables.array(target.name), await this.subscript(target.subscript), value);
        return;
      case 'field':
        this.#record.setField(toNumber(await this.evaluate(target.index)), value);
        return;
      default: {
        const never: never = target;
        throw new Error(`unknown target ${String(never)}`);
      }
    }
  }

  /** Also `NF`, which changes the record. */
  setVariable(name: string, value: Value): void {
    if (name === 'NF') this.#record.setCount(value);
    else this.#variables.set(name, value);
  }

  /** A regular expression as it is written, or the one that a text is. */
  async patternOf(expression: Expression): Promise<RegularExpression> {
    const source = expression.kind === 'regex' ? expression.source : toText(await this.evaluate(expression));
    return this.#patterns.compile(source);
  }

  async #call(name: string, args: readonly Expression[]): Promise<Value> {
    const own = this.#functions.get(name);
    return own === undefined ? this.#builtIns.call(name, args) : this.#callOwn(own, args);
  }

  async #callOwn({ parameters, body }: OwnFunction, args: readonly Expression[]): Promise<Value> {
    if (this.#variables.depth >= MAX_CALLS) throw new UsageError('awk: function calls are nested too deep\n', 2);
    const frame = new Map<string, Cell>();
    for (const [index, parameter] of parameters.entries()) {
      const arg = args[index];
      const cell = arg?.kind === 'variable' ? this.#variables.cell(arg.name) : undefined;
      // Arrays go by reference, also one that is made in there.
      if (cell !== undefined && 'array' in cell) frame.set(parameter, cell);
      else if (arg?.kind === 'variable' && cell === undefined && !NUMBERS_OF_RECORDS.has(arg.name))
        frame.set(parameter, { value: undefined });
      else frame.set(parameter, { value: arg === undefined ? undefined : await this.evaluate(arg) });
    }
    this.#variables.enter(frame);
    try {
      await this.#runBody(body);
      return undefined;
    } catch (error) {
      if (error instanceof Jump && error.kind === 'return') return error.value;
      throw error;
    } finally {
      this.#variables.leave();
    }
  }
}
