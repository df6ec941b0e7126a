import { echoText } from '../../programs/basic.ts';
import { formatPrintf } from '../../programs/printf-format.ts';
import { shellMessage } from '../dialect.ts';
import type { Builtin } from './builtin.ts';

/** `echo` */
export const echo: Builtin = async (shell, words) => {
  // dash expands escapes without being asked.
  await shell.process.print(echoText(words.slice(1), shell.dialect === 'dash' ? 'dash' : 'other'));
  return 0;
};

/** `printf` */
export const printf: Builtin = async (shell, words) => {
  const { dialect } = shell;
  const variable = dialect === 'bash' && words[1] === '-v' ? words[2] : undefined;
  const [format, ...values] = words.slice(variable === undefined ? 1 : 3);
  if (format === undefined) {
    await shell.process.printError(
      dialect === 'bash'
        ? 'printf: usage: printf [-v var] format [arguments]\n'
        : shellMessage(
            shell.messages,
            dialect === 'ash' ? 'usage: printf FORMAT [ARGUMENT...]' : 'printf: usage: printf format [arg ...]',
          ),
    );
    return 2;
  }
  const { bytes, problems } = formatPrintf(format, values, dialect);
  if (variable === undefined) await shell.process.print(bytes);
  else shell.variables.set(variable, bytes.toString('utf8'));
  const prefix = dialect === 'ash' ? '' : 'printf: ';
  for (const problem of problems) await shell.process.printError(shellMessage(shell.messages, prefix + problem));
  return problems.length > 0 ? 1 : 0;
};
