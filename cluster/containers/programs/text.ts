import type { Process } from '../process/process.ts';
import { inSet } from '../shell/pattern.ts';
import { isGnu, parseOptions, toolName, UsageError } from './options.ts';
import { complain, forEachInput, openInput, readFile, tool } from './tool.ts';

/** Filters of text, line by line. */

/** Lines, words, bytes and characters of what comes in pieces. */
class TextCounter {
  readonly counts = { l: 0, w: 0, c: 0, m: 0 };
  #inWord = false;

  add(bytes: Uint8Array): void {
    const { counts } = this;
    counts.c += bytes.length;
    for (const byte of bytes) {
      if (byte === 10) counts.l += 1;
      // A byte that continues a UTF-8 character is none of its own.
      if ((byte & 0xc0) !== 0x80) counts.m += 1;
      const isSpace = byte === 32 || (byte >= 9 && byte <= 13);
      if (!isSpace && !this.#inWord) counts.w += 1;
      this.#inWord = !isSpace;
    }
  }
}

export const wc = tool(async (process) => {
  const { options, operands } = parseOptions(process, 'lwcm', {
    long: { lines: 'l', words: 'w', bytes: 'c', chars: 'm' },
  });
  const columns = (['l', 'w', 'm', 'c'] as const).filter((column) => options.has(column));
  const shown = columns.length === 0 ? (['l', 'w', 'c'] as const) : columns;
  const rows: { counts: Record<string, number>; name: string }[] = [];
  let status = 0;
  for (const operand of operands.length === 0 ? ['-'] : operands) {
    const counter = new TextCounter();
    try {
      const next = openInput(process, operand);
      for (let bytes = await next(); bytes !== null; bytes = await next()) counter.add(bytes);
    } catch (error) {
      await complain(process, '', operand, error);
      status = 1;
      continue;
    }
    rows.push({ counts: counter.counts, name: operands.length === 0 ? '' : operand });
  }
  if (rows.length > 1) {
    const counts: Record<string, number> = {};
    for (const column of shown) counts[column] = rows.reduce((sum, row) => sum + (row.counts[column] ?? 0), 0);
    rows.push({ counts, name: 'total' });
  }
  const isLone = shown.length === 1 && rows.length === 1;
  const largest = Math.max(0, ...rows.flatMap((row) => Object.values(row.counts)));
  // GNU measures the numbers (7 wide for a pipe), BusyBox has fixed columns of 9.
  const width = isLone ? 0 : isGnu(process) ? (operands.length === 0 ? 7 : String(largest).length) : 9;
  for (const { counts, name } of rows) {
    const numbers = shown.map((column) => String(counts[column] ?? 0).padStart(width)).join(' ');
    await process.print(`${numbers}${name === '' ? '' : ` ${name}`}\n`);
  }
  return status;
});

/** `1,3-5,7-` as a test for a position, counted from 1. */
function parseRanges(list: string): (position: number) => boolean {
  const ranges = list.split(',').map((part) => {
    const [, from = '', dash = '', to = ''] = /^(\d*)(-?)(\d*)$/.exec(part) ?? [];
    const start = from === '' ? 1 : Number(from);
    return { start, end: dash === '' ? start : to === '' ? Infinity : Number(to) };
  });
  return (position) => ranges.some(({ start, end }) => position >= start && position <= end);
}

export const cut = tool(async (process) => {
  const { options, operands } = parseOptions(process, 'd:f:c:b:s', {
    long: { 'delimiter=': 'd', 'fields=': 'f', 'characters=': 'c' },
  });
  const list = options.get('f') ?? options.get('c') ?? options.get('b');
  if (list === undefined) {
    throw new UsageError(
      isGnu(process)
        ? "cut: you must specify a list of bytes, characters, or fields\nTry 'cut --help' for more information.\n"
        : 'cut: expected a list of bytes, characters, or fields\n',
      1,
    );
  }
  const isChosen = parseRanges(list);
  const delimiter = options.get('d') ?? '\t';
  const good = await forEachInput(process, operands, async (lines) => {
    for await (const line of lines) {
      if (!options.has('f')) {
        await process.printLater(`${[...line].filter((_character, index) => isChosen(index + 1)).join('')}\n`);
      } else if (line.includes(delimiter)) {
        await process.printLater(
          `${line
            .split(delimiter)
            .filter((_field, index) => isChosen(index + 1))
            .join(delimiter)}\n`,
        );
      } else if (!options.has('s')) await process.printLater(`${line}\n`);
    }
  });
  return good ? 0 : 1;
});

/** `a-z\n[:digit:]` as a list of characters. */
function characterList(text: string): string[] {
  const unescaped = text.replace(
    /\\([nrt\\])/g,
    (_whole, letter: string) => ({ n: '\n', r: '\r', t: '\t' })[letter] ?? letter,
  );
  const result: string[] = [];
  for (let index = 0; index < unescaped.length; index += 1) {
    const named = /^\[:\w+:\]/.exec(unescaped.slice(index));
    if (named !== null) {
      for (let code = 0; code < 256; code += 1) {
        const character = String.fromCharCode(code);
        if (inSet(named[0], character)) result.push(character);
      }
      index += named[0].length - 1;
      continue;
    }
    const from = unescaped[index] ?? '';
    const to = unescaped[index + 2];
    if (unescaped[index + 1] === '-' && to !== undefined) {
      for (let code = from.charCodeAt(0); code <= to.charCodeAt(0); code += 1) result.push(String.fromCharCode(code));
      index += 2;
    } else result.push(from);
  }
  return result;
}

export const tr = tool(async (process) => {
  const { options, operands } = parseOptions(process, 'cds', {
    long: { delete: 'd', 'squeeze-repeats': 's', complement: 'c' },
  });
  const [first = '', second = ''] = operands;
  const from = characterList(first);
  const to = characterList(second);
  const inFrom = new Set(from);
  const position = new Map(from.map((character, index) => [character, index]));
  const matches = (character: string): boolean => inFrom.has(character) !== options.has('c');
  const squeezed = options.has('s') ? new Set(operands.length > 1 && !options.has('d') ? to : from) : null;
  let last = '';
  for (let bytes = await process.read(); bytes !== null; bytes = await process.read()) {
    let result = '';
    for (const character of Buffer.from(bytes).toString('latin1')) {
      let shown = character;
      if (matches(character)) {
        if (options.has('d')) continue;
        if (to.length > 0)
          shown =
            to[options.has('c') ? to.length - 1 : Math.min(position.get(character) ?? 0, to.length - 1)] ?? character;
      }
      if (squeezed?.has(shown) === true && shown === last) continue;
      result += shown;
      last = shown;
    }
    await process.print(Buffer.from(result, 'latin1'));
  }
  return 0;
});

/** Bytes that `sort` holds, and lines that it sorts at one go. */
const MAX_SORT_BYTES = 8 * 1024 * 1024;
const SORT_RUN = 4096;

/** Sorts runs and merges them, and lets others have their turn in between. */
async function sortLines(
  process: Process,
  lines: string[],
  compare: (a: string, b: string) => number,
): Promise<string[]> {
  let runs: string[][] = [];
  for (let start = 0; start < lines.length; start += SORT_RUN) {
    runs.push(lines.slice(start, start + SORT_RUN).sort(compare));
    await process.breathe();
  }
  while (runs.length > 1) {
    const next: string[][] = [];
    for (let index = 0; index < runs.length; index += 2) {
      next.push(await merge(process, runs[index] ?? [], runs[index + 1] ?? [], compare));
    }
    runs = next;
  }
  return runs[0] ?? [];
}

async function merge(
  process: Process,
  a: readonly string[],
  b: readonly string[],
  compare: (a: string, b: string) => number,
): Promise<string[]> {
  const result: string[] = [];
  let [left, right] = [0, 0];
  while (left < a.length || right < b.length) {
    const [x, y] = [a[left], b[right]];
    if (y === undefined || (x !== undefined && compare(x, y) <= 0)) {
      result.push(x ?? '');
      left += 1;
    } else {
      result.push(y);
      right += 1;
    }
    if (result.length % SORT_RUN === 0) await process.breathe();
  }
  return result;
}

export const sort = tool(async (process) => {
  const { options, operands } = parseOptions(process, 'rnufk:t:bhVo:s', {
    long: { reverse: 'r', 'numeric-sort': 'n', unique: 'u', 'key=': 'k' },
  });
  const lines: string[] = [];
  let size = 0;
  const good = await forEachInput(process, operands, async (input) => {
    for await (const line of input) {
      // A line costs more than its letters.
      size += line.length + 32;
      if (size > MAX_SORT_BYTES) throw new UsageError(`${toolName(process)}: memory exhausted\n`, 2);
      lines.push(line);
    }
  });
  const [, keyField = ''] = /^(\d+)/.exec(options.get('k') ?? '') ?? [];
  const isNumeric = options.has('n') || options.has('h') || /n/.test(options.get('k') ?? '');
  const key = (line: string): string => {
    if (keyField === '') return line;
    const fields = options.has('t') ? line.split(options.get('t') ?? '') : line.trim().split(/\s+/);
    return fields.slice(Number(keyField) - 1).join(' ');
  };
  const compare = (a: string, b: string): number => {
    const [left, right] = options.has('f') ? [key(a).toUpperCase(), key(b).toUpperCase()] : [key(a), key(b)];
    if (isNumeric) {
      const difference = (Number.parseFloat(left) || 0) - (Number.parseFloat(right) || 0);
      if (difference !== 0) return difference;
    }
    return left < right ? -1 : left > right ? 1 : 0;
  };
  const sorted = await sortLines(process, lines, (a, b) => compare(a, b) || (a < b ? -1 : a > b ? 1 : 0));
  if (options.has('r')) sorted.reverse();
  let previous: string | null = null;
  for (const line of sorted) {
    if (options.has('u') && previous !== null && compare(previous, line) === 0) continue;
    previous = line;
    await process.printLater(`${line}\n`);
  }
  return good ? 0 : 2;
});

export const uniq = tool(async (process) => {
  const { options, operands } = parseOptions(process, 'cdui', { long: { count: 'c', repeated: 'd', unique: 'u' } });
  const flush = async (line: string | null, count: number): Promise<void> => {
    if (line === null || (options.has('d') && count < 2) || (options.has('u') && count > 1)) return;
    await process.printLater(options.has('c') ? `${String(count).padStart(7)} ${line}\n` : `${line}\n`);
  };
  let previous: string | null = null;
  let count = 0;
  const good = await forEachInput(process, operands.slice(0, 1), async (lines) => {
    for await (const line of lines) {
      const isSame =
        previous !== null && (options.has('i') ? line.toLowerCase() === previous.toLowerCase() : line === previous);
      if (isSame) count += 1;
      else {
        await flush(previous, count);
        previous = line;
        count = 1;
      }
    }
  });
  await flush(previous, count);
  return good ? 0 : 1;
});

export const rev = tool(async (process) => {
  const good = await forEachInput(process, process.args.slice(1), async (lines) => {
    for await (const line of lines) await process.printLater(`${[...line].toReversed().join('')}\n`);
  });
  return good ? 0 : 1;
});

export const base64 = tool(async (process) => {
  const { options, operands } = parseOptions(process, 'dDw:', { long: { decode: 'd', 'wrap=': 'w' } });
  const [operand] = operands;
  const bytes =
    operand === undefined || operand === '-' ? await process.readAll() : Buffer.from(readFile(process, operand));
  if (options.has('d') || options.has('D')) {
    await process.print(Buffer.from(bytes.toString('latin1'), 'base64'));
    return 0;
  }
  const width = Number(options.get('w') ?? 76);
  const text = bytes.toString('base64');
  const lines = width > 0 ? (text.match(new RegExp(`.{1,${width}}`, 'g')) ?? []) : [text];
  await process.print(lines.length === 0 ? '' : width > 0 ? `${lines.join('\n')}\n` : text);
  return 0;
});
