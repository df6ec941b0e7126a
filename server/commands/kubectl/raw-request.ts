import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Invocation } from './command.ts';
import { CommandError } from './errors.ts';
import { readAll } from './io.ts';

/**
 * Sends a file as it is and prints the answer: `--raw`. kubectl/pkg/rawhttp/raw.go.
 * @throws CommandError when not exactly one file is named.
 */
export async function sendRaw(
  { flags, io, session }: Invocation,
  method: 'POST' | 'PUT',
  path: string,
): Promise<number> {
  const [file, ...more] = flags.list('filename');
  if (file === undefined || more.length > 0) {
    throw new CommandError('--raw can only use a single local file or stdin');
  }
  const body = file === '-' ? await readAll(io.stdin) : readFileSync(resolve(io.cwd, file), 'utf8');
  io.stdout.write(await (await session.client()).text(method, path, { body }));
  return 0;
}
