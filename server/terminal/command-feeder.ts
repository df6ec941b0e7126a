import type { ShellEvent, ShellPhase } from './command-tracker.ts';
import { CTRL_C, CtrlC } from './ctrl-c.ts';
import { TAKE_LINE } from './shell-integration.ts';
import { BusyError, type RunProgress, type RunResult } from './terminal.ts';

/** A shell at its prompt hands over its line within this time, unless readline asks something itself. */
const TAKE_LINE_MS = 1000;
/**
 * A command of the block gets the learner's keys once it has run for this long. Earlier the tty would echo into its
 * output what was meant for the prompt; a person who answers a question is slower.
 */
const HOLD_KEYS_MS = 300;
const INTERRUPTED = 130;
const STOPPED = 148;

export interface FeederShell {
  phase(): ShellPhase;
  send(data: string): void;
}

/**
 * Types a block's lines at the prompt, each as a bracketed paste when readline has asked for it: then bash itself
 * says where commands end, a program in the block cannot eat the lines behind it, and a failure stops the rest.
 * Keys of the learner wait while lines go in, and reach a command that goes on running.
 */
export class CommandFeeder {
  readonly #shell: FeederShell;
  /** For readline; it is pressed again until the prompt shows. */
  readonly #ctrlC: CtrlC;
  readonly #events: ShellEvent[] = [];
  #wake: (() => void) | null = null;
  #isActive = false;
  /** A line has been typed and its command has not started yet. */
  #isTyping = false;
  #isCancelled = false;
  /** Keys may lie in readline's line, or on their way to it. */
  #isLineDirty = true;
  #halfTyped = '';
  #heldKeys: string[] = [];
  #isHolding = false;
  #holdTimer: NodeJS.Timeout | undefined;

  constructor(shell: FeederShell) {
    this.#shell = shell;
    this.#ctrlC = new CtrlC((keys) => shell.send(keys));
  }

  get isActive(): boolean {
    return this.#isActive;
  }

  /** Whether a command that starts now is a line of the block. */
  get isTyping(): boolean {
    return this.#isTyping;
  }

