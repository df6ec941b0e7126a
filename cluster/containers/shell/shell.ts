import { FileError, resolvePath } from '../files/file-system.ts';
import { createPipe } from '../process/pipe.ts';
import { Descriptor, nullFile, sinkFile } from '../process/open-file.ts';
import { ReplaceProgram, type Process } from '../process/process.ts';
import type { SignalName } from '../process/signals.ts';
import { resolveProgram } from '../programs/resolve.ts';
import { UsageError } from '../programs/options.ts';
import { TestSyntaxError } from '../programs/test.ts';
import { ArithmeticError, evaluateArithmetic } from './arithmetic.ts';
import type { Command, List, Redirect, SimpleCommand, Word } from './ast.ts';
import { findBuiltin, isSpecialBuiltin } from './builtins.ts';
import { ConditionalError, evaluateConditional } from './conditional.ts';
import { builtinMessage, notFound, shellMessage, type Dialect, type MessageContext } from './dialect.ts';
import { expandToPattern, expandToString, expandWords, ExpansionError, type ExpansionContext } from './expansion.ts';
import type { Grammar } from './parsing/cursor.ts';
import { matchesPattern, PatternLimit } from './pattern.ts';
import { applyRedirects, RedirectError } from './redirection.ts';
import { tracedWord } from './trace.ts';

/** `break` and `continue`, as far as the loop that they mean. */
export class LoopJump extends Error {
  readonly kind: 'break' | 'continue';
  levels: number;
  constructor(kind: 'break' | 'continue', levels: number) {
    super(kind);
    this.kind = kind;
    this.levels = levels;
  }
}
/** `return`. */
export class FunctionReturn extends Error {
  readonly status: number;
  constructor(status: number) {
    super('return');
    this.status = status;
  }
}
/** `exit`, and errors that end a shell. */
export class ShellExit extends Error {
  readonly status: number;
  constructor(status: number) {
    super('exit');
    this.status = status;
  }
}
/** An error that ends a shell, and of an interactive one the line alone. */
export class LineEnd extends Error {
  override name = 'LineEnd';
  readonly status: number;
  constructor(status: number) {
    super('line');
    this.status = status;
  }
}
/** Ctrl-C in an interactive shell: back to the prompt. */
export class Interrupted extends Error {
  override name = 'Interrupted';
}

interface Variable {
  value: string;
  exported: boolean;
  readOnly: boolean;
}

/** Commands between two turns of everybody else. */
const COMMANDS_PER_BREATH = 64;

/** Bytes of a command substitution, as many as a word may have. */
const MAX_SUBSTITUTION_BYTES = 4 * 1024 * 1024;

/** Characters that all variables of one shell may have. */
const MAX_VARIABLES_LENGTH = 16 * 1024 * 1024;

/** What a shell says when a signal has ended its command. */
const SPOKEN_ENDS: Readonly<Partial<Record<SignalName, string>>> = {
  HUP: 'Hangup',
  KILL: 'Killed',
  QUIT: 'Quit',
  TERM: 'Terminated',
};

/** Functions that may be open at a time; bash's FUNCNEST for those that never end. */
const MAX_CALLS = 500;

/** Parses and runs text; `origin` is where it came from. */
export type RunSource = (shell: Shell, source: string, origin?: 'eval') => Promise<number>;

/** Runs what {@link parseShell} read, in one process; subshells and pipelines have processes of their own. */
export class Shell {
  readonly process: Process;
  readonly dialect: Dialect;
  name: string;
  script = false;
  interactive = false;
  positional: string[] = [];
  line = 1;
  lastStatus = 0;
  lastBackground: Process | null = null;
  readonly jobs = new Set<Process>();
  readonly options = new Set<string>();
  readonly functions = new Map<string, Command>();
  readonly traps = new Map<string, string>();
  readonly aliases = new Map<string, string>();
  /** Files that are being sourced. */
  sources = 0;
  /** Set by a signal that has a trap; run between two commands. */
  readonly pendingTraps: string[] = [];
  interrupted = false;
  readonly #variables = new Map<string, Variable>();
  /** What `local` has to put back at the end of each open function. */
  readonly #locals: Map<string, Variable | undefined>[] = [];
  /** Depth of conditions, where `set -e` does not look. */
  #conditions = 0;
  #commands = 0;
  /** Characters in variables, roughly: it only has to stop what grows without end. */
  #variableSize = 0;
  readonly #expansion: ExpansionContext;
  readonly runSource: RunSource;
  /** Loops that `break` can leave. */
  loopDepth = 0;
  /** Substitutions around, each a plus more in front of what bash traces. */
  #substitutions = 0;
  /** Whether it is a copy of another. */
  isSubshell = false;
  /** Whether it runs `-c`, where bash ends otherwise. */
  isCommandText = false;

