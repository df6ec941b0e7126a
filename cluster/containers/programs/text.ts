import { inSet } from '../shell/pattern.ts';
import { isGnu, parseOptions, UsageError } from './options.ts';
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
  const wrong = list.split(',').find((each) => !/^(\d+-?\d*|-\d+)$/.test(each));
  if (wrong !== undefined) {
    const what = options.has('f') ? 'field' : 'byte/character offset';
    throw new UsageError(
      isGnu(process)
        ? `cut: invalid ${what === 'field' ? 'field value' : what} '${wrong}'\nTry 'cut --help' for more information.\n`
        : `cut: invalid number '${wrong}'\n`,
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
  const unescaped = text.replace(/\\([0-7]{1,3}|[abfnrtv\\])/g, (_whole, code: string) =>
    /\d/.test(code)
      ? String.fromCharCode(Number.parseInt(code, 8) & 0xff)
      : ({ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }[code] ?? code),
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
  if (operands.length === 0) {
    throw new UsageError(
      isGnu(process)
        ? "tr: missing operand\nTry 'tr --help' for more information.\n"
        : 'BusyBox v1.36.1 () multi-call binary.\n\nUsage: tr [-cds] STRING1 [STRING2]\n',
      1,
    );
  }
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
    const text = bytes.toString('latin1');
    await process.print(Buffer.from(text.replace(/[^A-Za-z0-9+/=\s][\s\S]*$/, ''), 'base64'));
    if (/^[A-Za-z0-9+/=\s]*$/.test(text)) return 0;
    if (!isGnu(process)) return 0;
    await process.printError('base64: invalid input\n');
    return 1;
  }
  const width = Number(options.get('w') ?? 76);
  const text = bytes.toString('base64');
  const lines = width > 0 ? (text.match(new RegExp(`.{1,${width}}`, 'g')) ?? []) : [text];
  await process.print(lines.length === 0 ? '' : width > 0 ? `${lines.join('\n')}\n` : text);
  return 0;
});
