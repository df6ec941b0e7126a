import { FileError } from '../files/file-system.ts';
import type { Process, Program } from '../process/process.ts';
import { isGnu } from './options.ts';
import { openInput, pathOf } from './tool.ts';

interface Settings {
  input: string;
  output: string | null;
  blockSize: number;
  count: number;
  skip: number;
  showsStatus: boolean;
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  c: 1,
  w: 2,
  b: 512,
  k: 1024,
  K: 1024,
  kB: 1000,
  M: 1024 ** 2,
  MB: 1000 ** 2,
  G: 1024 ** 3,
};

function readSettings(args: readonly string[]): Settings | { problem: string; operand: string } {
  const settings: Settings = {
    input: '-',
    output: null,
    blockSize: 512,
    count: Infinity,
    skip: 0,
    showsStatus: true,
  };
  for (const arg of args) {
    const [name = '', value = ''] = arg.split(/=(.*)/s);
    const [, digits = '', unit = ''] = /^(\d+)([a-zA-Z]*)$/.exec(value) ?? [];
    const number = digits === '' ? Number.NaN : Number(digits) * (UNITS[unit] ?? Number.NaN);
    if (name === 'if') settings.input = value;
    else if (name === 'of') settings.output = value;
    else if (name === 'status') settings.showsStatus = value !== 'none';
    else if (name === 'conv' || name === 'iflag' || name === 'oflag') continue;
    else if (!['bs', 'ibs', 'obs', 'count', 'skip'].includes(name)) return { problem: 'operand', operand: arg };
    else if (Number.isNaN(number)) return { problem: 'number', operand: value };
    else if (name === 'count') settings.count = number;
    else if (name === 'skip') settings.skip = number;
    else settings.blockSize = Math.max(1, number);
  }
  return settings;
}

/**
 * dd with `if of bs count skip status`; `seek` is not simulated, and `conv`, `iflag` and `oflag` make no difference
 * here. Blocks are always full ones.
 */
export const dd: Program = async (process) => {
  const settings = readSettings(process.args.slice(1));
  if ('problem' in settings) {
    const { problem, operand } = settings;
    await process.printError(
      isGnu(process)
        ? `dd: ${problem === 'number' ? `invalid number: '${operand}'` : `unrecognized operand '${operand}'\nTry 'dd --help' for more information.`}\n`
        : `dd: invalid ${problem === 'number' ? 'number' : 'argument'} '${operand}'\n`,
    );
    return 1;
  }
  const started = process.container.clock.now();
  const { input, output } = settings;
  let opened = input;
  try {
    const next = openInput(process, input);
    opened = output ?? '';
    const path = output === null ? null : pathOf(process, output);
    const { files } = process.container;
    if (path !== null) files.write(path, Buffer.alloc(0), { uid: process.uid });
    const copied = await copy(next, settings, async (bytes) => {
      if (path === null) await process.print(bytes);
      else files.write(path, bytes, { append: true, uid: process.uid });
    });
    if (settings.showsStatus) await report(process, copied, settings.blockSize, started);
    return 0;
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    if (error.code === 'ENOSPC') await process.printError(`dd: error writing '${opened}': ${error.message}\n`);
    else {
      await process.printError(
        isGnu(process)
          ? `dd: failed to open '${opened}': ${error.message}\n`
          : `dd: can't open '${opened}': ${error.message}\n`,
      );
    }
    return 1;
  }
};

/** @returns bytes copied */
async function copy(
  next: () => Promise<Uint8Array | null>,
  { blockSize, count, skip }: Settings,
  write: (bytes: Uint8Array) => Promise<void>,
): Promise<number> {
  let toSkip = skip * blockSize;
  let left = count * blockSize;
  let copied = 0;
  while (left > 0) {
    const bytes = await next();
    if (bytes === null) break;
    const useful = bytes.subarray(Math.min(toSkip, bytes.length)).subarray(0, left);
    toSkip = Math.max(0, toSkip - bytes.length);
    if (useful.length === 0) continue;
    await write(useful);
    copied += useful.length;
    left -= useful.length;
  }
  return copied;
}

async function report(process: Process, copied: number, blockSize: number, started: number): Promise<void> {
  const records = `${Math.floor(copied / blockSize)}+${copied % blockSize === 0 ? 0 : 1} records`;
  // At least a millisecond: the simulated clock may stand still, and a division by zero helps nobody.
  const seconds = Math.max(1, process.container.clock.now() - started) / 1000;
  const rate = copied / seconds;
  const speed = isGnu(process)
    ? `${rate >= 1e9 ? `${(rate / 1e9).toFixed(1)} GB` : rate >= 1e6 ? `${(rate / 1e6).toFixed(1)} MB` : `${(rate / 1e3).toFixed(1)} kB`}/s`
    : `${(rate / 1024 ** 2).toFixed(1)}MB/s`;
  const size = isGnu(process) ? gnuSize(copied) : `${copied} bytes (${(copied / 1024 ** 2).toFixed(1)}MB)`;
  const time = isGnu(process) ? `${seconds} s` : `${seconds.toFixed(6)} seconds`;
  await process.printError(`${records} in\n${records} out\n${size} copied, ${time}, ${speed}\n`);
}

/** `1048576 bytes (1.0 MB, 1.0 MiB)` */
function gnuSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  const scaled = (base: number, units: readonly string[]): string => {
    let value = bytes;
    let unit = -1;
    while (value >= base && unit < units.length - 1) {
      value /= base;
      unit += 1;
    }
    return `${value.toFixed(value < 10 ? 1 : 0)} ${units[unit] ?? 'B'}`;
  };
  const binary = bytes < 1024 ? '' : `, ${scaled(1024, ['KiB', 'MiB', 'GiB'])}`;
  return `${bytes} bytes (${scaled(1000, ['kB', 'MB', 'GB'])}${binary})`;
}
