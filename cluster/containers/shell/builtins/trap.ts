import { parseSignal } from '../../process/signals.ts';
import { setTrap } from '../running/traps.ts';
import type { Shell } from '../shell.ts';
import { complain } from './complaints.ts';
import { quoted } from './quoted.ts';

/** `trap` */
export async function trap(shell: Shell, words: readonly string[]): Promise<number> {
  const [action, ...signals] = words.slice(1);
  if (action === undefined) {
    for (const [signal, text] of shell.traps) {
      const name = shell.dialect === 'bash' && signal !== 'EXIT' ? `SIG${signal}` : signal;
      await shell.process.print(`trap -- ${quoted(text)} ${name}\n`);
    }
    return 0;
  }
  for (const word of signals.length === 0 ? [action] : signals) {
    const signal = word === '0' || word.toUpperCase() === 'EXIT' ? 'EXIT' : parseSignal(word);
    if (signal === undefined) {
      if (shell.dialect === 'dash') await shell.process.printError(`trap: ${word}: bad trap\n`);
      else await complain(shell, 'trap', `${word}: invalid signal specification`);
      return 1;
    }
    if (action === '-' || signals.length === 0) {
      shell.traps.delete(signal);
      if (signal !== 'EXIT') shell.process.resetSignal(signal);
    } else {
      shell.traps.set(signal, action);
      if (signal !== 'EXIT') setTrap(shell, signal, action);
    }
  }
  return 0;
}
