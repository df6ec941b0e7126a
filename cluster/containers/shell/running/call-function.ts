import type { Command } from '../ast.ts';
import { shellMessage } from '../dialect.ts';
import type { Shell } from '../shell.ts';
import { FunctionReturn } from './control-flow.ts';

/** Functions that may be open at a time; bash's FUNCNEST for those that never end. */
const MAX_CALLS = 500;

/** Runs a function with its own positional parameters and local variables. */
export async function callFunction(shell: Shell, body: Command, args: string[]): Promise<number> {
  if (shell.variables.functionDepth >= MAX_CALLS) {
    await shell.process.printError(shellMessage(shell.messages, 'maximum function nesting level exceeded'));
    shell.abort(2);
  }
  const outer = shell.positional;
  const { loopDepth } = shell;
  // BusyBox lets a function leave the loop around its call.
  if (shell.dialect !== 'ash') shell.loopDepth = 0;
  shell.positional = args;
  shell.variables.openFunction();
  try {
    return await shell.run(body);
  } catch (error) {
    if (error instanceof FunctionReturn) return error.status;
    throw error;
  } finally {
    shell.positional = outer;
    shell.loopDepth = loopDepth;
    shell.variables.closeFunction();
  }
}
