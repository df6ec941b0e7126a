import type { Process, Program } from '../process/process.ts';
import { parseSignal, type SignalName } from '../process/signals.ts';
import { toolName } from './options.ts';

/** Programs that find processes by name: `pidof`, `pgrep`, `pkill`, `killall`. */

const nameOf = (process: Process): string => (process.args[0] ?? '').split('/').at(-1) ?? '';

function others(process: Process): Process[] {
  return [...process.container.processes.values()].filter((one) => one !== process && one.isAlive);
}

export const pidof: Program = async (process) => {
  const names = process.args.slice(1).filter((word) => !word.startsWith('-'));
  const found = others(process).filter((one) => names.includes(nameOf(one)));
  if (found.length === 0) return 1;
  await process.print(
    `${found
      .map((one) => one.pid)
      .toReversed()
      .join(' ')}\n`,
  );
  return 0;
};

export const pgrep: Program = async (process) => {
  const args = process.args.slice(1);
  const flags = args.filter((word) => word.startsWith('-')).join('');
  const pattern = args.find((word) => !word.startsWith('-')) ?? '';
  const found = matching(process, pattern, flags.includes('f'), flags.includes('x'));
  for (const one of found) {
    const command = flags.includes('a') ? ` ${one.args.join(' ')}` : flags.includes('l') ? ` ${nameOf(one)}` : '';
    await process.print(`${one.pid}${command}\n`);
  }
  return found.length === 0 ? 1 : 0;
};

/** By a part of the name, of the whole command line with `-f`, or by the whole name with `-x`. */
function matching(process: Process, pattern: string, whole: boolean, exact: boolean): Process[] {
  return others(process).filter((one) => {
    const text = whole ? one.args.join(' ') : nameOf(one);
    return exact ? text === pattern : text.includes(pattern);
  });
}

/** `pkill PATTERN` and `killall NAME`, with `-SIGNAL`. */
export const killByName: Program = async (process) => {
  const name = toolName(process);
  let signal: SignalName | null = 'TERM';
  let [whole, exact] = [false, name === 'killall'];
  const words: string[] = [];
  for (const word of process.args.slice(1)) {
    if (word === '-f') whole = true;
    else if (word === '-x') exact = true;
    else if (word === '-0') signal = null;
    else if (word.startsWith('-')) {
      const parsed = parseSignal(word.slice(1));
      if (parsed === undefined) {
        await process.printError(`${name}: bad signal name '${word.slice(1)}'\n`);
        return 1;
      }
      signal = parsed;
    } else words.push(word);
  }
  let status = words.length === 0 ? 1 : 0;
  for (const word of words) {
    const found = matching(process, word, whole, exact);
    if (found.length === 0) {
      if (name === 'killall') await process.printError(`killall: ${word}: no process killed\n`);
      status = 1;
    }
    // signal(7): inside its own container the init process cannot be killed even with SIGKILL.
    for (const one of found) if (signal !== null && (one.pid !== 1 || signal !== 'KILL')) one.signal(signal);
  }
  return status;
};
