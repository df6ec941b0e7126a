import { FileError, type FileNode } from '../files/file-system.ts';
import type { Process } from '../process/process.ts';
import { isGnu, parseOptions, toolName, UsageError } from './options.ts';
import { compilePattern, type RegularExpression } from './regular-expression.ts';
import { complain, forEachInput, pathOf, readFile, tool } from './tool.ts';

export const grep = tool(async (process) => {
  const name = toolName(process);
  const { options, operands, all } = parseOptions(process, 'ivnclLoqhHsrREFGwxe:f:m:A:B:C:azP', {
    status: 2,
    long: {
      'ignore-case': 'i',
      'invert-match': 'v',
      'line-number': 'n',
      count: 'c',
      quiet: 'q',
      'only-matching': 'o',
      recursive: 'r',
      'extended-regexp': 'E',
      'fixed-strings': 'F',
      'regexp=': 'e',
      'file=': 'f',
      'files-with-matches': 'l',
      'files-without-match': 'L',
      'no-messages': 's',
      'word-regexp': 'w',
      'line-regexp': 'x',
      'no-filename': 'h',
      'with-filename': 'H',
      'max-count=': 'm',
      'after-context=': 'A',
      'before-context=': 'B',
      'context=': 'C',
      'color=': 'color',
      color: 'color',
    },
  });
  const given = [...all('e')];
  for (const path of all('f')) {
    try {
      given.push(Buffer.from(readFile(process, path)).toString('utf8').replace(/\n$/, ''));
    } catch (error) {
      await complain(process, '', path, error);
      return 2;
    }
  }
  if (!options.has('e') && !options.has('f')) {
    const operand = operands.shift();
    if (operand === undefined) {
      throw new UsageError(
        isGnu(process)
          ? `Usage: ${name} [OPTION]... PATTERNS [FILE]...\nTry '${name} --help' for more information.\n`
          : `BusyBox v1.36.1 () multi-call binary.\n\nUsage: ${name} [-HhnlLoqvsrRiwFEz] [-m N] [-A|B|C N] { PATTERN | -e PATTERN... | -f FILE... } [FILE]...\n`,
        2,
      );
    }
    given.push(operand);
  }
  const text = given.join('\n');
  const patterns = text.split('\n').map((pattern) =>
    compilePattern(name, pattern, {
      gnu: isGnu(process),
      extended: options.has('E') || options.has('P') || name === 'egrep',
      fixed: options.has('F') || name === 'fgrep',
      ignoreCase: options.has('i'),
      wholeWord: options.has('w'),
      wholeLine: options.has('x'),
    }),
  );
  const recursive = options.has('r') || options.has('R');
  const inputs = recursive
    ? (operands.length === 0 ? ['.'] : operands).flatMap((path) => filesBelow(process, path))
    : operands;
  const showsName =
    !options.has('h') && (options.has('H') || inputs.length > 1 || (recursive && isBelowFolder(process, operands)));
  const before = Number(options.get('B') ?? options.get('C') ?? 0);
  const after = Number(options.get('A') ?? options.get('C') ?? 0);
  const limit = Number(options.get('m') ?? Infinity);
  let found = false;

  const search = async (lines: AsyncIterable<string>, file: string): Promise<void> => {
    const label = file === '-' ? '(standard input)' : file;
    let number = 0;
    let count = 0;
    let trailing = 0;
    let lastShown = 0;
    const context: { number: number; line: string }[] = [];
    const show = async (line: string, lineNumber: number, mark: string): Promise<void> => {
      const prefix = `${showsName ? `${label}${mark}` : ''}${options.has('n') ? `${lineNumber}${mark}` : ''}`;
      if ((before > 0 || after > 0) && lastShown > 0 && lineNumber > lastShown + 1) await process.printLater('--\n');
      lastShown = lineNumber;
      await process.printLater(`${prefix}${line}\n`);
    };
    for await (const line of lines) {
      number += 1;
      const isMatch = patterns.some((pattern) => pattern.match(line) !== null) !== options.has('v');
      if (!isMatch) {
        if (trailing > 0) {
          trailing -= 1;
          await show(line, number, '-');
        } else if (before > 0) {
          context.push({ number, line });
          if (context.length > before) context.shift();
        }
        continue;
      }
      found = true;
      count += 1;
      if (options.has('q')) return;
      if (options.has('l') || options.has('L')) break;
      if (!options.has('c')) {
        if (options.has('o')) {
          for (const piece of matchesIn(patterns, line)) await show(piece, number, ':');
        } else {
          for (const earlier of context) await show(earlier.line, earlier.number, '-');
          context.length = 0;
          await show(line, number, ':');
          trailing = after;
        }
      }
      if (count >= limit) break;
    }
    if (options.has('c')) await process.printLater(`${showsName ? `${label}:` : ''}${count}\n`);
    if ((options.has('l') && count > 0) || (options.has('L') && count === 0)) await process.printLater(`${label}\n`);
  };
  // BusyBox goes past folders in silence.
  const readable = isGnu(process) ? inputs : inputs.filter((path) => !isFolder(process, path));
  const good =
    (inputs.length > 0 && readable.length === 0) || (await forEachInput(process, readable, search, options.has('s')));
  return found && (good || options.has('q')) ? 0 : good ? 1 : 2;
});

function* matchesIn(patterns: readonly RegularExpression[], line: string): Generator<string> {
  for (let start = 0; start <= line.length;) {
    const matches = patterns.map((pattern) => pattern.match(line, start)).filter((match) => match !== null);
    const first = matches.sort((a, b) => a.start - b.start || b.end - a.end)[0];
    if (first === undefined) return;
    if (first.end > first.start) yield line.slice(first.start, first.end);
    start = Math.max(first.end, start + 1);
  }
}

/** Whether a recursive search has more to look at than a file. */
function isBelowFolder(process: Process, operands: readonly string[]): boolean {
  return operands.length !== 1 || isFolder(process, operands[0] ?? '.');
}

function isFolder(process: Process, operand: string): boolean {
  const { files } = process.container;
  const path = pathOf(process, operand);
  return operand !== '-' && files.exists(path) && files.find(path).kind === 'directory';
}

function filesBelow(process: Process, path: string): string[] {
  let node: FileNode;
  try {
    node = process.container.files.find(pathOf(process, path), { uid: process.uid });
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    void complain(process, '', path, error);
    return [];
  }
  if (node.kind !== 'directory') return [path];
  const prefix = path.endsWith('/') ? path : `${path}/`;
  return [...process.container.files.entries(node)]
    .filter(([, child]) => child.kind !== 'device' && child.kind !== 'symlink')
    .flatMap(([name]) => filesBelow(process, prefix + name));
}
