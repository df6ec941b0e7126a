/** `tar`, as `kubectl cp` and people call it: create, extract and list, from and to files or a pipe. No compression. */
import { DISK_BYTES, FileError, type FileNode, resolvePath } from '../../files/file-system.ts';
import type { Process } from '../../process/process.ts';
import { isGnu, type ParsedOptions, parseOptions, UsageError } from '../options.ts';
import { pathOf, readFile, tool } from '../tool.ts';
import {
  ArchiveError,
  type ArchiveEntry,
  type ArchiveSource,
  paddingOf,
  readEntries,
  renderHeader,
} from './archive.ts';

/** GNU tar fills its last record, 20 blocks; BusyBox ends with two empty blocks. */
const GNU_RECORD_BYTES = 10_240;
const END_BYTES = 1024;

const LONG = {
  create: 'c',
  extract: 'x',
  get: 'x',
  list: 't',
  verbose: 'v',
  touch: 'm',
  'file=': 'f',
  'directory=': 'C',
  'preserve-permissions': 'p',
  'same-permissions': 'p',
  'no-same-permissions': 'no-same-permissions',
  'no-same-owner': 'o',
  'to-stdout': 'O',
};

export const tar = tool(async (process) => {
  // The first word needs no dash: `tar xf -`.
  const [name = 'tar', first = '', ...rest] = process.args;
  if (first !== '' && !first.startsWith('-')) process.args = [name, ...oldStyle(first, rest)];
  const parsed = parseOptions(process, 'cxtvmpoOf:C:', { long: LONG, status: isGnu(process) ? 64 : 1 });
  const modes = ['c', 'x', 't'].filter((mode) => parsed.options.has(mode));
  if (modes.length !== 1) throw new UsageError(usage(process), isGnu(process) ? 2 : 1);
  const run = new Run(process, parsed);
  try {
    if (modes[0] === 'c') await run.create();
    else await run.read(modes[0] === 't');
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    await process.printError(
      isGnu(process)
        ? 'tar: This does not look like a tar archive\ntar: Exiting with failure status due to previous errors\n'
        : `tar: ${error.message}\n`,
    );
    return isGnu(process) ? 2 : 1;
  }
  return run.status();
});

/** `xfC FILE DIR` is `-x -f FILE -C DIR`: the letters take their values in order. */
function oldStyle(letters: string, words: readonly string[]): string[] {
  const rest = [...words];
  const options = [...letters].flatMap((letter) => {
    const value = letter === 'f' || letter === 'C' ? rest.shift() : undefined;
    return value === undefined ? [`-${letter}`] : [`-${letter}`, value];
  });
  return [...options, ...rest];
}

function usage(process: Process): string {
  return isGnu(process)
    ? "tar: You must specify one of the '-Acdtrux', '--delete' or '--test-label' options\nTry 'tar --help' or 'tar --usage' for more information.\n"
    : 'tar: need at least one option\n';
}

class Run {
  readonly #process: Process;
  readonly #options: Map<string, string>;
  readonly #operands: readonly string[];
  readonly #directory: string;
  readonly #archive: string;
  #failed = false;
  #written = 0;
  #parts: Uint8Array[] = [];
  #saidLeadingSlash = false;

  constructor(process: Process, { options, operands }: ParsedOptions) {
    this.#process = process;
    this.#options = options;
    this.#operands = operands;
    this.#directory = pathOf(process, options.get('C') ?? '.');
    this.#archive = options.get('f') ?? '-';
  }