  /** Keys of the learner. */
  write(data: string): void {
    if (!this.#isActive) return this.#shell.send(data);
    if (!this.#isHolding) return this.#sendKeys(data);
    const stop = data.lastIndexOf(CTRL_C);
    const rest = data.slice(stop + 1);
    if (stop !== -1 && this.#shell.phase() === 'running') {
      this.#heldKeys = [];
      this.#shell.send(CTRL_C);
    } else if (stop !== -1) {
      this.cancel();
      this.#ctrlC.press();
    }
    if (rest) this.#heldKeys.push(rest);
  }

  /** No further line goes in, for Ctrl-C is on its way. As in a terminal, keys before it are forgotten. */
  cancel(): void {
    this.#isCancelled = true;
    this.#heldKeys = [];
    this.#halfTyped = '';
  }

  event(event: ShellEvent): void {
    if (!this.#isActive) return;
    this.#events.push(event);
    if (event.type === 'prompt' || event.type === 'ended') this.#ctrlC.stop();
    if (event.type === 'started') {
      this.#isTyping = false;
      this.#holdTimer = setTimeout(() => {
        this.#isHolding = false;
        this.#releaseKeys();
      }, HOLD_KEYS_MS);
    } else if (event.type !== 'output') {
      this.#holdKeys();
    }
    this.#wake?.();
  }

  /**
   * Resolves at the next prompt, or with the end of the shell.
   * @param lines the block's, without control characters.
   */
  async feed(lines: readonly string[], listener: (progress: RunProgress) => void): Promise<RunResult> {
    this.#isActive = true;
    this.#isCancelled = false;
    this.#isLineDirty = true;
    this.#halfTyped = '';
    this.#holdKeys();
    try {
      return await this.#feedAll([...lines], listener);
    } finally {
      clearTimeout(this.#holdTimer);
      this.#ctrlC.stop();
      this.#isActive = false;
      this.#isTyping = false;
      this.#events.length = 0;
      if (this.#halfTyped && this.#shell.phase() === 'prompt') this.#shell.send(paste(this.#halfTyped));
      this.#releaseKeys();
    }
  }

  async #feedAll(lines: string[], listener: (progress: RunProgress) => void): Promise<RunResult> {
    let output = '';
    let status = 0;
    while (lines.length > 0) {
      // Blank lines would only draw prompts.
      if (lines[0]!.trim() === '') {
        lines.shift();
        continue;
      }
      if (this.#isLineDirty) await this.#takeLine();
      if (this.#shell.phase() === 'ended') return { outcome: 'shell-ended', output };
      if (this.#isCancelled) {
        await this.#settle();
        return { outcome: 'interrupted', output };
      }
      const result = await this.#feedCommand(lines, (more) => listener({ output: output + more }));
      output += result.output;
      if (result.outcome === 'syntax') return { outcome: 'syntax', message: result.message };
      if (result.outcome !== 'finished') return { outcome: result.outcome, output };
      status = result.status;
      if (status === STOPPED) break;
    }
    return { outcome: 'finished', status, output };
  }

  /** Types lines until they make a command, and waits for its end and the prompt. Takes the lines off the list. */
  async #feedCommand(lines: string[], progress: (output: string) => void): Promise<CommandResult> {
    let result: CommandResult = { outcome: 'finished', status: 0, output: '' };
    let isIncomplete = false;
    this.#typeLine(lines.shift()!);
    for (;;) {
      const event = await this.#next();
      switch (event.type) {
        case 'continuation':
          if (this.#isCancelled) break;
          if (lines.length > 0) {
            this.#typeLine(lines.shift()!);
          } else {
            isIncomplete = true;
            this.#ctrlC.press();
          }
          break;
        case 'output':
          progress(event.output);
          break;
        case 'finished':
          result =
            event.status === INTERRUPTED
              ? { outcome: 'interrupted', output: event.output }
              : { outcome: 'finished', status: event.status, output: event.output };
          break;
        case 'nothing-ran':
          this.#isTyping = false;
          if (isIncomplete) result = { outcome: 'syntax', message: 'syntax error: unexpected end of file', output: '' };
          else if (event.status === INTERRUPTED) result = { outcome: 'interrupted', output: '' };
          else if (event.status !== 0) result = { outcome: 'syntax', message: messageIn(event.printed), output: '' };
          break;
        case 'prompt':
          return result;
        case 'ended':
          return { outcome: 'shell-ended', output: result.output };
        case 'started':
        case 'line':
          break;
      }
    }
  }

  /**
   * Empties the line at the prompt and remembers what was on it. Everything typed before has then been read; when
   * that held a whole command, it runs first, as in any terminal.
   */
  async #takeLine(): Promise<void> {
    let hasAsked = false;
    if (this.#shell.phase() === 'prompt') this.#shell.send(TAKE_LINE);
    for (;;) {
      const event = await this.#next(this.#shell.phase() === 'running' ? null : TAKE_LINE_MS);
      switch (event?.type) {
        case 'line':
          if (this.#shell.phase() !== 'prompt') break;
          this.#halfTyped += event.text;
          this.#isLineDirty = false;
          return;
        case 'prompt':
          if (this.#isCancelled) return;
          // A program may have taken the first request, or Ctrl-C may have wiped it out.
          this.#shell.send(TAKE_LINE);
          break;
        case 'continuation':
          this.#ctrlC.press();
          break;
        case 'ended':
          return;
        case undefined:
          // Readline may be waiting for an answer, as in "Display all 1500 possibilities?".
          if (hasAsked)
            throw new BusyError('The shell does not answer at its prompt. Press Ctrl-C there and try again.');
          hasAsked = true;
          this.#ctrlC.press();
          break;
        case 'started':
        case 'output':
        case 'finished':
        case 'nothing-ran':
          break;
      }
    }
  }

  /** Waits for the prompt after Ctrl-C: keys sent earlier would be lost with those that it wipes out. */
  async #settle(): Promise<void> {
    while (this.#shell.phase() !== 'ended') {
      const event = await this.#next(TAKE_LINE_MS);
      if (event === undefined || event.type === 'prompt') return;
    }
  }

  #typeLine(line: string): void {
    this.#isTyping = true;
    this.#shell.send(`${paste(line)}\r`);
  }

  #holdKeys(): void {
    clearTimeout(this.#holdTimer);
    this.#isHolding = true;
  }

  #releaseKeys(): void {
    const keys = this.#heldKeys.join('');
    this.#heldKeys = [];
    if (keys) this.#sendKeys(keys);
  }

  #sendKeys(keys: string): void {
    this.#isLineDirty = true;
    this.#shell.send(keys);
  }

  async #next(): Promise<ShellEvent>;
  async #next(timeoutMs: number | null): Promise<ShellEvent | undefined>;
  async #next(timeoutMs: number | null = null): Promise<ShellEvent | undefined> {
    if (this.#events.length === 0) {
      await new Promise<void>((resolve) => {
        const timer = timeoutMs === null ? null : setTimeout(resolve, timeoutMs);
        this.#wake = () => {
          if (timer) clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = null;
    }
    return this.#events.shift();
  }
}

type CommandResult =
  | { outcome: 'finished'; status: number; output: string }
  | { outcome: 'interrupted' | 'shell-ended'; output: string }
  | { outcome: 'syntax'; message: string; output: string };

/** Readline takes what stands between these marks literally. */
function paste(text: string): string {
  return `\x1b[200~${text}\x1b[201~`;
}

/** What bash said: it follows readline's farewell to the line that was entered. */
function messageIn(printed: string): string {
  return printed.split('\x1b[?2004l\r').at(-1)!.trim();
}
