import type { Process } from '../process/process.ts';
import { isGnu, parseOptions, toolName, UsageError } from './options.ts';
import { forEachInput, pathOf, tool } from './tool.ts';

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

/** `-k 2,3n`: from a field's character to another's, and how these are compared. */
interface Key {
  from: number;
  fromCharacter: number;
  to: number;
  flags: string;
}

function parseKey(text: string): Key {
  const [, from = '1', fromCharacter, first = '', to, last = ''] =
    /^(\d+)(?:\.(\d+))?([a-zA-Z]*)(?:,(\d+)(?:\.\d+)?([a-zA-Z]*))?$/.exec(text) ?? [];
  return {
    from: Number(from),
    fromCharacter: Number(fromCharacter ?? 1),
    to: to === undefined ? Infinity : Number(to),
    flags: first + last,
  };
}

/** What a key takes of a line. Without a separator a field begins with the blanks before it. */
function keyText(line: string, key: Key, separator: string | undefined): string {
  const fields = separator === undefined ? (line.match(/\s*\S+|\s+$/g) ?? []) : line.split(separator);
  const text = fields.slice(key.from - 1, key.to).join(separator ?? '');
  return text.slice(key.fromCharacter - 1);
}

const SUFFIXES = 'KMGTPE';

function compareBy(flags: string, a: string, b: string): number {
  const [left, right] = flags.includes('b') || separatorless(flags) ? [a.trimStart(), b.trimStart()] : [a, b];
  if (flags.includes('n') || flags.includes('g'))
    return (Number.parseFloat(left) || 0) - (Number.parseFloat(right) || 0);
  if (flags.includes('h')) {
    const size = (text: string): [number, number] => {
      const [, digits = '0', suffix = ''] = /^\s*(-?[\d.]+)([A-Za-z]?)/.exec(text) ?? [];
      return [SUFFIXES.indexOf(suffix.toUpperCase() || ' '), Number(digits)];
    };
    const [x, y] = [size(left), size(right)];
    return x[0] - y[0] || x[1] - y[1];
  }
  if (flags.includes('V')) return compareVersions(left, right);
  const [x, y] = flags.includes('f') ? [left.toUpperCase(), right.toUpperCase()] : [left, right];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Numbers are found behind blanks whatever the options say. */
function separatorless(flags: string): boolean {
  return /[nghV]/.test(flags);
}

function compareVersions(a: string, b: string): number {
  const [left, right] = [a.match(/\d+|\D+/g) ?? [], b.match(/\d+|\D+/g) ?? []];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const [x = '', y = ''] = [left[index], right[index]];
    const order = /^\d/.test(x) && /^\d/.test(y) ? Number(x) - Number(y) : x < y ? -1 : x > y ? 1 : 0;
    if (order !== 0) return order;
  }
  return 0;
}

export const sort = tool(async (process) => {
  const { options, operands, all } = parseOptions(process, isGnu(process) ? 'rnufk:t:bhVo:szcg' : 'rnufk:t:bVo:szcgh', {
    long: { reverse: 'r', 'numeric-sort': 'n', unique: 'u', 'key=': 'k', 'field-separator=': 't', 'version-sort': 'V' },
    status: isGnu(process) ? 2 : 1,
  });
  const lines: string[] = [];
  let size = 0;
  const separator = options.has('z') ? '\0' : '\n';
  const good = await forEachInput(process, operands, async (input) => {
    for await (const line of input) {
      // A line costs more than its letters.
      size += line.length + 32;
      if (size > MAX_SORT_BYTES) throw new UsageError(`${toolName(process)}: memory exhausted\n`, 2);
      if (separator === '\0') lines.push(...line.split('\0').filter((piece) => piece !== ''));
      else lines.push(line);
    }
  });
  const globalFlags = [...'nhVfbgr'].filter((letter) => options.has(letter)).join('');
  const keys = all('k').map(parseKey);
  const compareKeys = (a: string, b: string): number => {
    if (keys.length === 0) return compareBy(globalFlags, a, b) * (options.has('r') ? -1 : 1);
    for (const key of keys) {
      const flags = key.flags === '' ? globalFlags : key.flags;
      const order = compareBy(flags, keyText(a, key, options.get('t')), keyText(b, key, options.get('t')));
      if (order !== 0) return flags.includes('r') ? -order : order;
    }
    return 0;
  };
  const compare = (a: string, b: string): number => {
    const order = compareKeys(a, b);
    // What is equal by its keys is ordered by the whole line.
    if (order !== 0 || options.has('s') || options.has('u')) return order;
    return (a < b ? -1 : a > b ? 1 : 0) * (options.has('r') ? -1 : 1);
  };
  const sorted = await sortLines(process, lines, compare);
  if (options.has('c')) {
    const index = lines.findIndex((line, at) => at > 0 && compare(lines[at - 1] ?? '', line) > 0);
    if (index === -1) return 0;
    await process.printError(`sort: ${operands[0] ?? '-'}:${index + 1}: disorder: ${lines[index] ?? ''}\n`);
    return 1;
  }
  const output = sorted.filter((line, index) => {
    return !options.has('u') || index === 0 || compareKeys(sorted[index - 1] ?? '', line) !== 0;
  });
  const target = options.get('o');
  if (target !== undefined) {
    const text = output.map((line) => line + separator).join('');
    process.container.files.write(pathOf(process, target), Buffer.from(text), { uid: process.uid });
  } else for (const line of output) await process.printLater(line + separator);
  return good ? 0 : 2;
});