  constructor(process: Process, dialect: Dialect, name: string, runSource: RunSource) {
    this.process = process;
    this.dialect = dialect;
    this.name = name;
    this.runSource = runSource;
    for (const [variable, value] of process.environment) {
      if (/^[A-Za-z_]\w*$/.test(variable)) this.#variables.set(variable, { value, exported: true, readOnly: false });
    }
    if (!this.#variables.has('PWD')) this.set('PWD', process.workingDirectory);
    this.#expansion = {
      dialect,
      parameter: (parameter) => this.parameter(parameter),
      assign: (variable, value) => this.set(variable, value),
      positional: () => this.positional,
      substitute: (body) => this.#substitute(body),
      home: () => this.get('HOME'),
      readFolder: (path) => this.#readFolder(path),
      nounset: false,
      noglob: false,
    };
  }

  get expansion(): ExpansionContext {
    this.#expansion.nounset = this.options.has('u');
    this.#expansion.noglob = this.options.has('f');
    return this.#expansion;
  }

  get grammar(): Grammar {
    // A bash that nobody types into leaves aliases alone.
    const expands = this.dialect !== 'bash' || this.interactive;
    return { dialect: this.dialect, ...(expands ? { aliases: this.aliases } : {}) };
  }

  get messages(): MessageContext {
    return {
      dialect: this.dialect,
      name: this.name,
      line: this.line,
      interactive: this.interactive,
      script: this.script,
    };
  }

  get(name: string): string | undefined {
    return this.#variables.get(name)?.value;
  }

