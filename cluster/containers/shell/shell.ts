import type { Descriptor } from '../process/open-file.ts';
import type { Process } from '../process/process.ts';
import type { Command, List } from './ast.ts';
import type { Dialect, MessageContext } from './dialect.ts';
import type { ExpansionContext } from './expansion.ts';
import type { Grammar } from './parsing/cursor.ts';
import { copyDescriptors } from './redirection.ts';
import { spawnChild } from './running/child-processes.ts';
import { Interrupted, LineEnd, ShellExit } from './running/control-flow.ts';
import { createExpansionContext } from './running/expansion-context.ts';
import { runCommand } from './running/run-command.ts';
import { runInBackground } from './running/run-pipeline.ts';
import { runWords } from './running/run-simple.ts';
import { runToExit } from './running/run-to-exit.ts';
import { patiently, runPendingTraps } from './running/traps.ts';
import { Variables } from './running/variables.ts';

/** Commands between two turns of everybody else. */
const COMMANDS_PER_BREATH = 64;

/** Parses and runs text; `origin` is where it came from. */
export type RunSource = (shell: Shell, source: string, origin?: 'eval') => Promise<number>;

/**
 * Runs what {@link parseShell} read, in one process; subshells and pipelines have processes of their own.
 * This is its state, and what its parts call each other by; how commands run stands in `running/`.
 */
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
  readonly variables: Variables;
  /** Depth of conditions, where `set -e` does not look. */
  conditionDepth = 0;
  #commands = 0;
  readonly #expansion: ExpansionContext;
  readonly runSource: RunSource;
  /** Loops that `break` can leave. */
  loopDepth = 0;
  /** Substitutions around, each a plus more in front of what bash traces. */
  substitutionDepth = 0;
  /** Whether it is a copy of another. */
  isSubshell = false;
  /** Whether it runs `-c`, where bash ends otherwise. */
  isCommandText = false;

  constructor(process: Process, dialect: Dialect, name: string, runSource: RunSource) {
    this.process = process;
    this.dialect = dialect;
    this.name = name;
    this.runSource = runSource;
    this.variables = new Variables(dialect, this.options, process.environment);
    if (this.variables.get('PWD') === undefined) this.variables.set('PWD', process.workingDirectory);
    this.#expansion = createExpansionContext(this);
  }

  /** What words are expanded with, by the options of now. */
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

  async runList(list: List): Promise<number> {
    let status = 0;
    for (const { command, background } of list) {
      status = background ? runInBackground(this, command) : await this.run(command);
      this.lastStatus = status;
    }
    return status;
  }

  /** Runs a list whose failure is a question and not an error (`set -e`). */
  async runCondition(list: List): Promise<number> {
    this.conditionDepth += 1;
    try {
      return await this.runList(list);
    } finally {
      this.conditionDepth -= 1;
    }
  }

  /** Runs one command of any kind; its status becomes `$?`. */
  run(command: Command): Promise<number> {
    return runCommand(this, command);
  }

  /** Runs a command line of expanded words past functions, as `command` does. */
  runWords(words: readonly string[]): Promise<number> {
    return runWords(this, words);
  }

  /** A copy of the shell in a process of its own. */
  fork(
    body: (shell: Shell) => Promise<number>,
    {
      replacements = new Map<number, Descriptor>(),
      background = false,
    }: { replacements?: Map<number, Descriptor>; background?: boolean } = {},
  ): Process {
    const descriptors = copyDescriptors(this);
    for (const [number, descriptor] of replacements) {
      descriptors.get(number)?.close();
      descriptors.set(number, descriptor);
    }
    return spawnChild(
      this,
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

  #copy(process: Process): Shell {
    const shell = new Shell(process, this.dialect, this.name, this.runSource);
    shell.script = this.script;
    shell.isCommandText = this.isCommandText;
    shell.substitutionDepth = this.substitutionDepth;
    shell.positional = [...this.positional];
    shell.line = this.line;
    shell.lastStatus = this.lastStatus;
    shell.lastBackground = this.lastBackground;
    shell.conditionDepth = this.conditionDepth;
    for (const option of this.options) shell.options.add(option);
    for (const [name, body] of this.functions) shell.functions.set(name, body);
    for (const [name, value] of this.aliases) shell.aliases.set(name, value);
    shell.variables.copyFrom(this.variables);
    return shell;
  }

  /** Ends the shell, or the line when somebody types. */
  abort(status: number): never {
    throw this.interactive ? new LineEnd(status) : new ShellExit(status);
  }

  /** What comes between two commands: Ctrl-C, the turn of others, traps. @throws Interrupted */
  async step(): Promise<void> {
    if (this.interrupted) {
      this.interrupted = false;
      throw new Interrupted();
    }
    this.#commands += 1;
    if (this.#commands % COMMANDS_PER_BREATH === 0) await patiently(() => this.process.breathe());
    await runPendingTraps(this);
  }
}
