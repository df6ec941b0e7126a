import type { Process } from '../process/process.ts';
import { ResourceLimit } from '../process/process.ts';
import { isGnu, parseOptions, toolName, UsageError } from './options.ts';
import { complain, forEachSource, pathOf, tool } from './tool.ts';

/** The first and the last of a text, by lines or bytes; bytes come through as they are. */

const NEWLINE = 10;

type Source = () => Promise<Uint8Array | null>;

interface Amount {
  unit: 'lines' | 'bytes';
  count: number;
  /** `+` or `-` before the number. */
  sign: string;
}

const MULTIPLES: Readonly<Record<string, number>> = { '': 1, b: 512, k: 1024, K: 1024, m: 1024 ** 2, M: 1024 ** 2 };

/** `-n 5`, `-c 1k`, `-n +3`, `-n -2`. */
function readAmount(process: Process, options: ReadonlyMap<string, string>): Amount {
  const unit = options.has('c') ? 'bytes' : 'lines';
  const text = options.get('c') ?? options.get('n') ?? '10';
  const [, sign = '', digits, suffix = ''] = /^([-+]?)(\d+)([bkKmM]?)$/.exec(text) ?? [];
  if (digits === undefined) {
    const name = toolName(process);
    throw new UsageError(
      isGnu(process) ? `${name}: invalid number of ${unit}: '${text}'\n` : `${name}: invalid number '${text}'\n`,
      1,
    );
  }
  return { unit, count: Number(digits) * (MULTIPLES[suffix] ?? 1), sign };
}

/** `-5` means `-n 5`. */
function countFirst(args: readonly string[]): string[] {
  return args.map((arg, index) =>
    /^-\d+$/.test(arg) && !/^-[nc]$/.test(args[index - 1] ?? '') ? `-n${arg.slice(1)}` : arg,
  );
}

const LONG = { 'lines=': 'n', 'bytes=': 'c', quiet: 'q', silent: 'q', verbose: 'v', follow: 'f' } as const;

/** Shows each input, with a heading where there are several. */
function showEach(
  process: Process,
  operands: readonly string[],
  options: ReadonlyMap<string, string>,
  show: (next: Source) => Promise<void>,
): Promise<boolean> {
  const hasHeadings = options.has('v') || (operands.length > 1 && !options.has('q'));
  let first = true;
  return forEachSource(process, operands, async (next, name) => {
    if (hasHeadings) await process.print(`${first ? '' : '\n'}==> ${name === '-' ? 'standard input' : name} <==\n`);
    first = false;
    await show(next);
  });
}

export const head = tool(async (process) => {
  process.args = countFirst(process.args);
  const { options, operands } = parseOptions(process, 'n:c:qv', { long: LONG });
  const amount = readAmount(process, options);
  const good = await showEach(process, operands, options, (next) => {
    // `-n -3`: all but the last three.
    if (amount.sign === '-') return lastOf(next, amount, (bytes) => process.print(bytes)).then(() => {});
    return firstOf(process, next, amount);
  });
  return good ? 0 : 1;
});

async function firstOf(process: Process, next: Source, { unit, count }: Amount): Promise<void> {
  let left = count;
  while (left > 0) {
    const bytes = await next();
    if (bytes === null) return;
    const end = unit === 'bytes' ? left : endOfLine(bytes, left);
    left -= unit === 'bytes' ? bytes.length : countLines(bytes);
    await process.print(bytes.subarray(0, end));
  }
}

/** Where the line with this number ends, from 1; all there is when there are fewer. */
function endOfLine(bytes: Uint8Array, number: number): number {
  let end = 0;
  for (let left = number; left > 0; left -= 1) {
    const found = bytes.indexOf(NEWLINE, end);
    if (found === -1) return bytes.length;
    end = found + 1;
  }
  return end;
}

function countLines(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}

/** Bytes that `tail` holds. */
const MAX_KEPT_BYTES = 16 * 1024 * 1024;

/** The end of the input; what is before it goes to `before`, piece by piece. */
async function lastOf(
  next: Source,
  { unit, count }: Amount,
  before: (bytes: Uint8Array) => Promise<void>,
): Promise<Uint8Array> {
  const kept: { bytes: Uint8Array; size: number }[] = [];
  let [bytesKept, sizeKept] = [0, 0];
  for (let bytes = await next(); bytes !== null; bytes = await next()) {
    if (bytes.length === 0) continue;
    const size = unit === 'bytes' ? bytes.length : countLines(bytes);
    kept.push({ bytes, size });
    bytesKept += bytes.length;
    sizeKept += size;
    // A line more than asked for, since the last one may be without its newline.
    for (let first = kept[0]; first !== undefined && sizeKept - first.size > count; first = kept[0]) {
      kept.shift();
      bytesKept -= first.bytes.length;
      sizeKept -= first.size;
      await before(first.bytes);
    }
    if (bytesKept > MAX_KEPT_BYTES) throw new ResourceLimit('out of memory');
  }
  const all = Buffer.concat(kept.map(({ bytes }) => bytes));
  const start = unit === 'bytes' ? Math.max(0, all.length - count) : startOfLast(all, count);
  await before(all.subarray(0, start));
  return all.subarray(start);
}

/** Where the last `count` lines begin. */
function startOfLast(bytes: Buffer, count: number): number {
  if (count === 0) return bytes.length;
  let position = bytes.length - 1;
  for (let left = count; left > 0; left -= 1) {
    position = position <= 0 ? -1 : bytes.lastIndexOf(NEWLINE, position - 1);
    if (position === -1) return 0;
  }
  return position + 1;
}

async function nothing(): Promise<void> {}

/** Everything from a line or byte on, counted from 1. */
async function restOf(process: Process, next: Source, { unit, count }: Amount): Promise<void> {
  let skip = Math.max(0, count - 1);
  for (let bytes = await next(); bytes !== null; bytes = await next()) {
    if (skip === 0) {
      await process.print(bytes);
      continue;
    }
    const size = unit === 'bytes' ? bytes.length : countLines(bytes);
    const start = size < skip ? bytes.length : unit === 'bytes' ? skip : endOfLine(bytes, skip);
    skip = Math.max(0, skip - size);
    await process.print(bytes.subarray(start));
  }
}

export const tail = tool(async (process) => {
  process.args = countFirst(process.args);
  const { options, operands } = parseOptions(process, 'n:c:fFqs:v', { long: LONG });
  const amount = readAmount(process, options);
  const good = await showEach(process, operands, options, async (next) => {
    if (amount.sign === '+') await restOf(process, next, amount);
    else await process.print(await lastOf(next, amount, nothing));
  });
  if (!good && operands.length === 1 && !isGnu(process)) await process.printError('tail: no files\n');
  const [followed] = operands;
  if (!(options.has('f') || options.has('F')) || followed === undefined) return good ? 0 : 1;
  return follow(process, followed);
});

/** How often `tail -f` looks, as the real one without inotify. */
const FOLLOW_MS = 1000;

async function follow(process: Process, path: string): Promise<number> {
  const { files } = process.container;
  let size = 0;
  try {
    const node = files.find(pathOf(process, path), { uid: process.uid });
    // `tail -f /dev/null`: people's way to wait for ever, which must cost nothing.
    if (node.kind !== 'file') return await process.race(new Promise<never>(() => {}));
    size = node.content.length;
  } catch (error) {
    await complain(process, 'open', path, error);
    return 1;
  }
  for (;;) {
    await process.sleep(FOLLOW_MS);
    const content = files.read(pathOf(process, path), process.uid);
    if (content.length > size) await process.print(content.subarray(size));
    size = content.length;
  }
}