  /** @throws ExpansionError when it is read-only */
  set(name: string, value: string): void {
    const variable = this.#variables.get(name);
    if (variable?.readOnly === true) throw new ExpansionError(readOnly(name, this.dialect));
    this.#variableSize += value.length - (variable?.value.length ?? -64);
    if (this.#variableSize > MAX_VARIABLES_LENGTH) throw new ExpansionError('out of memory');
    if (variable === undefined) {
      this.#variables.set(name, { value, exported: this.options.has('a'), readOnly: false });
    } else variable.value = value;
  }

  isReadOnly(name: string): boolean {
    return this.#variables.get(name)?.readOnly === true;
  }

  unset(name: string): void {
    this.#variableSize -= (this.#variables.get(name)?.value.length ?? -64) + 64;
    this.#variables.delete(name);
  }

  export(name: string): void {
    const variable = this.#variables.get(name);
    if (variable === undefined) this.#variables.set(name, { value: '', exported: true, readOnly: false });
    else variable.exported = true;
  }

  makeReadOnly(name: string): void {
    const variable = this.#variables.get(name) ?? { value: '', exported: false, readOnly: false };
    variable.readOnly = true;
    this.#variables.set(name, variable);
  }

  get isInFunction(): boolean {
    return this.#locals.length > 0;
  }

  /** Makes a variable end with the function; false outside of one. */
  makeLocal(name: string): boolean {
    const scope = this.#locals.at(-1);
    if (scope === undefined) return false;
    const variable = this.#variables.get(name);
    if (!scope.has(name)) scope.set(name, variable === undefined ? undefined : { ...variable });
    return true;
  }

  variables(): [string, string][] {
    return [...this.#variables].map(([name, { value }]): [string, string] => [name, value]).sort();
  }

  environment(): Map<string, string> {
    const result = new Map<string, string>();
    for (const [name, variable] of this.#variables) if (variable.exported) result.set(name, variable.value);
    return result;
  }

  parameter(name: string): string | undefined {
    switch (name) {
      case '?':
        return String(this.lastStatus);
      case '$':
        return String(this.process.pid);
      case '!':
        return this.lastBackground === null ? undefined : String(this.lastBackground.pid);
      case '#':
        return String(this.positional.length);
      case '-':
        return this.#flags();
      case '0':
        return this.name;
      case 'RANDOM':
        return this.dialect === 'dash' ? this.get(name) : String(this.#random());
      case 'SECONDS':
        if (this.dialect !== 'bash') return this.get(name);
        return String(Math.floor((this.process.container.clock.now() - this.process.startedAt) / 1000));
      case 'LINENO':
        return String(this.line);
      default:
        return /^\d+$/.test(name) ? this.positional[Number(name) - 1] : this.get(name);
    }
  }

  #flags(): string {
    const letters = [...this.options].filter((option) => option.length === 1).join('');
    if (this.dialect === 'bash') return `${letters}hB${this.interactive ? 'im' : this.isCommandText ? 'c' : ''}`;
    return letters + (this.interactive ? 'im' : '') + (this.dialect === 'ash' && this.isCommandText ? 'c' : '');
  }

  async runList(list: List): Promise<number> {
    let status = 0;
    for (const { command, background } of list) {
      status = background ? this.#runInBackground(command) : await this.run(command);
      this.lastStatus = status;
    }
    return status;
  }

  /** Runs a list whose failure is a question and not an error (`set -e`). */
  async #runCondition(list: List): Promise<number> {
    this.#conditions += 1;
    try {
      return await this.runList(list);
    } finally {
      this.#conditions -= 1;
    }
  }

  async run(command: Command): Promise<number> {
    await this.#step();
    let status: number;
    // `set -n` reads and runs nothing.
    if (this.options.has('n') && !this.interactive) return 0;
    switch (command.kind) {
      case 'simple':
        status = await this.#runSimple(command);
        this.#exitOnError(status);
        break;
      case 'pipeline':
        status = await this.#runPipeline(command.commands);
        if (command.negated) status = status === 0 ? 1 : 0;
        else this.#exitOnError(status);
        break;
      case 'and-or':
        status = await this.#runAndOr(command);
        break;
      case 'function':
        this.functions.set(command.name, command.body);
        status = 0;
        break;
      case 'timed':
        status = await this.#runTimed(command.command);
        break;
      case 'arithmetic':
      case 'conditional':
        status = await this.#withRedirects(command.redirects, () => this.#runTest(command));
        this.#exitOnError(status);
        break;
      case 'subshell':
        status = await this.#withRedirects(command.redirects, () =>
          this.#wait(this.fork((shell) => shell.runList(command.body))),
        );
        this.#exitOnError(status);
        break;
      default:
        status = await this.#withRedirects(command.redirects, () => this.#runCompound(command));
    }
    this.lastStatus = status;
    return status;
  }

  async #runTest(command: Extract<Command, { kind: 'arithmetic' | 'conditional' }>): Promise<number> {
    this.line = command.line;
    if (command.kind === 'arithmetic') return (await this.#arithmetic(command.expression)) === 0n ? 1 : 0;
    try {
      const result = await evaluateConditional(command.items, {
        process: this.process,
        dialect: this.dialect,
        variables: this.#arithmeticVariables,
        toText: (word) => this.expandText(word),
        toPattern: (word) => this.#guard(() => expandToPattern(word, this.expansion)),
      });
      return result ? 0 : 1;
    } catch (error) {
      if (error instanceof UsageError) return 2;
      const isKnown =
        error instanceof ConditionalError || error instanceof TestSyntaxError || error instanceof ArithmeticError;
      if (!isKnown) throw error;
      await this.process.printError(shellMessage(this.messages, error.message));
      return 2;
    }
  }

  readonly #arithmeticVariables = {
    get: (name: string): string | undefined => this.parameter(name),
    set: (name: string, value: string): void => this.set(name, value),
  };

  /** The value of an expression that is a command of its own. */
  async #arithmetic(expression: Word): Promise<bigint> {
    return this.evaluate(await this.#guard(() => expandToString(expression, this.expansion)));
  }

  /** The value of an expression; one that is none ends the command with 1. */
  async evaluate(expression: string): Promise<bigint> {
    try {
      return evaluateArithmetic(expression, this.#arithmeticVariables, this.dialect);
    } catch (error) {
      if (!(error instanceof ArithmeticError) && !(error instanceof ExpansionError)) throw error;
      await this.process.printError(shellMessage(this.messages, error.message));
      return 0n;
    }
  }

  async #runTimed(command: Command): Promise<number> {
    const { clock } = this.process.container;
    const start = clock.now();
    const status = await this.run(command);
    const seconds = (clock.now() - start) / 1000;
    const show = (value: number): string => `${Math.floor(value / 60)}m${(value % 60).toFixed(3)}s`;
    // Programs here take no time of a processor that anybody would count.
    await this.process.printError(`\nreal\t${show(seconds)}\nuser\t${show(0)}\nsys\t${show(0)}\n`);
    return status;
  }

