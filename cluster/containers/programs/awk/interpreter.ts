import type { Process } from '../../process/process.ts';
import { UsageError } from '../options.ts';
import { formatPrintf } from '../printf-format.ts';
import { compilePattern, type RegularExpression } from '../regular-expression.ts';
import type { AwkProgram, Expression, Rule, Statement, Target } from './ast.ts';
import { compareValues, fromInput, toBoolean, toNumber, toText, type Value } from './values.ts';

/** What a program reads and where it prints. */
export interface AwkStreams {
  print(text: string): Promise<void>;
  /** To a file or a command's input; kept open until the end. */
  printTo(kind: '>' | '>>' | '|', name: string, text: string): Promise<void>;
  /** The next line of a file or of a command's output; null at the end, undefined when it cannot be read. */
  readFrom(kind: 'file' | 'command', name: string): Promise<string | null | undefined>;
  /** Runs a command line; its status. */
  system(command: string): Promise<number>;
  /** Whether it was open. */
  close(name: string): Promise<boolean>;
  /** The next line of the program's input with the name of its file; null at the end. */
  nextLine(): Promise<{ line: string; file: string; isFirst: boolean } | null>;
}

/** Steps between two turns of everybody else, calls that may be open, and characters of a text. */
const STEPS_PER_BREATH = 5000;
const MAX_CALLS = 200;
const MAX_LENGTH = 1024 * 1024;
/** Elements of all arrays. */
const MAX_ELEMENTS = 200_000;

class Jump extends Error {
  readonly kind: 'break' | 'continue' | 'next' | 'exit' | 'return';
  readonly value: Value;
  constructor(kind: Jump['kind'], value?: Value) {
    super(kind);
    this.kind = kind;
    this.value = value;
  }
}

type Cell = { value: Value } | { array: Map<string, Value> };

/** Runs what {@link parseAwk} read. Left out: `printf %c` of wide characters, RS as an expression, RSTART past a line. */
export class Interpreter {
  readonly #program: AwkProgram;
  readonly #process: Process;
  readonly #streams: AwkStreams;
  readonly #globals = new Map<string, Cell>();
  readonly #frames: Map<string, Cell>[] = [];
  readonly #patterns = new Map<string, RegularExpression>();
  readonly #ranges = new Set<Rule>();
  #record = '';
  /** From 1 on; null until somebody asks. */
  #fields: Value[] | null = [];
  #steps = 0;
  #elements = 0;
  #seed = 0;

  constructor(program: AwkProgram, process: Process, streams: AwkStreams) {
    this.#program = program;
    this.#process = process;
    this.#streams = streams;
    for (const [name, value] of Object.entries({ FS: ' ', OFS: ' ', ORS: '\n', RS: '\n', SUBSEP: '\x1c' })) {
      this.assign(name, value);
    }
    for (const name of ['NR', 'NF', 'FNR', 'RSTART']) this.assign(name, 0);
    this.assign('RLENGTH', -1);
    const environment = this.#array('ENVIRON');
    for (const [name, value] of process.environment) environment.set(name, fromInput(value));
  }

  assign(name: string, value: Value): void {
    this.#globals.set(name, { value });
  }

  assignArguments(args: readonly string[]): void {
    this.assign('ARGC', args.length);
    for (const [index, arg] of args.entries()) this.#array('ARGV').set(String(index), fromInput(arg));
  }

