import { builtinMessage } from '../dialect.ts';
import type { Shell } from '../shell.ts';

/** Says what is wrong, with the name of the builtin. */
export function complain(shell: Shell, builtin: string, text: string): Promise<void> {
  return shell.process.printError(builtinMessage(shell.messages, builtin, text));
}

/** An error of a special builtin: it ends all shells but bash. */
export async function fail(shell: Shell, builtin: string, text: string): Promise<number> {
  await complain(shell, builtin, text);
  if (shell.dialect === 'bash') return 1;
  return shell.abort(2);
}