  #exitOnError(status: number): void {
    if (status !== 0 && this.#conditions === 0 && this.options.has('e')) throw new ShellExit(status);
  }

  async #runAndOr(command: Extract<Command, { kind: 'and-or' }>): Promise<number> {
    const commands = [{ operator: '', command: command.first }, ...command.rest];
    let status = 0;
    for (const [index, item] of commands.entries()) {
      if (item.operator === '&&' && status !== 0) continue;
      if (item.operator === '||' && status === 0) continue;
      // Only the last command of such a list counts for `set -e`.
      if (index === commands.length - 1) status = await this.run(item.command);
      else status = await this.#runCondition([{ command: item.command, background: false }]);
      this.lastStatus = status;
    }
    return status;
  }

  async #runCompound(
    command: Exclude<
      Command,
      { kind: 'simple' | 'pipeline' | 'and-or' | 'function' | 'subshell' | 'timed' | 'arithmetic' | 'conditional' }
    >,
  ): Promise<number> {
    switch (command.kind) {
      case 'group':
        return this.runList(command.body);
      case 'if':
        for (const { condition, body } of command.clauses) {
          if ((await this.#runCondition(condition)) === 0) return this.runList(body);
        }
        return command.otherwise === null ? 0 : this.runList(command.otherwise);
      case 'loop':
        return this.#loop(
          async () => ((await this.#runCondition(command.condition)) === 0) !== command.until,
          command.body,
        );
      case 'for': {
        const words = command.words === null ? [...this.positional] : await this.#expand(command.words);
        let index = 0;
        return this.#loop(() => {
          const word = words[index];
          if (word === undefined) return Promise.resolve(false);
          this.set(command.name, word);
          index += 1;
          return Promise.resolve(true);
        }, command.body);
      }
      case 'counting-for': {
        this.line = command.line;
        await this.#arithmetic(command.start);
        let first = true;
        const isEndless = command.condition.every((part) => part.kind === 'text' && part.text.trim() === '');
        return this.#loop(async () => {
          if (!first) await this.#arithmetic(command.step);
          first = false;
          return isEndless || (await this.#arithmetic(command.condition)) !== 0n;
        }, command.body);
      }
      case 'case': {
        const subject = await this.#guard(() => expandToString(command.word, this.expansion));
        for (const { patterns, body } of command.clauses) {
          for (const pattern of patterns) {
            const expanded = await this.#guard(() => expandToPattern(pattern, this.expansion));
            if (matchesPattern(expanded, subject)) return this.runList(body);
          }
        }
        return 0;
      }
      default: {
        const never: never = command;
        return never;
      }
    }
  }

  async #loop(next: () => Promise<boolean>, body: List): Promise<number> {
    let status = 0;
    this.loopDepth += 1;
    try {
      while (await next()) {
        try {
          status = await this.runList(body);
        } catch (error) {
          if (!(error instanceof LoopJump)) throw error;
          error.levels -= 1;
          if (error.levels > 0 && this.loopDepth > 1) throw error;
          status = 0;
          if (error.kind === 'break') break;
        }
        await this.#step();
      }
    } finally {
      this.loopDepth -= 1;
    }
    return status;
  }

  async #runSimple(command: SimpleCommand): Promise<number> {
    this.line = command.line;
    const statusBefore = this.lastStatus;
    const words = await this.#expand(command.words);
    if (words.length === 0) return this.#runAssignments(command, statusBefore);
    const [name = ''] = words;
    const assignments = await this.#assignments(command);
    await this.#trace(assignments, words);
    const functionBody = this.functions.get(name);
    const builtin = findBuiltin(name, this.dialect);
    if (builtin !== undefined && (functionBody === undefined || isSpecialBuiltin(name))) {
      if (name === 'exec') return this.#exec(words.slice(1), command.redirects, assignments, true);
      const onFailure = isSpecialBuiltin(name) && this.dialect !== 'bash' && !this.interactive ? 'exit' : 'status';
      return this.#withRedirects(
        command.redirects,
        () => this.#withAssignments(assignments, () => this.#guard(async () => builtin(this, words))),
        onFailure,
      );
    }
    if (functionBody !== undefined) {
      return this.#withRedirects(command.redirects, () =>
        this.#withAssignments(assignments, () => this.#call(functionBody, words.slice(1))),
      );
    }
    return this.#runProgram(words, command.redirects, assignments);
  }

  async #assignments(command: SimpleCommand): Promise<[string, string][]> {
    const assignments: [string, string][] = [];
    for (const { name, append, value } of command.assignments) {
      const text = await this.#guard(() => expandToString(value, this.expansion));
      assignments.push([name, append ? (this.get(name) ?? '') + text : text]);
    }
    return assignments;
  }

  /** `set -x` */
  async #trace(assignments: readonly [string, string][], words: readonly string[]): Promise<void> {
    if (!this.options.has('x')) return;
    const sign = this.get('PS4') ?? '+ ';
    const prefix = this.dialect === 'bash' ? sign.charAt(0).repeat(this.#substitutions) + sign : sign;
    const values = assignments.map(([name, value]) => `${name}=${tracedWord(value, this.dialect)}`);
    const line = words.map((word) => tracedWord(word, this.dialect)).join(' ');
    // bash gives each assignment a line.
    const lines =
      this.dialect === 'bash'
        ? [...values, ...(words.length > 0 ? [line] : [])]
        : [[...values, ...(words.length > 0 ? [line] : [])].join(' ')];
    await this.process.printError(lines.map((text) => `${prefix}${text}\n`).join(''));
  }

  async #runAssignments(command: SimpleCommand, statusBefore: number): Promise<number> {
    // `x=$(false)` ends with the status of the substitution.
    this.lastStatus = 0;
    for (const { name, append, value } of command.assignments) {
      const text = await this.#guard(() => expandToString(value, this.expansion));
      await this.#trace([[name, text]], []);
      await this.#guard(async () => this.set(name, append ? (this.get(name) ?? '') + text : text));
    }
    // Changed by a substitution, in an assignment or in words that came to nothing.
    const status = this.lastStatus;
    if (command.redirects.length > 0) return this.#withRedirects(command.redirects, () => Promise.resolve(status));
    return command.assignments.length === 0 && command.words.length === 0 ? statusBefore : status;
  }

  async #call(body: Command, args: string[]): Promise<number> {
    if (this.#locals.length >= MAX_CALLS) {
      await this.process.printError(shellMessage(this.messages, 'maximum function nesting level exceeded'));
      this.abort(2);
    }
    const outer = this.positional;
    const { loopDepth } = this;
    // BusyBox lets a function leave the loop around its call.
    if (this.dialect !== 'ash') this.loopDepth = 0;
    this.positional = args;
    this.#locals.push(new Map());
    try {
      return await this.run(body);
    } catch (error) {
      if (error instanceof FunctionReturn) return error.status;
      throw error;
    } finally {
      this.positional = outer;
      this.loopDepth = loopDepth;
      for (const [name, variable] of this.#locals.pop() ?? []) {
        if (variable === undefined) this.#variables.delete(name);
        else this.#variables.set(name, variable);
      }
    }
  }

  /** Runs a command line of expanded words past functions, as `command` does. */
  runWords(words: readonly string[]): Promise<number> {
    const builtin = findBuiltin(words[0] ?? '', this.dialect);
    if (builtin !== undefined) return Promise.resolve(builtin(this, words));
    return this.#runProgram(words, [], []);
  }

  async #runProgram(
    words: readonly string[],
    redirects: readonly Redirect[],
    assignments: readonly [string, string][],
  ): Promise<number> {
    const resolved = this.#resolve(words);
    if (resolved === null) {
      // The redirections come first: they may hide the message.
      return this.#withRedirects(redirects, async () => this.#complainNotFound(words[0] ?? ''));
    }
    const environment = this.environment();
    for (const [name, value] of assignments) environment.set(name, value);
    const descriptors = this.#copyDescriptors();
    try {
      await applyRedirects(this, redirects, descriptors);
    } catch (error) {
      for (const descriptor of descriptors.values()) descriptor.close();
      return this.#redirectFailed(error);
    }
    return this.#wait(this.#spawn(resolved.program, resolved.args, environment, descriptors, this.process.background));
  }

  #resolve(words: readonly string[]): ReturnType<typeof resolveOrNull> {
    return resolveOrNull(this.process, words, this.get('PATH'));
  }

  async #complainNotFound(name: string, asBuiltin: string | null = null): Promise<number> {
    const found = this.process.container.findExecutable(
      name,
      this.process.workingDirectory,
      this.get('PATH'),
      this.process.uid,
    );
    if (name === '' && this.dialect !== 'bash') {
      await this.process.printError(shellMessage(this.messages, ': Permission denied'));
      return 127;
    }
    if (found.kind === 'denied' && name !== '') {
      const reason =
        this.dialect === 'bash' && this.#readFolder(name) !== null ? 'Is a directory' : 'Permission denied';
      await this.process.printError(shellMessage(this.messages, `${name}: ${reason}`));
      return 126;
    }
    if (found.kind === 'script' && this.dialect === 'bash') {
      // Its interpreter is missing.
      await this.process.printError(shellMessage(this.messages, `${name}: cannot execute: required file not found`));
      return 127;
    }
    const message =
      asBuiltin === null
        ? notFound(this.messages, name)
        : builtinMessage(this.messages, asBuiltin, `${name}: not found`);
    await this.process.printError(message);
    return 127;
  }

  async #exec(
    words: readonly string[],
    redirects: readonly Redirect[],
    assignments: readonly [string, string][],
    isSpoken: boolean,
  ): Promise<number> {
    try {
      await applyRedirects(this, redirects, this.process.descriptors);
    } catch (error) {
      return this.#redirectFailed(error);
    }
    if (words.length === 0) return 0;
    const resolved = this.#resolve(words);
    if (resolved === null) this.abort(await this.#complainNotFound(words[0] ?? '', isSpoken ? 'exec' : null));
    const environment = this.environment();
    for (const [name, value] of assignments) environment.set(name, value);
    throw new ReplaceProgram(resolved.program, resolved.args, environment);
  }

  async #runPipeline(commands: readonly Command[]): Promise<number> {
    const [only] = commands;
    if (commands.length === 1 && only !== undefined) return this.#runCondition([{ command: only, background: false }]);
    const stages: Process[] = [];
    let input: Descriptor | null = null;
    for (const [index, command] of commands.entries()) {
      const pipe = index < commands.length - 1 ? createPipe() : null;
      const replacements = new Map<number, Descriptor>();
      if (input !== null) replacements.set(0, input);
      if (pipe !== null) replacements.set(1, new Descriptor(pipe.writer));
      input = pipe === null ? null : new Descriptor(pipe.reader);
      stages.push(this.fork((shell) => shell.#runLast(command), { replacements }));
    }
    let status = 0;
    let failed = 0;
    for (const stage of stages) {
      status = await this.#wait(stage);
      if (status !== 0) failed = status;
    }
    return this.options.has('o pipefail') ? failed : status;
  }

  /** The only command of a subshell: a program takes the subshell's process. */
  async #runLast(command: Command): Promise<number> {
    if (command.kind !== 'simple') return this.run(command);
    const [first] = command.words;
    const name = first?.length === 1 && first[0]?.kind === 'text' ? first[0].text : null;
    if (name === null || this.functions.has(name) || findBuiltin(name, this.dialect) !== undefined)
      return this.run(command);
    this.line = command.line;
    const words = await this.#expand(command.words);
    const assignments = await this.#assignments(command);
    await this.#trace(assignments, words);
    return this.#exec(words, command.redirects, assignments, false);
  }

  #runInBackground(command: Command): number {
    const child = this.fork((shell) => shell.#runLast(command), {
      background: true,
      replacements: this.interactive ? new Map() : new Map([[0, new Descriptor(nullFile)]]),
    });
    this.lastBackground = child;
    this.jobs.add(child);
    void child.exited.then(() => {
      // Kept for `wait` as long as it is the last one.
      if (this.lastBackground !== child) this.jobs.delete(child);
    });
    return 0;
  }

  /** A copy of the shell in a process of its own. */
  fork(
    body: (shell: Shell) => Promise<number>,
    {
      replacements = new Map<number, Descriptor>(),
      background = false,
    }: { replacements?: Map<number, Descriptor>; background?: boolean } = {},
  ): Process {
    const descriptors = this.#copyDescriptors();
    for (const [number, descriptor] of replacements) {
      descriptors.get(number)?.close();
      descriptors.set(number, descriptor);
    }
    return this.#spawn(
      (process) => {
        const copy = this.#copy(process);
        copy.isSubshell = true;
        return runToExit(copy, body);
      },
      this.process.args,
      this.process.environment,
      descriptors,
      background || this.process.background,
    );
  }

  #spawn(
    program: Parameters<Process['run']>[0],
    args: readonly string[],
    environment: ReadonlyMap<string, string>,
    descriptors: Map<number, Descriptor>,
    background: boolean,
  ): Process {
    const child = this.process.container.spawn(program, {
      args,
      environment,
      workingDirectory: this.process.workingDirectory,
      uid: this.process.uid,
      descriptors,
      parent: this.process,
      tty: this.process.tty,
    });
    child.background = background;
    return child;
  }

  #copy(process: Process): Shell {
    const shell = new Shell(process, this.dialect, this.name, this.runSource);
    shell.script = this.script;
    shell.isCommandText = this.isCommandText;
    shell.#substitutions = this.#substitutions;
    shell.positional = [...this.positional];
    shell.line = this.line;
    shell.lastStatus = this.lastStatus;
    shell.lastBackground = this.lastBackground;
    shell.#conditions = this.#conditions;
    for (const option of this.options) shell.options.add(option);
    for (const [name, body] of this.functions) shell.functions.set(name, body);
    for (const [name, value] of this.aliases) shell.aliases.set(name, value);
    shell.#variables.clear();
    for (const [name, variable] of this.#variables) shell.#variables.set(name, { ...variable });
    for (const scope of this.#locals) shell.#locals.push(new Map(scope));
    return shell;
  }

  async #substitute(body: List): Promise<string> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    const output = sinkFile((bytes) => {
      size += bytes.length;
      if (size <= MAX_SUBSTITUTION_BYTES) chunks.push(bytes);
    });
    const [only] = body;
    const child = this.fork(
      (shell) => {
        shell.#substitutions += 1;
        return body.length === 1 && only?.background === false ? shell.#runLast(only.command) : shell.runList(body);
      },
      { replacements: new Map([[1, new Descriptor(output)]]) },
    );
    this.lastStatus = await this.#wait(child);
    if (size > MAX_SUBSTITUTION_BYTES) throw new ExpansionError('out of memory');
    return Buffer.concat(chunks).toString('utf8').replaceAll('\0', '').replace(/\n+$/, '');
  }

  async #wait(child: Process): Promise<number> {
    const status = await this.patiently(() => this.process.race(child.exited));
    const end = child.killedBy === null ? undefined : SPOKEN_ENDS[child.killedBy];
    if (end !== undefined) await this.process.printError(`${end}\n`);
    if (this.interactive && status === 130) {
      this.interrupted = false;
      this.lastStatus = 130;
      throw new Interrupted();
    }
    return status;
  }

  /** A wait that goes on after a signal with a trap: the trap runs when the command has ended. */
  async patiently<T>(wait: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await wait();
      } catch (error) {
        if (!(error instanceof TrapPending)) throw error;
      }
    }
  }

  /** A word as one string; what is wrong with it ends the shell or the line. */
  expandText(word: Word): Promise<string> {
    return this.#guard(() => expandToString(word, this.expansion));
  }

  /** Ends the shell, or the line when somebody types. */
  abort(status: number): never {
    throw this.interactive ? new LineEnd(status) : new ShellExit(status);
  }

  #expand(words: SimpleCommand['words']): Promise<string[]> {
    return this.#guard(() => expandWords(words, this.expansion));
  }

  /** Turns errors of an expansion into the end of the shell, or of the line when it is interactive. */
  async #guard<T>(expand: () => Promise<T>): Promise<T> {
    try {
      return await expand();
    } catch (error) {
      if (error instanceof ExpansionError || error instanceof ArithmeticError || error instanceof PatternLimit) {
        await this.process.printError(shellMessage(this.messages, error.message));
        const isUnset = error instanceof ExpansionError && !/substitution|readonly/.test(error.message);
        if (this.dialect !== 'bash') this.abort(2);
        this.abort(isUnset && this.isCommandText && !this.isSubshell ? 127 : 1);
      }
      throw error;
    }
  }

  /** @param onFailure what becomes of the shell when a file cannot be used. */
  async #withRedirects(
    redirects: readonly Redirect[],
    body: () => Promise<number>,
    onFailure: 'status' | 'exit' = 'status',
  ): Promise<number> {
    if (redirects.length === 0) return body();
    const { descriptors } = this.process;
    const saved = new Map([...descriptors].map(([number, descriptor]) => [number, descriptor.duplicate()]));
    try {
      await applyRedirects(this, redirects, descriptors);
      return await body();
    } catch (error) {
      const status = await this.#redirectFailed(error);
      if (onFailure === 'exit') this.abort(status);
      return status;
    } finally {
      for (const descriptor of descriptors.values()) descriptor.close();
      descriptors.clear();
      for (const [number, descriptor] of saved) descriptors.set(number, descriptor);
    }
  }

  async #redirectFailed(error: unknown): Promise<number> {
    if (!(error instanceof RedirectError)) throw error;
    await this.process.printError(error.message);
    return this.dialect === 'dash' ? 2 : 1;
  }

  async #withAssignments(assignments: readonly [string, string][], body: () => Promise<number>): Promise<number> {
    if (assignments.length === 0) return body();
    const saved = assignments.map(([name]): [string, Variable | undefined] => [name, this.#variables.get(name)]);
    for (const [name, value] of assignments) {
      this.#variables.set(name, { value, exported: true, readOnly: false });
    }
    try {
      return await body();
    } finally {
      for (const [name, variable] of saved) {
        if (variable === undefined) this.#variables.delete(name);
        else this.#variables.set(name, variable);
      }
    }
  }

  #copyDescriptors(): Map<number, Descriptor> {
    return new Map([...this.process.descriptors].map(([number, descriptor]) => [number, descriptor.duplicate()]));
  }

  #readFolder(path: string): string[] | null {
    const { files } = this.process.container;
    try {
      const node = files.find(resolvePath(this.process.workingDirectory, path), { uid: this.process.uid });
      return node.kind === 'directory' ? [...files.entries(node).keys()] : null;
    } catch (error) {
      if (error instanceof FileError) return null;
      throw error;
    }
  }

  #random(): number {
    const [high = 0, low = 0] = this.process.container.randomBytes(2);
    return ((high << 8) | low) & 0x7fff;
  }

  async #step(): Promise<void> {
    if (this.interrupted) {
      this.interrupted = false;
      throw new Interrupted();
    }
    this.#commands += 1;
    if (this.#commands % COMMANDS_PER_BREATH === 0) await this.patiently(() => this.process.breathe());
    await this.runPendingTraps();
  }

  async runPendingTraps(): Promise<void> {
    for (let action = this.pendingTraps.shift(); action !== undefined; action = this.pendingTraps.shift()) {
      const status = this.lastStatus;
      await this.runSource(this, action);
      this.lastStatus = status;
    }
  }

  /** `trap ACTION SIGNAL`. */
  trap(signal: SignalName, action: string): void {
    this.process.onSignal(signal, () => {
      if (action === '') return;
      this.pendingTraps.push(action);
      this.process.interruptWaits(new TrapPending());
    });
  }
}

