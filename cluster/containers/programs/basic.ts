import type { Program } from '../process/process.ts';
import { SIGNALS, parseSignal, type SignalName } from '../process/signals.ts';
import { parseOptions, isGnu, toolName } from './options.ts';
import { echoBytes, formatPrintf } from './printf-format.ts';
import { runCommand } from './run-command.ts';
import { tool } from './tool.ts';

/** Programs of one idea each, too small for a file of their own. */

export const trueProgram: Program = () => 0;
export const falseProgram: Program = () => 1;

/** What echo prints; that of dash knows `-n` alone and expands escapes without being asked. */
export function echoText(args: readonly string[], kind: 'dash' | 'other' = 'other'): Buffer {
  const words = [...args];
  let newline = true;
  let escapes = kind === 'dash';
  if (kind === 'dash') {
    if (words[0] === '-n') newline = words.shift() === undefined;
  } else
    while (/^-[neE]+$/.test(words[0] ?? '')) {
      const flags = words.shift() ?? '';
      if (flags.includes('n')) newline = false;
      if (flags.includes('e')) escapes = true;
      if (flags.includes('E')) escapes = false;
    }
  const text = words.join(' ');
  const { bytes, stop } = escapes ? echoBytes(text) : { bytes: Buffer.from(text), stop: false };
  return newline && !stop ? Buffer.concat([bytes, Buffer.from('\n')]) : bytes;
}

export const echo: Program = async (process) => {
  await process.print(echoText(process.args.slice(1)));
  return 0;
};

export const printf: Program = async (process) => {
  const [format, ...values] = process.args.slice(1);
  if (format === undefined) {
    await process.printError(
      isGnu(process)
        ? `${toolName(process)}: missing operand\nTry '${toolName(process)} --help' for more information.\n`
        : 'printf: usage: printf FORMAT [ARG]...\n',
    );
    return 1;
  }
  const { bytes, problems } = formatPrintf(format, values, isGnu(process) ? 'gnu' : 'ash');
  await process.print(bytes);
  for (const problem of problems) await process.printError(`printf: ${problem}\n`);
  return problems.length > 0 ? 1 : 0;
};

export const env = tool(async (process) => {
  const assignments: [string, string][] = [];
  const args = process.args.slice(1);
  const environment = new Map(process.environment);
  while (args[0]?.startsWith('-') === true && args[0] !== '-') {
    const option = args.shift() ?? '';
    if (option === '-i') environment.clear();
    else if (option === '-u') environment.delete(args.shift() ?? '');
  }
  while (/^[^=]+=/.test(args[0] ?? '')) {
    const [name = '', value = ''] = (args.shift() ?? '').split(/=(.*)/s);
    assignments.push([name, value]);
  }
  for (const [name, value] of assignments) environment.set(name, value);
  if (args.length === 0) {
    await process.print([...environment].map(([name, value]) => `${name}=${value}\n`).join(''));
    return 0;
  }
  return runCommand(process, args, environment);
});

export const printenv: Program = async (process) => {
  const names = process.args.slice(1);
  if (names.length === 0) {
    await process.print([...process.environment].map(([name, value]) => `${name}=${value}\n`).join(''));
    return 0;
  }
  let missing = false;
  for (const name of names) {
    const value = process.environment.get(name);
    if (value === undefined) missing = true;
    else await process.print(`${value}\n`);
  }
  return missing ? 1 : 0;
};

/** Seconds of a duration as sleep(1) reads it: `1.5`, `2m`, `3650d`, `infinity`; undefined when it is none. */
function seconds(text: string): number | undefined {
  if (/^inf(inity)?$/i.test(text)) return Infinity;
  const match = /^(\d+\.?\d*|\.\d+)([smhd]?)$/.exec(text);
  if (match === null) return undefined;
  const unit = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 }[match[2] ?? ''] ?? 1;
  return Number(match[1]) * unit;
}

/** The longest single timer; longer sleeps are several. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const sleep: Program = async (process) => {
  const operands = process.args.slice(1);
  if (operands.length === 0) {
    await process.printError(
      isGnu(process)
        ? "sleep: missing operand\nTry 'sleep --help' for more information.\n"
        : 'BusyBox v1.36.1 () multi-call binary.\n\nUsage: sleep [N]...\n\nPause for a time equal to the total of the args given, where each arg can\nhave an optional suffix of (s)econds, (m)inutes, (h)ours, or (d)ays\n',
    );
    return 1;
  }
  let total = 0;
  for (const operand of operands) {
    const part = seconds(operand);
    if (part === undefined) {
      await process.printError(
        isGnu(process)
          ? `sleep: invalid time interval '${operand}'\nTry 'sleep --help' for more information.\n`
          : `sleep: invalid number '${operand}'\n`,
      );
      return 1;
    }
    total += part;
  }
  for (let left = total * 1000; left > 0; left -= LONGEST_TIMER_MS) {
    await process.sleep(Math.min(left, LONGEST_TIMER_MS));
  }
  return 0;
};

export const hostname = tool(async (process) => {
  const { options } = parseOptions(process, 'ifsd');
  await process.print(`${options.has('i') ? process.container.network.ip : process.container.hostname}\n`);
  return 0;
});

export const pwd: Program = async (process) => {
  await process.print(`${process.workingDirectory}\n`);
  return 0;
};

/** The name of a user of the container; its number when it has none. */
export function userName(process: Parameters<Program>[0], uid: number): string {
  if (uid === 0) return 'root';
  const { user } = process.container.image;
  return user?.uid === uid ? user.name : uid === 65_534 ? 'nobody' : String(uid);
}

