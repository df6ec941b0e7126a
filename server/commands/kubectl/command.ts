import type { FlagSpec, FlagValues } from './flags.ts';
import type { Io } from './io.ts';
import type { Session } from './session.ts';

/** What a command is given when it runs. */
export interface Invocation {
  /** `kubectl` or `oc`. */
  program: string;
  /** The whole command without arguments, as `kubectl rollout status`. */
  path: string;
  flags: FlagValues;
  args: string[];
  /** How many of `args` stood before `--`; -1 when there was none. */
  dash: number;
  io: Io;
  session: Session;
}

export interface Command {
  /** Behind the command's name in its usage line. `[options]` is added. */
  usage: string;
  /** Our own words; the one line of {@link CommandEntry.short} when left out. */
  long?: string;
  /** Pairs of a comment and a command line, the latter without the program. */
  examples?: readonly (readonly [comment: string, line: string])[];
  flags?: readonly FlagSpec[];
  subcommands?: readonly CommandEntry[];
  /** Where help goes that nobody asked for, when a subcommand is missing. Default stdout. */
  helpOn?: 'stderr';
  /** Resolves with the exit status. Left out: the command only holds subcommands. */
  run?(invocation: Invocation): Promise<number>;
}

/** A command's place in a list. What it needs is loaded when it is used: start-up is most of a run's time. */
export interface CommandEntry {
  name: string;
  aliases?: readonly string[];
  short: string;
  /** Left out when Taller does not simulate the command. */
  load?: () => Promise<Command>;
}
