import { FunctionReturn, LoopJump, ShellExit } from '../running/control-flow.ts';
import type { Shell } from '../shell.ts';
import type { Builtin } from './builtin.ts';
import { complain } from './complaints.ts';

/** `break` */
export const breakLoop: Builtin = (shell, words) => jump(shell, 'break', words);

/** `continue` */
export const continueLoop: Builtin = (shell, words) => jump(shell, 'continue', words);

/** `return` */
export const returnFrom: Builtin = async (shell, words) => {
  if (shell.dialect === 'bash' && shell.variables.functionDepth === 0 && shell.sources === 0) {
    await complain(shell, 'return', "can only `return' from a function or sourced script");
    return 2;
  }
  throw new FunctionReturn(await statusOf(shell, words));
};

/** `exit` */
export const exit: Builtin = async (shell, words) => {
  if (shell.interactive && shell.dialect === 'bash') await shell.process.printError('exit\n');
  throw new ShellExit(await statusOf(shell, words));
};

/** `break` and `continue`; without a loop they do nothing, and bash says so. */
async function jump(shell: Shell, kind: 'break' | 'continue', words: readonly string[]): Promise<number> {
  if (shell.loopDepth > 0) throw new LoopJump(kind, count(words));
  if (shell.dialect === 'bash') await complain(shell, kind, "only meaningful in a `for', `while', or `until' loop");
  return 0;
}

function count(words: readonly string[]): number {
  const value = Number(words[1] ?? '1');
  return Number.isInteger(value) && value > 0 ? value : 1;
}

/** The status that `exit` and `return` are given. */
async function statusOf(shell: Shell, [name = '', word]: readonly string[]): Promise<number> {
  if (word === undefined) return shell.lastStatus;
  if (/^-?\d+$/.test(word)) return Number(word) & 0xff;
  await complain(
    shell,
    name,
    shell.dialect === 'bash' ? `${word}: numeric argument required` : `Illegal number: ${word}`,
  );
  return shell.abort(2);
}