export const whoami: Program = async (process) => {
  const name = userName(process, process.uid);
  if (name === String(process.uid)) {
    await process.printError(
      isGnu(process) ? `whoami: cannot find name for user ID ${process.uid}\n` : `whoami: unknown uid ${process.uid}\n`,
    );
    return 1;
  }
  await process.print(`${name}\n`);
  return 0;
};

export const id = tool(async (process) => {
  const { options, operands } = parseOptions(process, 'ugnGr');
  const [wanted] = operands;
  if (wanted !== undefined && wanted !== userName(process, process.uid) && wanted !== 'root') {
    await process.printError(isGnu(process) ? `id: '${wanted}': no such user\n` : `id: unknown user ${wanted}\n`);
    return 1;
  }
  const uid = wanted === 'root' ? 0 : process.uid;
  const name = userName(process, uid);
  const named = name === String(uid) ? String(uid) : `${uid}(${name})`;
  if (options.has('u') || options.has('g')) {
    await process.print(`${options.has('n') ? name : uid}\n`);
    return 0;
  }
  await process.print(`uid=${named} gid=${named}${isGnu(process) || uid === 0 ? ` groups=${named}` : ''}\n`);
  return 0;
});

export const uname = tool(async (process) => {
  const { options } = parseOptions(process, 'asnrvmpio');
  const parts = {
    s: 'Linux',
    n: process.container.hostname,
    r: '6.1.0',
    v: '#1 SMP PREEMPT_DYNAMIC',
    m: 'x86_64',
    o: isGnu(process) ? 'GNU/Linux' : 'Linux',
  };
  const asked = options.size === 0 ? ['s'] : options.has('a') ? Object.keys(parts) : [...options.keys()];
  const shown = Object.entries(parts).filter(([letter]) => asked.includes(letter));
  await process.print(`${shown.map(([, part]) => part).join(' ')}\n`);
  return 0;
});

export const which: Program = async (process) => {
  let missing = false;
  for (const word of process.args.slice(1)) {
    const found = process.container.findExecutable(
      word,
      process.workingDirectory,
      process.environment.get('PATH'),
      process.uid,
    );
    if (found.kind === 'program' || found.kind === 'script') await process.print(`${found.path}\n`);
    else missing = true;
  }
  return missing ? 1 : 0;
};

/** What `kill` says of a word; that of bash is its own. */
export type KillDialect = 'busybox' | 'gnu' | 'bash' | 'dash';

/** `kill [-s SIGNAL | -SIGNAL] PID…` and `kill -l`. @param complain prints a message in front of which the name stands */
export async function killProcesses(
  process: Parameters<Program>[0],
  words: readonly string[],
  dialect: KillDialect,
  complain: (text: string) => Promise<void>,
): Promise<number> {
  const args = [...words];
  let signal: SignalName | null = 'TERM';
  if (args[0] === '-l') {
    const [, number] = args;
    const names = Object.entries(SIGNALS);
    const wanted = names.filter(([, value]) => number === undefined || value === Number(number) % 128);
    await process.print(`${wanted.map(([name]) => name).join('\n')}\n`);
    return 0;
  }
  if (args[0]?.startsWith('-') === true && args[0] !== '--') {
    const first = args.shift() ?? '';
    const text = first === '-s' || first === '-n' ? (args.shift() ?? '') : first.slice(1);
    const parsed = text === '0' ? null : parseSignal(text);
    if (parsed === undefined) {
      await complain(
        {
          busybox: `bad signal name '${text}'`,
          gnu: `invalid signal name: ${text}`,
          bash: `${text}: invalid signal specification`,
          dash: `invalid signal number or name: ${text}`,
        }[dialect],
      );
      return dialect === 'dash' ? 2 : 1;
    }
    signal = parsed;
  }
  let status = 0;
  for (const word of args) {
    if (!/^-?\d+$/.test(word)) {
      await complain(
        {
          busybox: `invalid number '${word}'`,
          gnu: `failed to parse argument: '${word}'`,
          bash: `${word}: arguments must be process or job IDs`,
          dash: `Illegal number: ${word}`,
        }[dialect],
      );
      if (dialect === 'dash') return 2;
      status = 1;
      continue;
    }
    const target = process.container.processes.get(Math.abs(Number(word)));
    if (target === undefined) {
      await complain(
        {
          busybox: `can't kill pid ${word}: No such process`,
          gnu: `(${word}): No such process`,
          bash: `(${word}) - No such process`,
          dash: 'No such process',
        }[dialect],
      );
      status = 1;
      continue;
    }
    // signal(7): inside its own container the init process cannot be killed even with SIGKILL.
    if (signal !== null && (target.pid !== 1 || signal !== 'KILL')) target.signal(signal);
  }
  return status;
}

