import { evaluate } from '../running/evaluation.ts';
import type { Shell } from '../shell.ts';
import type { Builtin } from './builtin.ts';
import { complain, fail } from './complaints.ts';
import { quoted } from './quoted.ts';

/** `export` */
export const exportVariables = assignEach((shell, name) => shell.variables.export(name), 'export');

/** `readonly` */
export const protectVariables = assignEach((shell, name) => shell.variables.makeReadOnly(name), 'readonly');

/** `local` */
export const makeLocal = assignEach((shell, name) => {
  if (shell.variables.makeLocal(name)) shell.variables.unset(name);
}, 'local');

/** bash's `declare` and `typeset` for variables of one value; `-x -r -i` count, arrays are left out. */
export async function declare(shell: Shell, words: readonly string[]): Promise<number> {
  const flags = words
    .slice(1)
    .filter((word) => /^-\w/.test(word))
    .join('');
  if (/[aAfFpn]/.test(flags)) {
    await complain(shell, words[0] ?? '', `${flags}: not simulated here`);
    return 1;
  }
  for (const word of words.slice(1).filter((each) => !each.startsWith('-'))) {
    const [, name = '', value] = /^([A-Za-z_]\w*)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === '') {
      await complain(shell, words[0] ?? '', `\`${word}': not a valid identifier`);
      return 1;
    }
    shell.variables.makeLocal(name);
    if (value !== undefined)
      shell.variables.set(name, flags.includes('i') ? String(await evaluate(shell, value)) : value);
    if (flags.includes('x')) shell.variables.export(name);
    if (flags.includes('r')) shell.variables.makeReadOnly(name);
  }
  return 0;
}

/** `let` */
export const evaluateEach: Builtin = async (shell, words) => {
  let value = 0n;
  for (const word of words.slice(1)) value = await evaluate(shell, word);
  return value === 0n ? 1 : 0;
};

/** `unset` */
export const unset: Builtin = async (shell, words) => {
  let status = 0;
  for (const word of words.slice(1)) {
    if (word === '-f' || word === '-v') continue;
    if (words[1] === '-f') shell.functions.delete(word);
    else if (!/^[A-Za-z_]\w*$/.test(word)) {
      // bash goes by in silence.
      if (shell.dialect !== 'bash') status = await fail(shell, 'unset', `${word}: bad variable name`);
    } else if (shell.variables.isReadOnly(word)) {
      status = await fail(
        shell,
        'unset',
        `${word}: ${shell.dialect === 'bash' ? 'cannot unset: readonly variable' : 'is read only'}`,
      );
    } else shell.variables.unset(word);
  }
  return status;
};

/** `export`, `readonly` and `local`: `NAME=VALUE` or `NAME`, then `mark`. */
function assignEach(mark: (shell: Shell, name: string) => void, builtin: string): Builtin {
  return async (shell, words) => {
    const args = words.slice(1).filter((word) => word !== '-p');
    if (args.length === 0 && builtin === 'export') {
      const lines = [...shell.variables.environment()].map(([name, value]) => `export ${name}=${quoted(value)}\n`);
      await shell.process.print(lines.join(''));
      return 0;
    }
    for (const word of args) {
      const [, name = '', value] = /^([A-Za-z_]\w*)(?:=(.*))?$/s.exec(word) ?? [];
      if (name === '') {
        const bad =
          shell.dialect === 'bash'
            ? `\`${word}': not a valid identifier`
            : `${word.replace(/=.*$/s, '')}: bad variable name`;
        const status = await fail(shell, builtin, bad);
        return status;
      }
      if (builtin === 'local' && shell.variables.functionDepth === 0) {
        return fail(shell, 'local', shell.dialect === 'bash' ? 'can only be used in a function' : 'not in a function');
      }
      if (builtin === 'readonly') {
        if (value !== undefined) shell.variables.set(name, value);
        mark(shell, name);
        continue;
      }
      mark(shell, name);
      if (value !== undefined) shell.variables.set(name, value);
    }
    return 0;
  };
}
