import type { Shell } from '../shell.ts';

/** A command of the shell itself; `words[0]` is its name. */
export type Builtin = (shell: Shell, words: readonly string[]) => Promise<number> | number;