export const kill: Program = async (process) => {
  const args = process.args.slice(1);
  const gnu = isGnu(process);
  if (args.length === 0) {
    await process.printError(
      gnu
        ? 'Usage:\n kill [options] <pid> [...]\n'
        : 'BusyBox v1.36.1 () multi-call binary.\n\nUsage: kill [-l] [-SIG] PID...\n',
    );
    return 1;
  }
  return killProcesses(process, args, gnu ? 'gnu' : 'busybox', (text) => process.printError(`kill: ${text}\n`));
};

export const ps: Program = async (process) => {
  const rows = [...process.container.processes.values()].map((entry) => ({
    pid: String(entry.pid),
    user: userName(process, entry.uid),
    tty: entry.tty === null ? '?' : 'pts/0',
    command: entry.args.join(' '),
  }));
  if (!isGnu(process)) {
    const lines = rows.map((row) => `${row.pid.padStart(5)} ${row.user.padEnd(8)}  0:00 ${row.command}\n`);
    await process.print(`PID   USER     TIME  COMMAND\n${lines.join('')}`);
    return 0;
  }
  const all = /[aex]/.test(process.args[1] ?? '');
  const shown = all ? rows : rows.filter((row) => row.tty !== '?');
  const lines = shown.map((row) => `${row.pid.padStart(7)} ${row.tty.padEnd(8)} 00:00:00 ${row.command}\n`);
  await process.print(`    PID TTY          TIME CMD\n${lines.join('')}`);
  return 0;
};

export const clear: Program = async (process) => {
  await process.print('\x1b[H\x1b[J');
  return 0;
};

/** Says that an operand is missing; 1. */
async function missingOperand(process: Parameters<Program>[0]): Promise<number> {
  const name = toolName(process);
  await process.printError(
    `${name}: missing operand\n${isGnu(process) ? `Try '${name} --help' for more information.\n` : ''}`,
  );
  return 1;
}

export const basename: Program = async (process) => {
  const [path, suffix = ''] = process.args.slice(1);
  if (path === undefined) return missingOperand(process);
  if (/^\/+$/.test(path)) return process.print('/\n').then(() => 0);
  const base = path.replace(/\/+$/, '').split('/').at(-1) ?? '';
  await process.print(
    `${suffix !== '' && base !== suffix && base.endsWith(suffix) ? base.slice(0, -suffix.length) : base}\n`,
  );
  return 0;
};

export const dirname: Program = async (process) => {
  const [, operand] = process.args;
  if (operand === undefined) return missingOperand(process);
  const path = operand.replace(/(?<=.)\/+$/, '');
  const cut = path.lastIndexOf('/');
  await process.print(`${cut === -1 ? '.' : cut === 0 ? '/' : path.slice(0, cut)}\n`);
  return 0;
};

export const yes: Program = async (process) => {
  const line = `${process.args.slice(1).join(' ') || 'y'}\n`;
  const block = line.repeat(Math.max(1, Math.floor(8192 / line.length)));
  for (;;) await process.print(block);
};

export const seq: Program = async (process) => {
  const words = process.args.slice(1);
  let separator = '\n';
  let padded = false;
  while (/^-[sw]/.test(words[0] ?? '')) {
    const option = words.shift() ?? '';
    if (option.startsWith('-s')) separator = option.slice(2) || (words.shift() ?? '');
    else padded = true;
  }
  if (words.length === 0) return missingOperand(process);
  const numbers = words.map(Number);
  const wrong = words.find((word, index) => word.trim() === '' || !Number.isFinite(numbers[index]));
  if (wrong !== undefined) {
    const more = isGnu(process) ? "Try 'seq --help' for more information.\n" : '';
    await process.printError(
      isGnu(process) ? `seq: invalid floating point argument: '${wrong}'\n${more}` : `seq: invalid number '${wrong}'\n`,
    );
    return 1;
  }
  const [first = 1, step = 1, last = 0] =
    numbers.length === 1 ? [1, 1, numbers[0]] : numbers.length === 2 ? [numbers[0], 1, numbers[1]] : numbers;
  const digits = Math.max(...words.slice(0, -1).map((word) => word.split('.')[1]?.length ?? 0), 0);
  const width = padded ? Math.max(first.toFixed(digits).length, last.toFixed(digits).length) : 0;
  const count = step === 0 ? 0 : Math.floor((last - first) / step + 1e-9);
  for (let index = 0; index <= count; index += 1) {
    const text = (first + index * step).toFixed(digits).padStart(width, '0');
    await process.printLater(index === 0 ? text : separator + text);
  }
  if (count >= 0) await process.printLater('\n');
  return 0;
};