  async status(): Promise<number> {
    if (!this.#failed) return 0;
    const gnu = isGnu(this.#process);
    await this.#process.printError(
      gnu
        ? 'tar: Exiting with failure status due to previous errors\n'
        : 'tar: error exit delayed from previous errors\n',
    );
    return gnu ? 2 : 1;
  }

  async create(): Promise<void> {
    if (this.#operands.length === 0) {
      throw new UsageError(
        isGnu(this.#process)
          ? "tar: Cowardly refusing to create an empty archive\nTry 'tar --help' or 'tar --usage' for more information.\n"
          : 'tar: empty archive\n',
        isGnu(this.#process) ? 2 : 1,
      );
    }
    for (const operand of this.#operands) await this.#add(operand);
    const end = isGnu(this.#process)
      ? GNU_RECORD_BYTES - ((this.#written + END_BYTES) % GNU_RECORD_BYTES || GNU_RECORD_BYTES) + END_BYTES
      : END_BYTES;
    await this.#write(Buffer.alloc(end));
    if (this.#archive === '-') return;
    const { files } = this.#process.container;
    files.write(pathOf(this.#process, this.#archive), Buffer.concat(this.#parts), { uid: this.#process.uid });
  }

  async #write(bytes: Uint8Array): Promise<void> {
    this.#written += bytes.length;
    if (this.#archive === '-') await this.#process.print(bytes);
    else this.#parts.push(bytes);
  }

  async #add(operand: string): Promise<void> {
    const process = this.#process;
    const { files } = process.container;
    const path = resolvePath(this.#directory, operand);
    let node: FileNode;
    let content: Uint8Array = Buffer.alloc(0);
    try {
      node = files.find(path, { follow: false, uid: process.uid });
      if (node.kind === 'device') return;
      if (node.kind === 'file') content = files.read(path, process.uid);
    } catch (error) {
      return this.#complain(operand, 'Cannot stat', error);
    }
    let name = operand.replace(/\/+$/, '') || '/';
    if (name.startsWith('/')) {
      name = name.replace(/^\/+/, '') || '.';
      await this.#sayLeadingSlash();
    }
    const entry: ArchiveEntry = {
      name: node.kind === 'directory' ? `${name}/` : name,
      kind: node.kind,
      mode: node.mode,
      uid: node.uid,
      modified: Math.floor(node.modified / 1000),
      size: content.length,
      target: node.kind === 'symlink' ? node.target : '',
    };
    if (this.#options.has('v')) await this.#say(entry.name);
    await this.#write(renderHeader(entry));
    if (content.length > 0) await this.#write(content);
    if (paddingOf(content.length) > 0) await this.#write(Buffer.alloc(paddingOf(content.length)));
    if (node.kind !== 'directory') return;
    for (const child of [...files.entries(node).keys()].toSorted()) {
      await this.#add(`${operand.replace(/\/+$/, '')}/${child}`);
    }
  }

  async #sayLeadingSlash(): Promise<void> {
    if (this.#saidLeadingSlash) return;
    this.#saidLeadingSlash = true;
    await this.#process.printError(
      isGnu(this.#process)
        ? "tar: Removing leading `/' from member names\n"
        : "tar: removing leading '/' from member names\n",
    );
  }

  /** Names go where the archive does not. */
  async #say(name: string): Promise<void> {
    if (this.#options.has('c') && this.#archive === '-') await this.#process.printError(`${name}\n`);
    else await this.#process.print(`${name}\n`);
  }

  async read(list: boolean): Promise<void> {
    const source = this.#archive === '-' ? pipeSource(this.#process) : this.#fileSource();
    for await (const entry of readEntries(source)) {
      const wanted = this.#operands.length === 0 || this.#operands.some((operand) => covers(operand, entry.name));
      if (wanted && list) await this.#say(this.#options.has('v') ? longLine(this.#process, entry) : entry.name);
      else if (wanted && this.#options.has('v')) await this.#say(entry.name);
      const content = await takeContent(source, entry.size);
      if (wanted && !list) await this.#extract(entry, content);
      await this.#process.breathe();
    }
    // What pads the archive, so that its writer does not hear of a broken pipe.
    while ((await source.take(END_BYTES)) !== null);
  }

  #fileSource(): ArchiveSource {
    try {
      return bytesSource(Buffer.from(readFile(this.#process, this.#archive)));
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      const what = isGnu(this.#process)
        ? `tar: ${this.#archive}: Cannot open: ${error.message}\ntar: Error is not recoverable: exiting now\n`
        : `tar: can't open '${this.#archive}': ${error.message}\n`;
      throw new UsageError(what, isGnu(this.#process) ? 2 : 1);
    }
  }

  async #extract(entry: ArchiveEntry, content: Buffer | null): Promise<void> {
    const process = this.#process;
    const { files } = process.container;
    const { uid } = process;
    if (this.#options.has('O')) return process.print(content ?? Buffer.alloc(0));
    const name = entry.name.replace(/^\/+/, '');
    if (name !== entry.name) await this.#sayLeadingSlash();
    if (name.split('/').includes('..'))
      return this.#complain(entry.name, 'Member name contains ..', new FileError('EACCES'));
    const path = resolvePath(this.#directory, name);
    try {
      const above = path.slice(0, path.lastIndexOf('/')) || '/';
      if (!files.exists(above)) files.makeDirectories(above, uid);
      if (entry.kind === 'directory') {
        if (!files.exists(path)) files.makeDirectory(path, uid, entry.mode);
      } else if (entry.kind === 'symlink') {
        if (files.exists(path)) files.remove(path, { uid });
        files.symlink(entry.target, path, uid);
      } else {
        if (content === null) throw new FileError('ENOSPC');
        files.write(path, content, { uid, mode: entry.mode });
        const node = files.find(path, { uid });
        node.mode = uid === 0 && !this.#options.has('no-same-permissions') ? entry.mode : entry.mode & ~0o022;
        if (!this.#options.has('m')) node.modified = entry.modified * 1000;
      }
    } catch (error) {
      await this.#complain(entry.name, 'Cannot open', error);
    }
  }

  async #complain(name: string, gnuAction: string, error: unknown): Promise<void> {
    if (!(error instanceof FileError)) throw error;
    this.#failed = true;
    const extracting = this.#options.has('x');
    await this.#process.printError(
      isGnu(this.#process)
        ? `tar: ${name}: ${gnuAction}: ${error.message}\n`
        : `tar: ${extracting ? `can't open '${name}'` : name}: ${error.message}\n`,
    );
  }
}

function covers(operand: string, name: string): boolean {
  const wanted = operand.replace(/\/+$/, '');
  return name === wanted || name.startsWith(`${wanted}/`);
}

function longLine(process: Process, { kind, mode, uid, size, modified, name, target }: ArchiveEntry): string {
  const type = { file: '-', directory: 'd', symlink: 'l' }[kind];
  const bits = 'rwxrwxrwx'.replaceAll(/./g, (letter, index: number) => ((mode >> (8 - index)) & 1 ? letter : '-'));
  const time = new Date(modified * 1000).toISOString().replace('T', ' ');
  const link = kind === 'symlink' ? ` -> ${target}` : '';
  const who = isGnu(process) && uid === 0 ? 'root/root' : `${uid}/${uid}`;
  const when = time.slice(0, isGnu(process) ? 16 : 19);
  const width = isGnu(process) ? Math.max(0, 18 - who.length) : 9;
  return `${type}${bits} ${who} ${String(size).padStart(width)} ${when} ${name}${link}`;
}

/** Null when it is more than a container's disk has; it is read past all the same. */
async function takeContent(source: ArchiveSource, size: number): Promise<Buffer | null> {
  const whole = size + paddingOf(size);
  if (size <= DISK_BYTES) {
    const bytes = await source.take(whole);
    if (bytes === null) throw new ArchiveError('short read');
    return bytes.subarray(0, size);
  }
  for (let left = whole; left > 0; left -= Math.min(left, DISK_BYTES)) {
    if ((await source.take(Math.min(left, DISK_BYTES))) === null) throw new ArchiveError('short read');
  }
  return null;
}

function bytesSource(bytes: Buffer): ArchiveSource {
  let offset = 0;
  return {
    take(count) {
      if (offset + count > bytes.length) return Promise.resolve(null);
      offset += count;
      return Promise.resolve(bytes.subarray(offset - count, offset));
    },
  };
}

function pipeSource(process: Process): ArchiveSource {
  let parts: Uint8Array[] = [];
  let size = 0;
  return {
    async take(count) {
      while (size < count) {
        const chunk = await process.read(0);
        if (chunk === null) return null;
        parts.push(chunk);
        size += chunk.length;
      }
      const all = parts.length === 1 && Buffer.isBuffer(parts[0]) ? parts[0] : Buffer.concat(parts);
      parts = [all.subarray(count)];
      size -= count;
      return all.subarray(0, count);
    },
  };
}
