import { CommandOutput } from './command-output.ts';
import type { Mark } from './mark-splitter.ts';

/** How often the output of a running command is reported. */
const PROGRESS_MS = 50;

/**
 * `between`: a command has ended and the prompt is not complete yet. `continuation`: readline waits for a further
 * line of a command.
 */
export type ShellPhase = 'starting' | 'between' | 'prompt' | 'continuation' | 'running' | 'ended';

export type ShellEvent =
  | { type: 'started'; id: number; text: string }
  | { type: 'output'; id: number; text: string; output: string }
  | { type: 'finished'; id: number; text: string; output: string; status: number }
  /** A line was entered that ran nothing: empty (0), not readable (2), or left with Ctrl-C (130). */
  | { type: 'nothing-ran'; status: number; printed: string }
  | { type: 'continuation' }
  | { type: 'prompt' }
  /** The half-typed line that was asked for with `TAKE_LINE`; it is empty now. */
  | { type: 'line'; text: string }
  | { type: 'ended' };

/** Makes commands out of marks and the output between them. */
export class CommandTracker {
  readonly #listener: (event: ShellEvent) => void;
  #phase: ShellPhase = 'starting';
  #command: RunningCommand | null = null;
  #commandCount = 0;
  /** Process ids of the shells inside one another, the outermost first. */
  #shells: number[] = [];
  #lastEntry = { text: '', pid: 0 };
  /** What was printed since the last prompt while no command ran. */
  #aside = new CommandOutput();
  #progressTimer: NodeJS.Timeout | null = null;

  constructor(listener: (event: ShellEvent) => void) {
    this.#listener = listener;
  }

  get phase(): ShellPhase {
    return this.#phase;
  }

  output(bytes: Uint8Array): void {
    if (!this.#command) return this.#aside.append(bytes);
    this.#command.output.append(bytes);
    this.#progressTimer ??= setTimeout(() => this.#report(), PROGRESS_MS);
  }

  mark(mark: Mark): void {
    if (this.#phase === 'ended') return;
    switch (mark.type) {
      case 'done':
        return this.#done(mark.status, mark.pid);
      case 'prompt-start':
        // After `PROMPT_COMMAND=` there is no other sign that a command has ended. At a prompt it is a redraw.
        if (this.#phase !== 'prompt' && this.#phase !== 'between') this.#done(mark.status, mark.pid);
        return;
      case 'prompt-end':
        if (this.#phase !== 'between') return;
        this.#enter('prompt');
        this.#listener({ type: 'prompt' });
        return;
      case 'continuation':
        // In a paste of several commands, one may have run since the prompt.
        this.#finish(mark.status);
        this.#enter('continuation');
        this.#listener({ type: 'continuation' });
        return;
      case 'command':
        this.#finish(mark.status);
        this.#start(mark.text, mark.pid);
        return;
      case 'line':
        this.#listener({ type: 'line', text: mark.text });
        return;
    }
  }

  /** The outermost shell is gone. */
  end(exitCode: number): void {
    if (this.#phase === 'ended') return;
    this.#finish(exitCode);
    this.#enter('ended');
    this.#listener({ type: 'ended' });
  }

  dispose(): void {
    if (this.#progressTimer) clearTimeout(this.#progressTimer);
    this.#progressTimer = null;
  }

  #enter(phase: ShellPhase): void {
    this.#phase = phase;
    this.#aside = new CommandOutput();
  }

  #start(entry: string, pid: number): void {
    const command = { id: ++this.#commandCount, text: this.#read(entry, pid), output: new CommandOutput() };
    this.#command = command;
    this.#enter('running');
    this.#listener({ type: 'started', id: command.id, text: command.text });
  }

  /** The command in a line of `history`: number, `*` when it was changed, blank, text. */
  #read(entry: string, pid: number): string {
    // After `set +o history` it is the command before, again.
    const isNew = entry !== this.#lastEntry.text || pid !== this.#lastEntry.pid;
    this.#lastEntry = { text: entry, pid };
    return isNew ? entry.replace(/^ *\d+[ *] /, '') : '';
  }

  #done(status: number, pid: number): void {
    const level = this.#shells.indexOf(pid);
    const isNewShell = level === -1;
    if (isNewShell) this.#shells.push(pid);
    else this.#shells.length = level + 1;
    if (this.#command) {
      // A shell inside this one shows its first prompt: the command that started it has done its work.
      this.#finish(isNewShell ? 0 : status);
    } else if (this.#phase === 'prompt' || this.#phase === 'continuation') {
      this.#listener({ type: 'nothing-ran', status, printed: this.#aside.text() });
    }
    this.#enter('between');
  }

  #finish(status: number): void {
    const command = this.#command;
    if (!command) return;
    this.dispose();
    this.#command = null;
    const { id, text } = command;
    this.#listener({ type: 'finished', id, text, output: command.output.text(), status });
  }

  #report(): void {
    this.#progressTimer = null;
    if (!this.#command) return;
    const { id, text, output } = this.#command;
    this.#listener({ type: 'output', id, text, output: output.text() });
  }
}

interface RunningCommand {
  id: number;
  text: string;
  output: CommandOutput;
}