  /** Runs all of it; the exit status. */
  async run(): Promise<number> {
    let status = 0;
    const guarded = async (body: () => Promise<void>): Promise<boolean> => {
      try {
        await body();
        return true;
      } catch (error) {
        if (!(error instanceof Jump)) throw error;
        if (error.kind === 'exit' && error.value !== undefined) status = toNumber(error.value) & 0xff;
        return error.kind !== 'exit';
      }
    };
    const { rules } = this.#program;
    const only = (kind: 'begin' | 'end'): Rule[] => rules.filter((rule) => rule.pattern.kind === kind);
    const goesOn = await guarded(async () => {
      for (const rule of only('begin')) await this.#block(rule.body ?? []);
    });
    if (goesOn && rules.some(({ pattern }) => pattern.kind !== 'begin')) await guarded(() => this.#main());
    await guarded(async () => {
      for (const rule of only('end')) await this.#block(rule.body ?? []);
    });
    return status;
  }

  async #main(): Promise<void> {
    while (await this.#readRecord()) {
      try {
        for (const rule of this.#program.rules) {
          if (!(await this.#applies(rule))) continue;
          if (rule.body === null) await this.#streams.print(this.#wholeRecord() + this.#text('ORS'));
          else await this.#block(rule.body);
        }
      } catch (error) {
        if (!(error instanceof Jump) || error.kind !== 'next') throw error;
      }
    }
  }

  async #readRecord(): Promise<boolean> {
    const record = await this.#nextRecord();
    if (record === null) return false;
    this.#setRecord(record);
    return true;
  }

  /** Lines, paragraphs when RS is empty, or pieces between its characters. */
  async #nextRecord(): Promise<string | null> {
    const separator = this.#text('RS');
    const first = await this.#line();
    if (first === null) return null;
    if (separator === '\n') return this.#counted(first);
    if (separator === '') {
      let text: string | null = first;
      while (text === '') text = await this.#line();
      if (text === null) return null;
      for (let next = await this.#line(); next !== null && next !== ''; next = await this.#line()) text += `\n${next}`;
      return this.#counted(text);
    }
    let text = first;
    while (!text.includes(separator)) {
      const next = await this.#line();
      if (next === null) return this.#counted(text);
      text += `\n${next}`;
      this.#checkLength(text);
    }
    const cut = text.indexOf(separator);
    this.#pending = text.slice(cut + separator.length);
    return this.#counted(text.slice(0, cut));
  }

  /** What was read beyond a record. */
  #pending: string | null = null;

  #counted(record: string): string {
    this.assign('NR', toNumber(this.#get('NR')) + 1);
    this.assign('FNR', toNumber(this.#get('FNR')) + 1);
    return record;
  }

  async #line(): Promise<string | null> {
    if (this.#pending !== null) {
      const text = this.#pending;
      this.#pending = null;
      return text;
    }
    const next = await this.#streams.nextLine();
    if (next === null) return null;
    if (next.isFirst) {
      this.assign('FNR', 0);
      this.assign('FILENAME', next.file);
    }
    return next.line;
  }

  async #applies(rule: Rule): Promise<boolean> {
    const { pattern } = rule;
    switch (pattern.kind) {
      case 'always':
        return true;
      case 'expression':
        return toBoolean(await this.#evaluate(pattern.value));
      case 'range': {
        if (!this.#ranges.has(rule)) {
          if (!toBoolean(await this.#evaluate(pattern.from))) return false;
          this.#ranges.add(rule);
        }
        if (toBoolean(await this.#evaluate(pattern.to))) this.#ranges.delete(rule);
        return true;
      }
      default:
        return false;
    }
  }

  async #block(body: readonly Statement[]): Promise<void> {
    for (const statement of body) await this.#execute(statement);
  }

  async #breathe(): Promise<void> {
    this.#steps += 1;
    if (this.#steps % STEPS_PER_BREATH === 0) await this.#process.breathe();
  }

  async #execute(statement: Statement): Promise<void> {
    await this.#breathe();
    switch (statement.kind) {
      case 'expression':
        await this.#evaluate(statement.value);
        return;
      case 'print':
        return this.#print(statement);
      case 'block':
        return this.#block(statement.body);
      case 'if':
        if (toBoolean(await this.#evaluate(statement.condition))) return this.#execute(statement.yes);
        if (statement.no !== null) await this.#execute(statement.no);
        return;
      case 'while': {
        const holds = async (): Promise<boolean> => toBoolean(await this.#evaluate(statement.condition));
        if (statement.first && !(await holds())) return;
        do {
          if (!(await this.#iterate(statement.body))) return;
        } while (await holds());
        return;
      }
      case 'for':
        if (statement.start !== null) await this.#execute(statement.start);
        while (statement.condition === null || toBoolean(await this.#evaluate(statement.condition))) {
          if (!(await this.#iterate(statement.body))) return;
          if (statement.step !== null) await this.#execute(statement.step);
        }
        return;
      case 'for-in':
        // The keys of the beginning, whatever the body does to the array.
        for (const key of Array.from(this.#array(statement.name).keys())) {
          this.#set(statement.variable, fromInput(key));
          if (!(await this.#iterate(statement.body))) return;
        }
        return;
      case 'delete':
        if (statement.subscript === null) this.#array(statement.name).clear();
        else this.#array(statement.name).delete(await this.#subscript(statement.subscript));
        return;
      case 'exit':
      case 'return':
        throw new Jump(statement.kind, statement.value === null ? undefined : await this.#evaluate(statement.value));
      case 'break':
      case 'continue':
      case 'next':
        throw new Jump(statement.kind);
      default: {
        const never: never = statement;
        throw new Error(`unknown statement ${String(never)}`);
      }
    }
  }

  /** One turn of a loop; false after `break`. */
  async #iterate(body: Statement): Promise<boolean> {
    await this.#breathe();
    try {
      await this.#execute(body);
    } catch (error) {
      if (error instanceof Jump && error.kind === 'break') return false;
      if (!(error instanceof Jump) || error.kind !== 'continue') throw error;
    }
    return true;
  }

  async #print({ format, args, to }: Extract<Statement, { kind: 'print' }>): Promise<void> {
    const values = await this.#evaluateAll(args);
    let text: string;
    if (format) text = formatValues(values);
    else {
      const line = values.length === 0 ? this.#wholeRecord() : values.map(toText).join(this.#text('OFS'));
      text = line + this.#text('ORS');
    }
    if (to === null) await this.#streams.print(text);
    else await this.#streams.printTo(to.kind, toText(await this.#evaluate(to.target)), text);
  }

  async #evaluateAll(expressions: readonly Expression[]): Promise<Value[]> {
    const values: Value[] = [];
    for (const expression of expressions) values.push(await this.#evaluate(expression));
    return values;
  }

  async #subscript(parts: readonly Expression[]): Promise<string> {
    return (await this.#evaluateAll(parts)).map(toText).join(this.#text('SUBSEP'));
  }

  async #evaluate(expression: Expression): Promise<Value> {
    switch (expression.kind) {
      case 'number':
      case 'string':
        return expression.value;
      case 'regex':
        return Number(this.#pattern(expression.source).match(this.#wholeRecord()) !== null);
      case 'variable':
        return this.#get(expression.name);
      case 'element': {
        const array = this.#array(expression.name);
        const key = await this.#subscript(expression.subscript);
        // Looking at an element makes it.
        if (!array.has(key)) this.#setElement(array, key, undefined);
        return array.get(key);
      }
      case 'field':
        return this.#field(toNumber(await this.#evaluate(expression.index)));
      case 'assign': {
        const right = await this.#evaluate(expression.value);
        const value =
          expression.operator === ''
            ? right
            : calculate(expression.operator, toNumber(await this.#evaluate(expression.target)), toNumber(right));
        await this.#store(expression.target, value);
        return value;
      }
      case 'step': {
        const before = toNumber(await this.#evaluate(expression.target));
        await this.#store(expression.target, before + expression.by);
        return expression.before ? before + expression.by : before;
      }
      case 'unary': {
        const value = await this.#evaluate(expression.operand);
        if (expression.operator === '!') return Number(!toBoolean(value));
        return expression.operator === '-' ? -toNumber(value) : toNumber(value);
      }
      case 'binary':
        return this.#binary(expression);
      case 'and':
        return Number(
          toBoolean(await this.#evaluate(expression.left)) && toBoolean(await this.#evaluate(expression.right)),
        );
      case 'or':
        return Number(
          toBoolean(await this.#evaluate(expression.left)) || toBoolean(await this.#evaluate(expression.right)),
        );
      case 'choice':
        return this.#evaluate(toBoolean(await this.#evaluate(expression.condition)) ? expression.yes : expression.no);
      case 'group':
        return this.#evaluate(expression.inner);
      case 'match': {
        const text = toText(await this.#evaluate(expression.text));
        const pattern = await this.#patternOf(expression.pattern);
        return Number((pattern.match(text) !== null) !== expression.negated);
      }
      case 'in':
        return Number(this.#array(expression.name).has(await this.#subscript(expression.subscript)));
      case 'list':
        return (await this.#evaluateAll(expression.items)).map(toText).join(this.#text('SUBSEP'));
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

  async #binary({ operator, left, right }: Extract<Expression, { kind: 'binary' }>): Promise<Value> {
    const [a, b] = [await this.#evaluate(left), await this.#evaluate(right)];
    if (operator === ' ') {
      const text = toText(a) + toText(b);
      this.#checkLength(text);
      return text;
    }
    const order = /[<>=!]/.test(operator) ? compareValues(a, b) : 0;
    switch (operator) {
      case '<':
        return Number(order < 0);
      case '<=':
        return Number(order <= 0);
      case '==':
        return Number(order === 0);
      case '!=':
        return Number(order !== 0);
      case '>':
        return Number(order > 0);
      case '>=':
        return Number(order >= 0);
      default:
        return calculate(operator, toNumber(a), toNumber(b));
    }
  }

  async #getline({ from, source, target }: Extract<Expression, { kind: 'getline' }>): Promise<Value> {
    let line: string | null | undefined;
    if (from === 'main') line = await this.#nextRecord();
    else line = await this.#streams.readFrom(from, source === null ? '' : toText(await this.#evaluate(source)));
    if (line === undefined) return -1;
    if (line === null) return 0;
    if (from === 'command') this.assign('NR', toNumber(this.#get('NR')) + 1);
    if (target === null) this.#setRecord(line);
    else await this.#store(target, fromInput(line));
    return 1;
  }

  async #store(target: Target, value: Value): Promise<void> {
    if (typeof value === 'string') this.#checkLength(value);
    switch (target.kind) {
      case 'variable':
        this.#set(target.name, value);
        return;
      case 'element':
        this.#setElement(this.#array(target.name), await this.#subscript(target.subscript), value);
        return;
      case 'field':
        this.#setField(toNumber(await this.#evaluate(target.index)), value);
        return;
      default: {
        const never: never = target;
        throw new Error(`unknown target ${String(never)}`);
      }
    }
  }

  #cell(name: string): Cell | undefined {
    return this.#frames.at(-1)?.get(name) ?? this.#globals.get(name);
  }

  #get(name: string): Value {
    if (name === 'NF') return this.#allFields().length;
    const cell = this.#cell(name);
    return cell !== undefined && 'value' in cell ? cell.value : undefined;
  }

  #text(name: string): string {
    return toText(this.#get(name));
  }

  #set(name: string, value: Value): void {
    if (name === 'NF') {
      const fields = this.#allFields();
      const count = Math.max(0, Math.min(toNumber(value), 100_000));
      this.#fields = Array.from({ length: count }, (_, index) => fields[index] ?? '');
      this.#rebuild();
      return;
    }
    const frame = this.#frames.at(-1);
    if (frame?.has(name) === true) frame.set(name, { value });
    else this.#globals.set(name, { value });
  }

  #array(name: string): Map<string, Value> {
    const cell = this.#cell(name);
    if (cell !== undefined && 'array' in cell) return cell.array;
    const array = new Map<string, Value>();
    const frame = this.#frames.at(-1);
    if (frame?.has(name) === true) frame.set(name, { array });
    else this.#globals.set(name, { array });
    return array;
  }

  #setElement(array: Map<string, Value>, key: string, value: Value): void {
    if (!array.has(key)) this.#elements += 1;
    if (this.#elements > MAX_ELEMENTS) throw new UsageError('awk: out of memory\n', 2);
    array.set(key, value);
  }

  #setRecord(text: string): void {
    this.#record = text;
    this.#fields = null;
  }

  #wholeRecord(): string {
    return this.#record;
  }

  #allFields(): Value[] {
    this.#fields ??= this.#split(this.#record, this.#text('FS')).map(fromInput);
    return this.#fields;
  }

  #field(index: number): Value {
    if (index === 0) return fromInput(this.#record);
    return this.#allFields()[Math.trunc(index) - 1];
  }

  #setField(index: number, value: Value): void {
    if (index === 0) {
      this.#setRecord(toText(value));
      return;
    }
    const fields = this.#allFields();
    if (index > 100_000) throw new UsageError('awk: out of memory\n', 2);
    while (fields.length < index) fields.push('');
    fields[Math.trunc(index) - 1] = value;
    this.#rebuild();
  }

  #rebuild(): void {
    if ((this.#fields?.length ?? 0) * this.#text('OFS').length > MAX_LENGTH)
      throw new UsageError('awk: out of memory\n', 2);
    this.#record = (this.#fields ?? []).map(toText).join(this.#text('OFS'));
  }

  #split(text: string, separator: string): string[] {
    if (separator === ' ') return text.split(/[ \t\n]+/).filter((field) => field !== '');
    if (text === '') return [];
    if (separator === '') return [...text];
    if (separator.length === 1 && separator !== '\\') return text.split(separator);
    const pattern = this.#pattern(separator);
    const fields: string[] = [];
    let start = 0;
    for (let match = pattern.match(text, 0); match !== null; match = pattern.match(text, start)) {
      if (match.end === match.start) break;
      fields.push(text.slice(start, match.start));
      start = match.end;
    }
    return [...fields, text.slice(start)];
  }

  #pattern(source: string): RegularExpression {
    const known = this.#patterns.get(source);
    if (known !== undefined) return known;
    const options = { extended: true, ignoreCase: false, fixed: false };
    const pattern = compilePattern('awk', source, options);
    this.#patterns.set(source, pattern);
    return pattern;
  }

  async #patternOf(expression: Expression): Promise<RegularExpression> {
    return this.#pattern(expression.kind === 'regex' ? expression.source : toText(await this.#evaluate(expression)));
  }

  async #call(name: string, args: readonly Expression[]): Promise<Value> {
    const own = this.#program.functions.get(name);
    if (own !== undefined) return this.#callOwn(own, args);
    const [first, second, third] = args;
    const text = async (expression: Expression | undefined): Promise<string> =>
      expression === undefined ? this.#wholeRecord() : toText(await this.#evaluate(expression));
    const number = async (expression: Expression | undefined): Promise<number> =>
      expression === undefined ? 0 : toNumber(await this.#evaluate(expression));
    switch (name) {
      case 'length':
        if (first?.kind === 'variable') {
          const cell = this.#cell(first.name);
          if (cell !== undefined && 'array' in cell) return cell.array.size;
        }
        return (await text(first)).length;
      case 'substr': {
        const whole = await text(first);
        // In both families a start before the first counts as the first.
        const start = Math.max(1, Math.round(await number(second)));
        const end = third === undefined ? Infinity : start + Math.round(await number(third));
        return whole.slice(Math.max(0, start - 1), Math.max(0, end - 1));
      }
      case 'index':
        return (await text(first)).indexOf(await text(second)) + 1;
      case 'split': {
        if (first === undefined || second?.kind !== 'variable') break;
        const whole = await text(first);
        const separator =
          third === undefined ? this.#text('FS') : third.kind === 'regex' ? third.source : await text(third);
        const pieces = this.#split(whole, separator);
        const array = this.#array(second.name);
        array.clear();
        for (const [index, piece] of pieces.entries()) this.#setElement(array, String(index + 1), fromInput(piece));
        return pieces.length;
      }
      case 'sub':
      case 'gsub':
        return this.#substitute(name === 'gsub', args);
      case 'match': {
        if (second === undefined) break;
        const found = (await this.#patternOf(second)).match(await text(first));
        this.assign('RSTART', found === null ? 0 : found.start + 1);
        this.assign('RLENGTH', found === null ? -1 : found.end - found.start);
        return this.#get('RSTART');
      }
      case 'sprintf':
        return formatValues(await this.#evaluateAll(args));
      case 'toupper':
        return (await text(first)).toUpperCase();
      case 'tolower':
        return (await text(first)).toLowerCase();
      case 'int':
        return Math.trunc(await number(first));
      case 'sqrt':
        return Math.sqrt(await number(first));
      case 'exp':
        return Math.exp(await number(first));
      case 'log':
        return Math.log(await number(first));
      case 'sin':
        return Math.sin(await number(first));
      case 'cos':
        return Math.cos(await number(first));
      case 'atan2':
        return Math.atan2(await number(first), await number(second));
      case 'rand': {
        const [a = 0, b = 0, c = 0] = this.#process.container.randomBytes(3);
        return ((a << 16) | (b << 8) | c) / 2 ** 24;
      }
      case 'srand': {
        const before = this.#seed;
        this.#seed = first === undefined ? Math.floor(this.#process.container.clock.now() / 1000) : await number(first);
        return before;
      }
      case 'systime':
        return Math.floor(this.#process.container.clock.now() / 1000);
      case 'system':
        return this.#streams.system(await text(first));
      case 'close':
        return (await this.#streams.close(await text(first))) ? 0 : -1;
      case 'fflush':
        return 0;
      default:
    }
    throw new UsageError(`awk: function ${name} is not known, or not with these arguments\n`, 2);
  }

  async #callOwn(
    { parameters, body }: { parameters: readonly string[]; body: Statement[] },
    args: readonly Expression[],
  ): Promise<Value> {
    if (this.#frames.length >= MAX_CALLS) throw new UsageError('awk: function calls are nested too deep\n', 2);
    const frame = new Map<string, Cell>();
    for (const [index, parameter] of parameters.entries()) {
      const arg = args[index];
      const cell = arg?.kind === 'variable' ? this.#cell(arg.name) : undefined;
      // Arrays go by reference, also one that is made in there.
      if (cell !== undefined && 'array' in cell) frame.set(parameter, cell);
      else if (arg?.kind === 'variable' && cell === undefined && !SPECIAL.has(arg.name))
        frame.set(parameter, { value: undefined });
      else frame.set(parameter, { value: arg === undefined ? undefined : await this.#evaluate(arg) });
    }
    this.#frames.push(frame);
    try {
      await this.#block(body);
      return undefined;
    } catch (error) {
      if (error instanceof Jump && error.kind === 'return') return error.value;
      throw error;
    } finally {
      this.#frames.pop();
    }
  }

  async #substitute(all: boolean, args: readonly Expression[]): Promise<Value> {
    const [patternSource, replacementSource, target = { kind: 'field', index: { kind: 'number', value: 0 } }] = args;
    if (patternSource === undefined || replacementSource === undefined) return 0;
    const pattern = await this.#patternOf(patternSource);
    const replacement = toText(await this.#evaluate(replacementSource));
    const text = toText(await this.#evaluate(target));
    let result = '';
    let position = 0;
    let count = 0;
    while (position <= text.length) {
      const match = pattern.match(text, position);
      if (match === null) break;
      count += 1;
      const piece = text.slice(match.start, match.end);
      result +=
        text.slice(position, match.start) +
        replacement.replace(/\\(.)|&/gs, (whole, escaped?: string) =>
          whole === '&' ? piece : escaped === '&' ? '&' : whole,
        );
      this.#checkLength(result);
      if (match.end === match.start) result += text[match.end] ?? '';
      position = match.end === match.start ? match.end + 1 : match.end;
      if (!all) break;
    }
    if (count === 0) return 0;
    const isTarget = target.kind === 'variable' || target.kind === 'element' || target.kind === 'field';
    if (isTarget) await this.#store(target, result + text.slice(position));
    return count;
  }

  #checkLength(text: string): void {
    if (text.length > MAX_LENGTH) throw new UsageError('awk: out of memory\n', 2);
  }
}

const SPECIAL = new Set(['NF', 'NR', 'FNR']);

function formatValues([format, ...values]: readonly Value[]): string {
  const conversions = [...toText(format).matchAll(/%[-+ 0#]*(?:\*|\d+)?(?:\.(?:\*|\d+))?([a-zA-Z%])/g)]
    .map((match) => match[1] ?? '')
    .filter((letter) => letter !== '%');
  // Whole numbers are asked for with `%d`, and a number under `%c` is a character's code.
  const texts = values.map((value, index) => {
    const letter = conversions[index] ?? 's';
    if ('diouxX'.includes(letter)) return String(Math.trunc(toNumber(value)));
    if ('eEfFgG'.includes(letter)) return String(toNumber(value));
    if (letter === 'c' && typeof value === 'number')
      return String.fromCodePoint(Math.max(0, Math.min(value, 0x10ffff)));
    return toText(value);
  });
  // The format is used once, and what it asks for beyond the values is empty.
  while (texts.length < conversions.length) texts.push('');
  return formatPrintf(
    toText(format).replaceAll('\\', '\\\\'),
    texts.slice(0, conversions.length),
    'gnu',
  ).bytes.toString('utf8');
}

function calculate(operator: string, left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      if (right === 0) throw new UsageError('awk: division by zero\n', 2);
      return left / right;
    case '%':
      if (right === 0) throw new UsageError('awk: division by zero\n', 2);
      return left % right;
    default:
      return left ** right;
  }
}
