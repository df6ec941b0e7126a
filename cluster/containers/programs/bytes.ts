import type { Process, Program } from '../process/process.ts';
import { parseOptions, UsageError } from './options.ts';
import { openInput, tool } from './tool.ts';

/** Programs that show bytes. */

/** Pieces of the same length, the last one shorter. */
async function* pieces(process: Process, operand: string, length: number): AsyncGenerator<Buffer> {
  const next = openInput(process, operand);
  let rest: Buffer = Buffer.alloc(0);
  for (let bytes = await next(); bytes !== null; bytes = await next()) {
    rest = Buffer.concat([rest, bytes]);
    let start = 0;
    for (; start + length <= rest.length; start += length) yield rest.subarray(start, start + length);
    rest = rest.subarray(start);
  }
  if (rest.length > 0) yield rest;
}

const PER_LINE = 16;

/** od: `-c`, `-A x|d|o|n`, `-t x1|o1|d1|u1|c|x2|o2`, `-x`, `-b`, `-v`. Repeated lines are all shown. */
export const od = tool(async (process) => {
  const { options, operands } = parseOptions(process, 'cxbvA:t:N:', {
    long: { 'address-radix=': 'A', 'format=': 't' },
  });
  const format = options.has('c')
    ? 'c'
    : options.has('b')
      ? 'o1'
      : options.has('x')
        ? 'x2'
        : (options.get('t') ?? 'o2');
  const [, kind = '', sizeText = ''] = /^([xodcu])([12]?)z?$/.exec(format) ?? [];
  if (kind === '') throw new UsageError(`od: invalid type string '${format}'\n`, 1);
  const size = kind === 'c' ? 1 : Number(sizeText || '4');
  if (size > 2) throw new UsageError(`od: type string '${format}': only sizes 1 and 2 are simulated here\n`, 1);
  const radix = { x: 16, d: 10, o: 8, n: 0 }[options.get('A') ?? 'o'] ?? 8;
  const address = (value: number): string =>
    radix === 0 ? '' : value.toString(radix).padStart(radix === 16 ? 6 : 7, '0');
  const show = (value: number): string => {
    if (kind === 'c') return characterName(value).padStart(4);
    const width = { x: size * 2, o: size === 1 ? 3 : 6, d: size === 1 ? 4 : 6, u: size === 1 ? 3 : 5 }[kind] ?? 3;
    if (kind === 'x') return ` ${value.toString(16).padStart(width, '0')}`;
    if (kind === 'o') return ` ${value.toString(8).padStart(width, '0')}`;
    const signed = kind === 'd' && value >= 2 ** (8 * size - 1) ? value - 2 ** (8 * size) : value;
    return ` ${String(signed).padStart(width)}`;
  };
  let left = Number(options.get('N') ?? Infinity);
  let offset = 0;
  for await (const whole of pieces(process, operands[0] ?? '-', PER_LINE)) {
    const piece = whole.subarray(0, left);
    if (piece.length === 0) break;
    left -= piece.length;
    let line = address(offset);
    for (let at = 0; at < piece.length; at += size)
      line += show((piece[at] ?? 0) + (size === 2 ? (piece[at + 1] ?? 0) * 256 : 0));
    await process.printLater(`${line}\n`);
    offset += piece.length;
  }
  if (radix !== 0) await process.printLater(`${address(offset)}\n`);
  return 0;
});

function characterName(value: number): string {
  const named: Readonly<Record<number, string>> = {
    0: '\\0',
    7: '\\a',
    8: '\\b',
    9: '\\t',
    10: '\\n',
    11: '\\v',
    12: '\\f',
    13: '\\r',
  };
  return named[value] ?? (value >= 32 && value < 127 ? String.fromCharCode(value) : value.toString(8).padStart(3, '0'));
}

/** xxd and `hexdump -C` as people read them. */
function hexDump(style: 'xxd' | 'hexdump'): Program {
  return tool(async (process) => {
    const { options, operands } = parseOptions(process, style === 'xxd' ? 'pl:' : 'C');
    let offset = 0;
    const limit = Number(options.get('l') ?? Infinity);
    for await (const whole of pieces(process, operands[0] ?? '-', options.has('p') ? 30 : PER_LINE)) {
      const piece = whole.subarray(0, Math.max(0, limit - offset));
      if (piece.length === 0) break;
      const hex = [...piece].map((byte) => byte.toString(16).padStart(2, '0'));
      const text = [...piece].map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('');
      const at = offset.toString(16).padStart(8, '0');
      if (options.has('p')) await process.printLater(`${hex.join('')}\n`);
      else if (style === 'xxd') {
        const pairs = hex.join('').match(/.{1,4}/g) ?? [];
        await process.printLater(`${at}: ${pairs.join(' ').padEnd(39)}  ${text}\n`);
      } else {
        const columns = `${hex.slice(0, 8).join(' ').padEnd(23)}  ${hex.slice(8).join(' ').padEnd(23)}`;
        await process.printLater(`${at}  ${columns}  |${text}|\n`);
      }
      offset += piece.length;
    }
    if (style === 'hexdump' && offset > 0) await process.printLater(`${offset.toString(16).padStart(8, '0')}\n`);
    return 0;
  });
}

export const xxd = hexDump('xxd');
export const hexdump = hexDump('hexdump');
