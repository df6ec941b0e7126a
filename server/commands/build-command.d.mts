import type * as Esbuild from 'esbuild';

export interface CommandBuild {
  /** Folder of the project. */
  root: string;
  /** Source of the program, from `root`. */
  entry: string;
  /** Path of the result without its ending. */
  command: string;
  /** A command that gets a program of its own; `lists` are the sources that load commands late. */
  often?: { name: string; file: string; lists: string[] };
  /** What each program is run with once, to see which functions it needs. */
  line: string[];
  env: Record<string, string>;
}

export function buildCommand(esbuild: typeof Esbuild, options: CommandBuild): Promise<void>;
