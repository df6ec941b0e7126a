import type { FlagSpec, FlagValues } from '../kubectl/flags.ts';
import type { Io } from '../kubectl/io.ts';
import type { Session } from '../kubectl/session.ts';
import type { Release } from './release.ts';

/** What a command is given when it runs. */
export interface Invocation {
  /** The whole command without arguments, as `istioctl proxy-config cluster`. */
  path: string;
  command: Command;
  flags: FlagValues;
  args: string[];
  io: Io;
  /** The way to the cluster, as kubectl has it. */
  session: Session;
  release: Release;
  /** Namespace of the control plane. */
  istioNamespace: string;
}

export interface Command {
  /** Behind the command's name in its usage line; `[flags]` is added. */
  usage: string;
  /** In words of our own; {@link CommandEntry.short} when left out. */
  long?: string;
  /** Command lines without the program. */
  examples?: readonly string[];
  flags?: readonly FlagSpec[];
  subcommands?: readonly CommandEntry[];
  /** Resolves with the exit status. Left out: the command only holds subcommands and prints its help. */
  run?(invocation: Invocation): Promise<number>;
}

/** A command's place in a list. What it needs is loaded when it is used: start-up is most of a run's time. */
export interface CommandEntry {
  name: string;
  aliases?: readonly string[];
  short: string;
  /** Not listed in help. */
  hidden?: boolean;
  /** First and last minor release that has it. Default: all. */
  since?: number;
  until?: number;
  /** Left out when Taller does not simulate the command. */
  load?: () => Promise<Command>;
}

export function isIn({ minor }: Release, { since = 0, until = Infinity }: CommandEntry): boolean {
  return minor >= since && minor <= until;
}
