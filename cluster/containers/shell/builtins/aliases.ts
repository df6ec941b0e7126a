import type { Shell } from '../shell.ts';
import type { Builtin } from './builtin.ts';
import { complain } from './complaints.ts';
import { quoted } from './quoted.ts';

/** `alias` */
export const alias: Builtin = async (shell, words) => {
  const show = (name: string, value: string): Promise<void> =>
    shell.process.print(`${shell.dialect === 'bash' ? 'alias ' : ''}${name}=${quoted(value)}\n`);
  let status = 0;
  if (words.length === 1) for (const [name, value] of shell.aliases) await show(name, value);
  for (const word of words.slice(1)) {
    const cut = word.indexOf('=');
    const value = shell.aliases.get(word);
    if (cut > 0) shell.aliases.set(word.slice(0, cut), word.slice(cut + 1));
    else if (value !== undefined) await show(word, value);
    else {
      status = 1;
      await unknownAlias(shell, 'alias', word);
    }
  }
  return status;
};

/** `unalias` */
export const unalias: Builtin = async (shell, words) => {
  let status = 0;
  for (const word of words.slice(1)) {
    if (word === '-a') shell.aliases.clear();
    else if (!shell.aliases.delete(word)) {
      status = 1;
      await unknownAlias(shell, 'unalias', word);
    }
  }
  return status;
};

async function unknownAlias(shell: Shell, builtin: string, name: string): Promise<void> {
  if (shell.dialect === 'bash') await complain(shell, builtin, `${name}: not found`);
  else await shell.process.printError(`${builtin}: ${name} not found\n`);
}
