import type { Shell } from '../shell.ts';
import type { Builtin } from './builtin.ts';
import { complain, fail } from './complaints.ts';
import { quoted } from './quoted.ts';

/** `set`: options, positional parameters, or all variables when it is given neither. */
export async function setOptions(shell: Shell, words: readonly string[]): Promise<number> {
  const args = words.slice(1);
  if (args.length === 0) {
    const lines = shell.variables.entries().map(([name, value]) => `${name}=${quoted(value)}\n`);
    await shell.process.print(lines.join(''));
    return 0;
  }
  const long: Readonly<Record<string, string>> = {
    errexit: 'e',
    nounset: 'u',
    xtrace: 'x',
    noglob: 'f',
    noclobber: 'C',
    allexport: 'a',
    noexec: 'n',
    verbose: 'v',
    monitor: 'm',
    notify: 'b',
    ...(shell.dialect === 'dash' ? {} : { pipefail: 'o pipefail' }),
    ...(shell.dialect === 'bash'
      ? { posix: 'o posix', emacs: 'o emacs', vi: 'o vi', errtrace: 'E' }
      : { ignoreeof: 'I' }),
  };
  while (args.length > 0) {
    const [word = ''] = args;
    if (!/^[-+]./.test(word)) break;
    args.shift();
    if (word === '--') {
      shell.positional = args;
      return 0;
    }
    for (const letter of word.slice(1)) {
      let option = letter;
      if (letter === 'o') {
        const name = args.shift();
        // Without a name it lists them all, of which nobody makes use here.
        if (name === undefined) return 0;
        const known = long[name];
        if (known === undefined) {
          if (shell.dialect !== 'bash')
            return shell.dialect === 'ash'
              ? (await complain(shell, 'set', `illegal option -o ${name}`), 1)
              : fail(shell, 'set', `Illegal option -o ${name}`);
          await complain(shell, 'set', `${name}: invalid option name`);
          return 2;
        }
        option = known;
      } else if (!'abCefhmnuvxEBHPTt'.includes(letter)) {
        if (shell.dialect !== 'bash')
          return fail(shell, 'set', `${shell.dialect === 'ash' ? 'i' : 'I'}llegal option -${letter}`);
        await complain(shell, 'set', `-${letter}: invalid option`);
        await shell.process.printError('set: usage: set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]\n');
        return 2;
      }
      if (word.startsWith('-')) shell.options.add(option);
      else shell.options.delete(option);
    }
  }
  if (args.length > 0) shell.positional = args;
  return 0;
}

/** `shift` */
export const shift: Builtin = (shell, words) => {
  const number = words[1] === undefined ? 1 : Number(words[1]);
  if (number > shell.positional.length) {
    return shell.dialect === 'dash' ? fail(shell, 'shift', "can't shift that many") : 1;
  }
  shell.positional = shell.positional.slice(number);
  return 0;
};
