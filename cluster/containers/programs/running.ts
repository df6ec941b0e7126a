import { Descriptor, nullFile } from '../process/open-file.ts';
import type { Process, Program } from '../process/process.ts';
import { parseSignal, type SignalName } from '../process/signals.ts';
import { isGnu, parseOptions } from './options.ts';
import { resolveProgram } from './resolve.ts';
import { runCommand } from './run-command.ts';
import { tool } from './tool.ts';

/** Programs that run others, or walk the tree to do so. */

export const xargs = tool(async (process) => {
  // Its own options end at the first word that is none.
  const args = process.args.slice(1);
  let perCall = Infinity;
  let placeholder: string | null = null;
  let separator: string | null = null;
  let traces = false;
  let needsInput = false;
  while (args[0]?.startsWith('-') === true) {
    const option = args.shift() ?? '';
    if (option.startsWith('-n')) perCall = Number(option.slice(2) || args.shift());
    else if (option.startsWith('-I')) placeholder = option.slice(2) || (args.shift() ?? '{}');
    else if (option === '-0') separator = '\0';
    else if (option === '-t') traces = true;
    else if (option === '-r' || option === '--no-run-if-empty') needsInput = true;
    else if (/^-[LPs]/.test(option) && option.length === 2) args.shift();
    else if (option.startsWith('-d')) separator = option.slice(2) || (args.shift() ?? '\n');
  }
  const command = args.length === 0 ? ['echo'] : args;
  const input = (await process.readAll()).toString('utf8');
  const words =
    placeholder !== null
      ? input
          .split('\n')
          .map((line) => line.trim())
          .filter(Boolean)
      : separator !== null
        ? input.split(separator).filter(Boolean)
        : [...input.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
            ([, double, single, plain]) => double ?? single ?? plain ?? '',
          );
  let status = 0;
  const inner = async (line: readonly string[]): Promise<void> => {
    if (traces) await process.printError(`${line.join(' ')}\n`);
    const result = await runCommand(process, line);
    if (result !== 0) status = result >= 126 ? result : 123;
  };
  if (placeholder !== null) {
    for (const word of words) await inner(command.map((part) => part.replaceAll(placeholder, word)));
    return status;
  }
  if (words.length === 0 && needsInput) return 0;
  for (let index = 0; index < words.length || index === 0; index += perCall) {
    await inner([...command, ...words.slice(index, perCall === Infinity ? undefined : index + perCall)]);
    if (perCall === Infinity) break;
  }
  return status;
});

export const timeout: Program = async (process) => {
  const args = process.args.slice(1);
  let signal: SignalName = 'TERM';
  while (args[0]?.startsWith('-') === true) {
    const option = args.shift() ?? '';
    if (option === '-s' || option === '-k') {
      const value = args.shift() ?? '';
      if (option === '-s') signal = parseSignal(value) ?? 'TERM';
    }
  }
  const match = /^(\d+\.?\d*|\.\d+)([smhd]?)$/.exec(args.shift() ?? '');
  if (match === null || args.length === 0) {
    await process.printError(
      isGnu(process)
        ? "timeout: missing operand\nTry 'timeout --help' for more information.\n"
        : 'timeout: invalid number\n',
    );
    return 125;
  }
  const unit = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 }[match[2] ?? ''] ?? 1;
  const resolved = resolveProgram(process.container, args, {
    workingDirectory: process.workingDirectory,
    searchPath: process.environment.get('PATH'),
    uid: process.uid,
  });
  if ('failure' in resolved) return runCommand(process, args);
  const child = process.container.spawn(resolved.program, {
    args: resolved.args,
    environment: process.environment,
    workingDirectory: process.workingDirectory,
    uid: process.uid,
    descriptors: new Map([...process.descriptors].map(([number, descriptor]) => [number, descriptor.duplicate()])),
    parent: process,
    tty: process.tty,
  });
  let expired = false;
  const cancel = process.container.clock.schedule(Number(match[1]) * unit * 1000, () => {
    expired = true;
    child.signal(signal);
  });
  try {
    const status = await process.race(child.exited);
    // BusyBox gives the status of the signal, GNU its own.
    return expired && isGnu(process) ? 124 : status;
  } finally {
    cancel();
    child.killTree();
  }
};

/** BusyBox' `time`; programs here take no time of a processor that anybody would count. */
export const time: Program = async (process) => {
  const args = process.args.slice(1).filter((word, index) => index > 0 || word !== '-p');
  const { clock } = process.container;
  const start = clock.now();
  const status = await runCommand(process, args);
  const seconds = (clock.now() - start) / 1000;
  await process.printError(
    `real\t${Math.floor(seconds / 60)}m ${(seconds % 60).toFixed(2)}s\nuser\t0m 0.00s\nsys\t0m 0.00s\n`,
  );
  return status;
};

/** Runs on when its terminal is gone; here only its arguments matter. */
export const nohup: Program = (process) => {
  process.descriptors.get(0)?.close();
  process.descriptors.set(0, new Descriptor(nullFile));
  return runCommand(process, process.args.slice(1));
};

/** `stty` and its like have nothing to change here. */
export const stty = tool((process: Process) => {
  parseOptions(process, 'aF:');
  if (process.args[1] === 'size' && process.tty !== null) {
    return process.print(`${process.tty.size.rows} ${process.tty.size.columns}\n`).then(() => 0);
  }
  return 0;
});