/** A signal with a trap came while the shell waited. */
export class TrapPending extends Error {
  override name = 'TrapPending';
}

/** Runs a shell's body and its EXIT trap; the exit status. */
export async function runToExit(shell: Shell, body: (shell: Shell) => Promise<number>): Promise<number> {
  const status = await endOf(shell, () => body(shell));
  const action = shell.traps.get('EXIT');
  if (action === undefined) return status;
  shell.traps.delete('EXIT');
  shell.lastStatus = status;
  let result = status;
  await endOf(shell, async () => {
    try {
      return await shell.runSource(shell, action);
    } catch (error) {
      if (error instanceof ShellExit) result = error.status;
      throw error;
    }
  });
  return result;
}

async function endOf(shell: Shell, body: () => Promise<number>): Promise<number> {
  try {
    return await body();
  } catch (error) {
    if (error instanceof ShellExit || error instanceof LineEnd || error instanceof FunctionReturn) return error.status;
    if (error instanceof LoopJump) return 0;
    if (error instanceof Interrupted) return 130;
    if (error instanceof TrapPending) {
      await shell.runPendingTraps();
      return shell.lastStatus;
    }
    throw error;
  }
}

function readOnly(name: string, dialect: Dialect): string {
  return dialect === 'bash' ? `${name}: readonly variable` : `${name}: is read only`;
}

function resolveOrNull(process: Process, words: readonly string[], searchPath: string | undefined) {
  const resolved = resolveProgram(process.container, words, {
    workingDirectory: process.workingDirectory,
    searchPath: searchPath ?? '',
    uid: process.uid,
  });
  return 'program' in resolved ? resolved : null;
}
