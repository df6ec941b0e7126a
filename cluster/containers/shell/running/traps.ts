import type { SignalName } from '../../process/signals.ts';
import type { Shell } from '../shell.ts';
import { TrapPending } from './control-flow.ts';

/** `trap ACTION SIGNAL`; nothing as an action ignores it. */
export function setTrap(shell: Shell, signal: SignalName, action: string): void {
  shell.process.onSignal(signal, () => {
    if (action === '') return;
    shell.pendingTraps.push(action);
    shell.process.interruptWaits(new TrapPending());
  });
}

/** Runs the actions of signals that came since the last command. */
export async function runPendingTraps(shell: Shell): Promise<void> {
  for (let action = shell.pendingTraps.shift(); action !== undefined; action = shell.pendingTraps.shift()) {
    const status = shell.lastStatus;
    await shell.runSource(shell, action);
    shell.lastStatus = status;
  }
}

/** A wait that goes on after a signal with a trap: the trap runs when the command has ended. */
export async function patiently<T>(wait: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await wait();
    } catch (error) {
      if (!(error instanceof TrapPending)) throw error;
    }
  }
}
