import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { basename, delimiter, join } from 'node:path';
import type { Command, Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';

export const command: Command = {
  usage: '[flags]',
  long: 'Plugins are programs on PATH whose names begin with kubectl-. `kubectl NAME` starts kubectl-NAME.',
  subcommands: [
    {
      name: 'list',
      short: 'List the plugins on PATH',
      load: () =>
        Promise.resolve({
          usage: '',
          flags: [{ name: 'name-only', type: 'bool', usage: 'Print names instead of whole paths.' }],
          run,
        }),
    },
  ],
};

/** kubectl/pkg/cmd/plugin/plugin.go, PluginListOptions.Run. */
async function run({ flags, io }: Invocation): Promise<number> {
  const folders = [...new Set((io.env.PATH ?? '').split(delimiter).filter((folder) => folder.trim() !== ''))];
  const found = folders.flatMap((folder) => pluginsIn(folder));
  if (found.length === 0) throw new CommandError('unable to find any kubectl plugins in your PATH');
  io.stdout.write('The following compatible plugins are available:\n\n');
  const seen = new Map<string, string>();
  let problems = 0;
  for (const file of found) {
    const name = basename(file);
    io.stdout.write(`${flags.bool('name-only') ? name : file}\n`);
    const before = seen.get(name);
    const problem = !isExecutable(file)
      ? `${file} identified as a kubectl plugin, but it is not executable`
      : before === undefined
        ? undefined
        : `${file} is overshadowed by a similarly named plugin: ${before}`;
    seen.set(name, before ?? file);
    if (problem === undefined) continue;
    problems += 1;
    io.stderr.write(`  - warning: ${problem}\n`);
  }
  if (problems === 0) return 0;
  throw new CommandError(problems === 1 ? 'one plugin warning was found' : `${problems} plugin warnings were found`);
}

function pluginsIn(folder: string): string[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(folder)
    .filter((name) => name.startsWith('kubectl-'))
    .sort()
    .map((name) => join(folder, name))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isDirectory() === false);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
