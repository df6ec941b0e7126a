import type { Shell } from '../shell.ts';
import { FunctionReturn, Interrupted, LineEnd, LoopJump, ShellExit, TrapPending } from './control-flow.ts';
import { runPendingTraps } from './traps.ts';

/** Runs a shell's body and its EXIT trap; the exit status. */
export async function runToExit(shell: Shell, body: (shell: Shell) => Promise<number>): Promise<number> {
  const status = await endOf(shell, () => body(shell));
  const action = shell.traps.get('EXIT');
  if (action === undefined) return status;
  shell.traps.delete('EXIT');
  shell.lastStatus = status;
  let result = status;
  await endOf(shell, async () => {
    try {
      return await shell.runSource(shell, action);
    } catch (error) {
      if (error instanceof ShellExit) result = error.status;
      throw error;
    }
  });
  return result;
}

async function endOf(shell: Shell, body: () => Promise<number>): Promise<number> {
  try {
    return await body();
  } catch (error) {
    if (error instanceof ShellExit || error instanceof LineEnd || error instanceof FunctionReturn) return error.status;
    if (error instanceof LoopJump) return 0;
    if (error instanceof Interrupted) return 130;
    if (error instanceof TrapPending) {
      await runPendingTraps(shell);
      return shell.lastStatus;
    }
    throw error;
  }
}
