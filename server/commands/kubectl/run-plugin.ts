import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Io } from './io.ts';

/**
 * Runs the plugin that a command line names: `kubectl a b c` is `kubectl-a-b c` before it is `kubectl-a b c`, with `_`
 * for each `-` within a word. kubectl/pkg/cmd/cmd.go, HandlePluginCommand.
 * @returns its exit status; undefined when there is none.
 */
export function runPlugin(words: readonly string[], io: Io): number | undefined {
  const firstFlag = words.findIndex((word) => word.startsWith('-'));
  const names = (firstFlag < 0 ? words : words.slice(0, firstFlag)).map((word) => word.replaceAll('-', '_'));
  for (let length = names.length; length > 0; length--) {
    const file = findOnPath(`kubectl-${names.slice(0, length).join('-')}`, io);
    if (file === undefined) continue;
    const { status, signal } = spawnSync(file, words.slice(length), { stdio: 'inherit', cwd: io.cwd, env: io.env });
    return signal === null ? (status ?? 1) : 1;
  }
  return undefined;
}

function findOnPath(name: string, { env }: Io): string | undefined {
  if (name.includes('/')) return undefined;
  return (env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
