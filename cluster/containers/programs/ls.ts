import { FileError, type FileNode } from '../files/file-system.ts';
import type { Process } from '../process/process.ts';
import { userName } from './basic.ts';
import { isGnu, parseOptions } from './options.ts';
import { pathOf, tool } from './tool.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

export const ls = tool(async (process) => {
  const { options, operands } = parseOptions(process, 'laA1hRdFrtSCipnkx', {
    status: isGnu(process) ? 2 : 1,
    long: { all: 'a', 'almost-all': 'A', recursive: 'R', directory: 'd', 'color=': 'color', 'human-readable': 'h' },
  });
  const files: [string, FileNode][] = [];
  const folders: [string, FileNode][] = [];
  let status = 0;
  for (const operand of operands.length === 0 ? ['.'] : operands) {
    try {
      const node = process.container.files.find(pathOf(process, operand), {
        uid: process.uid,
        follow: !options.has('l') || operand.endsWith('/'),
      });
      (node.kind === 'directory' && !options.has('d') ? folders : files).push([operand, node]);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      await process.printError(
        isGnu(process) ? `ls: cannot access '${operand}': ${error.message}\n` : `ls: ${operand}: ${error.message}\n`,
      );
      status = isGnu(process) ? 2 : 1;
    }
  }
  if (options.has('t')) files.sort(([, a], [, b]) => b.modified - a.modified);
  if (options.has('S')) files.sort(([, a], [, b]) => sizeOf(b) - sizeOf(a));
  if (options.has('r')) files.reverse();
  await print(process, files, options);
  let first = files.length === 0;
  const several = operands.length > 1 || options.has('R');
  while (folders.length > 0) {
    const [name, node] = folders.shift() ?? ['', null];
    if (node?.kind !== 'directory') continue;
    if (several) await process.print(`${first ? '' : '\n'}${name}:\n`);
    first = false;
    const children = [...process.container.files.entries(node)].filter(
      ([child]) => options.has('a') || options.has('A') || !child.startsWith('.'),
    );
    children.sort(([a], [b]) => (a < b ? -1 : 1));
    if (options.has('t')) children.sort(([, a], [, b]) => b.modified - a.modified);
    if (options.has('S')) children.sort(([, a], [, b]) => sizeOf(b) - sizeOf(a));
    if (options.has('r')) children.reverse();
    if (options.has('a')) children.unshift(['.', node], ['..', node]);
    if (options.has('l')) await process.print(`total ${blocks(children)}\n`);
    await print(process, children, options);
    if (options.has('R')) {
      folders.unshift(
        ...children
          .filter(([child, entry]) => entry.kind === 'directory' && child !== '.' && child !== '..')
          .map(([child, entry]): [string, FileNode] => [`${name.replace(/\/$/, '')}/${child}`, entry]),
      );
    }
  }
  return status;
});

/** Disk blocks of 1 KiB, 4 for each file or folder that has anything in it. */
function blocks(entries: readonly [string, FileNode][]): number {
  return entries.reduce((sum, [, node]) => sum + Math.ceil(sizeOf(node) / 4096) * 4, 0);
}

function sizeOf(node: FileNode): number {
  switch (node.kind) {
    case 'file':
      return node.content.length;
    case 'directory':
      return 4096;
    case 'symlink':
      return node.target.length;
    case 'device':
      return 0;
    default: {
      const never: never = node;
      return never;
    }
  }
}

async function print(
  process: Process,
  entries: readonly [string, FileNode][],
  options: ReadonlyMap<string, string>,
): Promise<void> {
  const label = (name: string, node: FileNode): string =>
    (options.has('F') || options.has('p')) && node.kind === 'directory' ? `${name}/` : name;
  if (!options.has('l')) {
    const names = entries.map(([name, node]) => label(name, node));
    await process.print(
      process.isTerminal(1) && !options.has('1')
        ? columns(names, process.tty?.size.columns ?? 80)
        : names.map((name) => `${name}\n`).join(''),
    );
    return;
  }
  const rows = entries.map(([name, node]) => ({
    mode: modeText(node),
    links: node.kind === 'directory' ? '2' : '1',
    owner: userName(process, node.uid),
    size: String(sizeOf(node)),
    time: timeText(node.modified),
    name: node.kind === 'symlink' ? `${name} -> ${node.target}` : label(name, node),
  }));
  const widest = (key: 'links' | 'owner' | 'size'): number => Math.max(0, ...rows.map((row) => row[key].length));
  // BusyBox has columns of a fixed width where GNU measures.
  const [links, owner, size] = isGnu(process) ? [widest('links'), widest('owner'), widest('size')] : [5, 8, 9];
  for (const row of rows) {
    await process.print(
      `${row.mode} ${row.links.padStart(links)} ${row.owner.padEnd(owner)} ${row.owner.padEnd(owner)} ${row.size.padStart(size)} ${row.time} ${row.name}\n`,
    );
  }
}

function modeText(node: FileNode): string {
  const type = { file: '-', directory: 'd', symlink: 'l', device: 'c' }[node.kind];
  const bits = [6, 3, 0].map((shift) => {
    const part = (node.mode >> shift) & 7;
    return `${part & 4 ? 'r' : '-'}${part & 2 ? 'w' : '-'}${part & 1 ? 'x' : '-'}`;
  });
  const text = type + bits.join('');
  return node.mode & 0o1000 ? `${text.slice(0, -1)}t` : text;
}

const two = (value: number): string => String(value).padStart(2, '0');

function timeText(time: number): string {
  const date = new Date(time);
  return `${MONTHS[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
}

/** Names down columns that fit the width, two spaces apart. */
function columns(names: readonly string[], width: number): string {
  if (names.length === 0) return '';
  for (let rows = 1; ; rows += 1) {
    const count = Math.ceil(names.length / rows);
    const lists = Array.from({ length: count }, (_, column) => names.slice(column * rows, (column + 1) * rows));
    const widths = lists.map((list) => Math.max(...list.map((name) => name.length)) + 2);
    if (rows < names.length && widths.reduce((sum, value) => sum + value, -2) > width) continue;
    let text = '';
    for (let row = 0; row < rows; row += 1) {
      text += `${lists
        .map((list, column) => (list[row] ?? '').padEnd(widths[column] ?? 0))
        .join('')
        .trimEnd()}\n`;
    }
    return text;
  }
}
