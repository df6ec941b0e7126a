import { FileError } from '../files/file-system.ts';
import { isGnu, parseOptions } from './options.ts';
import { openInput, tool } from './tool.ts';

/** Lines of both files together that are compared; more are said to be too many. */
const MAX_CELLS = 4_000_000;

interface Change {
  /** From 0, the end excluded. */
  from: [number, number];
  to: [number, number];
}

/** `diff` of two files: GNU's normal format, and with `-u` (BusyBox always) the unified one. */
export const diff = tool(async (process) => {
  const { options, operands } = parseOptions(process, 'uqsrNbwBaiU:', {
    status: 2,
    long: { unified: 'u', brief: 'q' },
  });
  const [left = '', right = ''] = operands;
  const texts: string[] = [];
  for (const operand of [left, right]) {
    try {
      const chunks: Uint8Array[] = [];
      const next = openInput(process, operand);
      for (let bytes = await next(); bytes !== null; bytes = await next()) chunks.push(bytes);
      texts.push(Buffer.concat(chunks).toString('utf8'));
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      await process.printError(
        isGnu(process) ? `diff: ${operand}: ${error.message}\n` : `diff: can't stat '${operand}': ${error.message}\n`,
      );
      return 2;
    }
  }
  if (texts[0] === texts[1]) {
    if (options.has('s')) await process.print(`Files ${left} and ${right} are identical\n`);
    return 0;
  }
  if (options.has('q')) {
    await process.print(`Files ${left} and ${right} differ\n`);
    return 1;
  }
  const [a, b] = texts.map((text) => text.replace(/\n$/, '').split('\n'));
  const [from = [], to = []] = [texts[0] === '' ? [] : a, texts[1] === '' ? [] : b];
  if (from.length * to.length > MAX_CELLS) {
    await process.printError('diff: memory exhausted\n');
    return 2;
  }
  const changes = changesBetween(from, to);
  const unified = options.has('u') || options.has('U') || !isGnu(process);
  if (unified) {
    const stamp = isGnu(process)
      ? `\t${new Date(process.container.clock.now()).toISOString().replace('T', ' ').replace('Z', '000000 +0000')}`
      : '';
    await process.print(`--- ${left}${stamp}\n+++ ${right}${stamp}\n${unifiedText(from, to, changes)}`);
  } else await process.print(normalText(from, to, changes));
  return 1;
});

/** By the longest common subsequence. */
function changesBetween(from: readonly string[], to: readonly string[]): Change[] {
  const width = to.length + 1;
  const lengths = new Uint32Array((from.length + 1) * width);
  for (let row = from.length - 1; row >= 0; row -= 1) {
    for (let column = to.length - 1; column >= 0; column -= 1) {
      lengths[row * width + column] =
        from[row] === to[column]
          ? (lengths[(row + 1) * width + column + 1] ?? 0) + 1
          : Math.max(lengths[(row + 1) * width + column] ?? 0, lengths[row * width + column + 1] ?? 0);
    }
  }
  const changes: Change[] = [];
  let [row, column] = [0, 0];
  while (row < from.length || column < to.length) {
    if (row < from.length && column < to.length && from[row] === to[column]) {
      row += 1;
      column += 1;
      continue;
    }
    const start: [number, number] = [row, column];
    while (row < from.length || column < to.length) {
      if (row < from.length && column < to.length && from[row] === to[column]) break;
      const below = lengths[(row + 1) * width + column] ?? 0;
      const beside = lengths[row * width + column + 1] ?? 0;
      if (column >= to.length || (row < from.length && below >= beside)) row += 1;
      else column += 1;
    }
    changes.push({ from: [start[0], row], to: [start[1], column] });
  }
  return changes;
}

function normalText(from: readonly string[], to: readonly string[], changes: readonly Change[]): string {
  const range = ([start, end]: [number, number]): string =>
    end - start <= 0 ? String(start) : end - start === 1 ? String(end) : `${start + 1},${end}`;
  return changes
    .map((change) => {
      const removed = from.slice(...change.from).map((line) => `< ${line}\n`);
      const added = to.slice(...change.to).map((line) => `> ${line}\n`);
      const letter = removed.length === 0 ? 'a' : added.length === 0 ? 'd' : 'c';
      const middle = letter === 'c' ? '---\n' : '';
      return `${range(change.from)}${letter}${range(change.to)}\n${removed.join('')}${middle}${added.join('')}`;
    })
    .join('');
}

const CONTEXT = 3;

function unifiedText(from: readonly string[], to: readonly string[], changes: readonly Change[]): string {
  const hunks: Change[][] = [];
  for (const change of changes) {
    const last = hunks.at(-1)?.at(-1);
    if (last !== undefined && change.from[0] - last.from[1] <= 2 * CONTEXT) hunks.at(-1)?.push(change);
    else hunks.push([change]);
  }
  return hunks.map((hunk) => hunkText(from, to, hunk)).join('');
}

function hunkText(from: readonly string[], to: readonly string[], hunk: readonly Change[]): string {
  const [first, last] = [hunk[0], hunk.at(-1)];
  if (first === undefined || last === undefined) return '';
  const before = Math.min(CONTEXT, first.from[0]);
  const after = Math.min(CONTEXT, from.length - last.from[1]);
  const range = (start: number, end: number): string => {
    const count = end - start;
    return count === 1 ? String(start + 1) : `${count === 0 ? start : start + 1},${count}`;
  };
  let text = `@@ -${range(first.from[0] - before, last.from[1] + after)} +${range(first.to[0] - before, last.to[1] + after)} @@\n`;
  let row = first.from[0] - before;
  for (const change of hunk) {
    for (; row < change.from[0]; row += 1) text += ` ${from[row] ?? ''}\n`;
    text += from
      .slice(...change.from)
      .map((line) => `-${line}\n`)
      .join('');
    text += to
      .slice(...change.to)
      .map((line) => `+${line}\n`)
      .join('');
    row = change.from[1];
  }
  for (; row < last.from[1] + after; row += 1) text += ` ${from[row] ?? ''}\n`;
  return text;
}
