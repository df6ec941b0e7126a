import { FileError, type FileNode } from '../files/file-system.ts';
import type { Process } from '../process/process.ts';
import { matchesPattern } from '../shell/pattern.ts';
import { isGnu, UsageError } from './options.ts';
import { runCommand } from './run-command.ts';
import { pathOf, tool } from './tool.ts';

/** What is looked at: its path as it is printed, and how deep below the start. */
interface Found {
  path: string;
  node: FileNode;
  level: number;
}

type Test = (found: Found) => boolean | Promise<boolean>;

/** What stands in front of the numbers of `-mtime` and `-size`: more, less or just as many. */
function compares(text: string, value: number): boolean {
  const number = Number(/\d+/.exec(text)?.[0] ?? 0);
  return text.startsWith('+') ? value > number : text.startsWith('-') ? value < number : value === number;
}

const KINDS: Readonly<Record<string, FileNode['kind']>> = { f: 'file', d: 'directory', l: 'symlink', c: 'device' };
const SIZE_UNITS: Readonly<Record<string, number>> = { c: 1, w: 2, b: 512, k: 1024, M: 1024 ** 2, G: 1024 ** 3 };
const DAY_MS = 86_400_000;

/** Of find(1): names, paths, types, sizes, times, `! -a -o ( )`, `-exec`, `-delete`, `-prune`, depths. */
export const find = tool(async (process) => {
  const args = process.args.slice(1);
  const roots: string[] = [];
  while (args[0] !== undefined && !/^(-.|\(|!)/.test(args[0])) roots.push(args.shift() ?? '');
  const search = new Search(process, args);
  const test = search.expression();
  for (const root of roots.length === 0 ? ['.'] : roots) {
    try {
      const node = process.container.files.find(pathOf(process, root), { follow: false, uid: process.uid });
      await search.visit({ path: root, node, level: 0 }, test);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      await process.printError(
        isGnu(process) ? `find: '${root}': ${error.message}\n` : `find: ${root}: ${error.message}\n`,
      );
      search.status = 1;
    }
  }
  await search.finish();
  return search.status;
});

class Search {
  status = 0;
  readonly #process: Process;
  readonly #words: string[];
  #hasAction = false;
  #maxDepth = Infinity;
  #minDepth = 0;
  #deepFirst = false;
  #pruned = false;
  #ended = false;
  /** Of `-exec … +`: the command and the paths so far. */
  readonly #batches: { command: string[]; paths: string[] }[] = [];

  constructor(process: Process, words: string[]) {
    this.#process = process;
    this.#words = words;
  }

  expression(): Test {
    const test: Test = this.#words.length === 0 ? () => true : this.#either();
    if (this.#words.length > 0) this.#unknown(this.#words[0] ?? '');
    if (this.#hasAction) return test;
    return async (found) => {
      if (await test(found)) await this.#process.printLater(`${found.path}\n`);
      return true;
    };
  }

  async visit(found: Found, test: Test): Promise<void> {
    const { node, path, level } = found;
    if (this.#ended) return;
    this.#pruned = false;
    if (!this.#deepFirst && level >= this.#minDepth) await test(found);
    if (node.kind === 'directory' && level < this.#maxDepth && !this.#pruned) {
      // A copy of the names: what is found may be deleted.
      for (const [name, child] of Array.from(this.#process.container.files.entries(node))) {
        await this.visit(
          { path: path.endsWith('/') ? path + name : `${path}/${name}`, node: child, level: level + 1 },
          test,
        );
      }
    }
    if (this.#deepFirst && level >= this.#minDepth) await test(found);
    await this.#process.account(64);
  }

  async finish(): Promise<void> {
    for (const { command, paths } of this.#batches) {
      if (paths.length > 0) await this.#run(command.flatMap((word) => (word === '{}' ? paths : [word])));
    }
  }

  #either(): Test {
    let left = this.#both();
    while (this.#words[0] === '-o' || this.#words[0] === '-or') {
      this.#words.shift();
      const [first, second] = [left, this.#both()];
      left = async (found) => (await first(found)) || second(found);
    }
    return left;
  }

  #both(): Test {
    let left = this.#one();
    while (this.#words.length > 0 && !['-o', '-or', ')'].includes(this.#words[0] ?? '')) {
      if (this.#words[0] === '-a' || this.#words[0] === '-and') this.#words.shift();
      const [first, second] = [left, this.#one()];
      left = async (found) => (await first(found)) && second(found);
    }
    return left;
  }

  #one(): Test {
    const word = this.#words.shift() ?? '';
    if (word === '!' || word === '-not') {
      const test = this.#one();
      return async (found) => !(await test(found));
    }
    if (word === '(') {
      const test = this.#either();
      if (this.#words.shift() !== ')')
        this.#fail("invalid expression; you have used a '(' without a ')'", "unpaired '('");
      return test;
    }
    return this.#primary(word);
  }

  #primary(word: string): Test {
    const base = (path: string): string => path.split('/').findLast(Boolean) ?? '/';
    const always: Test = () => true;
    switch (word) {
      case '-name': {
        const pattern = this.#argument(word);
        return ({ path }) => matchesPattern(pattern, base(path));
      }
      case '-iname': {
        const pattern = this.#argument(word).toLowerCase();
        return ({ path }) => matchesPattern(pattern, base(path).toLowerCase());
      }
      case '-path':
      case '-wholename': {
        const pattern = this.#argument(word);
        return ({ path }) => matchesPattern(pattern, path);
      }
      case '-type': {
        const kinds = this.#argument(word)
          .split(',')
          .map((letter) => KINDS[letter]);
        return ({ node }) => kinds.includes(node.kind);
      }
      case '-empty':
        return ({ node }) =>
          node.kind === 'directory'
            ? [...this.#process.container.files.entries(node)].length === 0
            : node.kind === 'file' && node.content.length === 0;
      case '-size': {
        const text = this.#argument(word);
        const unit = SIZE_UNITS[text.at(-1) ?? ''] ?? 512;
        return ({ node }) => compares(text, Math.ceil(sizeOf(node) / unit));
      }
      case '-mtime':
      case '-mmin': {
        const text = this.#argument(word);
        const unit = word === '-mtime' ? DAY_MS : 60_000;
        return ({ node }) => compares(text, Math.floor((this.#process.container.clock.now() - node.modified) / unit));
      }
      case '-newer': {
        const { modified } = this.#process.container.files.find(pathOf(this.#process, this.#argument(word)));
        return ({ node }) => node.modified > modified;
      }
      case '-perm': {
        const text = this.#argument(word);
        const mode = Number.parseInt(text.replace(/^[-/]/, ''), 8);
        return ({ node }) =>
          text.startsWith('-')
            ? (node.mode & mode) === mode
            : text.startsWith('/')
              ? (node.mode & mode) !== 0
              : (node.mode & 0o7777) === mode;
      }
      case '-maxdepth':
        this.#maxDepth = Number(this.#argument(word));
        return always;
      case '-mindepth':
        this.#minDepth = Number(this.#argument(word));
        return always;
      case '-depth':
        this.#deepFirst = true;
        return always;
      case '-xdev':
      case '-mount':
        return always;
      case '-true':
        return always;
      case '-prune':
        return () => {
          this.#pruned = true;
          return true;
        };
      case '-quit':
        this.#hasAction = true;
        return () => {
          this.#ended = true;
          return true;
        };
      case '-print':
      case '-print0':
        this.#hasAction = true;
        return async ({ path }) => {
          await this.#process.printLater(path + (word === '-print' ? '\n' : '\0'));
          return true;
        };
      case '-delete':
        this.#hasAction = true;
        this.#deepFirst = true;
        return ({ path }) => this.#delete(path);
      case '-exec':
        this.#hasAction = true;
        return this.#exec();
      default:
        return this.#unknown(word);
    }
  }

  async #delete(path: string): Promise<boolean> {
    try {
      this.#process.container.files.remove(pathOf(this.#process, path), { uid: this.#process.uid });
      return true;
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      await this.#process.printError(`find: cannot delete '${path}': ${error.message}\n`);
      this.status = 1;
      return false;
    }
  }

  #exec(): Test {
    const end = this.#words.findIndex(
      (word, index) => word === ';' || (word === '+' && this.#words[index - 1] === '{}'),
    );
    if (end === -1) this.#fail("missing argument to `-exec'", "missing argument to '-exec'");
    const command = this.#words.splice(0, end);
    if (this.#words.shift() === '+') {
      const batch = { command, paths: [] as string[] };
      this.#batches.push(batch);
      return ({ path }) => {
        batch.paths.push(path);
        return true;
      };
    }
    return async ({ path }) => (await this.#run(command.map((word) => word.replaceAll('{}', path)))) === 0;
  }

  async #run(command: readonly string[]): Promise<number> {
    await this.#process.flush();
    return runCommand(this.#process, command);
  }

  #argument(option: string): string {
    const value = this.#words.shift();
    return value ?? this.#fail(`missing argument to \`${option}'`, `${option} requires an argument`);
  }

  #unknown(word: string): never {
    return this.#fail(`unknown predicate \`${word}'`, `unrecognized: ${word}`);
  }

  #fail(gnu: string, busybox: string): never {
    throw new UsageError(`find: ${isGnu(this.#process) ? gnu : busybox}\n`, 1);
  }
}

function sizeOf(node: FileNode): number {
  return node.kind === 'file' ? node.content.length : node.kind === 'directory' ? 4096 : 0;
}
