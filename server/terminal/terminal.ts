/** {@link Terminal.run} needs a shell that waits at its prompt; ask whether to interrupt what runs. */
export class BusyError extends Error {
  override name = 'BusyError';
}

/**
 * A shell in a pty, what it printed, and the commands that it ran. Knows nothing of lessons and of sockets.
 */
export interface Terminal {
  readonly state: TerminalActivity;
  readonly exitCode: number | null;
  /** Bytes of output since the start, marks of the shell integration removed. */
  readonly offset: number;
  /** Keys from the learner. Held back while a block is being fed. */
  write(data: string): void;
  resize(columns: number, rows: number): void;
  /**
   * Types the lines of `command` at the prompt one by one and resolves when the last has ended and the prompt is
   * back. What the learner had half typed is put back afterwards. Only one at a time.
   * @throws BusyError when the shell is not at its prompt; RangeError for a command with control characters.
   */
  run(command: string, listener?: (progress: RunProgress) => void): Promise<RunResult>;
  /**
   * Sends Ctrl-C and resolves with true when the shell shows its prompt within `timeoutMs`. Nothing is sent to a
   * shell that is at its prompt already. A block that is being fed stops there.
   */
  interrupt(timeoutMs: number): Promise<boolean>;
  /** Output from `offset` on as far as it is kept; null when it is not kept any more. */
  since(offset: number): Uint8Array | null;
  /** The screen with its scrollback as escape sequences, from a terminal emulator built for this call. */
  snapshot(): Promise<{ offset: number; columns: number; rows: number; data: string }>;
  /** Stops and continues reading from the pty, for a client that cannot follow. */
  pause(): void;
  resume(): void;
  onOutput(listener: (data: Uint8Array, offset: number) => void): () => void;
  onState(listener: () => void): () => void;
  /** Commands at the prompt, whoever typed them. */
  onCommand(listener: (event: CommandEvent) => void): () => void;
  /** Kills the shell and everything below it. Safe to call twice. */
  dispose(): void;
}

export type TerminalActivity = 'starting' | 'prompt' | 'running' | 'ended';

/** `id` counts the commands of one terminal from 1. */
export type CommandEvent =
  /**
   * `text` as the shell's history has it: continuation lines and here-documents included, without the backslash and
   * newline of continued lines, without blank lines outside of quotes and here-documents, at most 64 KiB. Empty when
   * the learner switched the history off.
   */
  | { type: 'started'; id: number; text: string; fed: boolean }
  /** Sent as output comes, at most every 50 ms. `output` is all of it so far. */
  | { type: 'output'; id: number; text: string; fed: boolean; output: string }
  | { type: 'finished'; id: number; text: string; fed: boolean; output: string; status: number };

export interface RunProgress {
  /** What the commands have printed so far, decoded, escape sequences included. */
  output: string;
}

export type RunResult =
  /** One entry per command that bash read. `status` is that of the last. */
  | { outcome: 'finished'; status: number; output: string }
  /** Ctrl-C ended it, whoever sent it. */
  | { outcome: 'interrupted'; output: string }
  | { outcome: 'syntax'; message: string }
  | { outcome: 'shell-ended'; output: string };
