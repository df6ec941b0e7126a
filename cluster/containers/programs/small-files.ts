import { gunzipSync, gzipSync } from 'node:zlib';
import { FileError, resolvePath } from '../files/file-system.ts';
import type { Process, Program } from '../process/process.ts';
import { userName } from './basic.ts';
import { isGnu, parseOptions, toolName } from './options.ts';
import { complain, openInput, pathOf, readFile, tool } from './tool.ts';

/** What people ask of paths, and programs that pack a file. */

export const readlink = tool(async (process) => {
  const { options, operands } = parseOptions(process, 'fenqsz');
  const { files } = process.container;
  let status = 0;
  for (const operand of operands) {
    const path = pathOf(process, operand);
    try {
      if (options.has('f') || options.has('e')) await process.print(`${realPath(process, path)}\n`);
      else {
        const node = files.find(path, { follow: false, uid: process.uid });
        if (node.kind === 'symlink') await process.print(`${node.target}\n`);
        else status = 1;
      }
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      status = 1;
    }
  }
  return status;
});

export const realpath = tool(async (process) => {
  const { operands } = parseOptions(process, 'emqsz');
  let status = 0;
  for (const operand of operands.length === 0 ? ['.'] : operands) {
    try {
      await process.print(`${realPath(process, pathOf(process, operand))}\n`);
    } catch (error) {
      await complain(process, '', operand, error);
      status = 1;
    }
  }
  return status;
});

/** The path without links; what it ends in need not be there. @throws FileError */
function realPath(process: Process, path: string, depth = 0): string {
  const { files } = process.container;
  const parts = path.split('/').filter(Boolean);
  let real = '/';
  for (const [index, part] of parts.entries()) {
    const next = resolvePath(real, part);
    if (!files.exists(next)) {
      if (index < parts.length - 1) throw new FileError('ENOENT');
      return next;
    }
    const node = files.find(next, { follow: false, uid: process.uid });
    // Linux follows 40 links.
    if (depth > 40) throw new FileError('ELOOP');
    real = node.kind === 'symlink' ? realPath(process, resolvePath(real, node.target), depth + 1) : next;
  }
  return real;
}

export const mktemp = tool(async (process) => {
  const { options, operands } = parseOptions(process, 'dup:qt');
  const folder = options.get('p') ?? process.environment.get('TMPDIR') ?? '/tmp';
  const template = operands[0] ?? (isGnu(process) ? 'tmp.XXXXXXXXXX' : 'tmp.XXXXXX');
  const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
  const name = template.replace(/X{3,}$/, (run) =>
    [...process.container.randomBytes(run.length)].map((byte) => letters[byte % letters.length] ?? '').join(''),
  );
  const shown = operands.length > 0 && !options.has('p') && !options.has('t') ? name : `${folder}/${name}`;
  const { files } = process.container;
  try {
    if (options.has('u')) await process.print(`${shown}\n`);
    else {
      if (options.has('d')) files.makeDirectory(pathOf(process, shown), process.uid, 0o700);
      else files.write(pathOf(process, shown), Buffer.alloc(0), { uid: process.uid, mode: 0o600 });
      await process.print(`${shown}\n`);
    }
    return 0;
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    const what = options.has('d') ? 'directory' : 'file';
    await process.printError(
      isGnu(process)
        ? `mktemp: failed to create ${what} via template '${shown}': ${error.message}\n`
        : `mktemp: (null): ${error.message}\n`,
    );
    return 1;
  }
});

export const truncate = tool(async (process) => {
  const { options, operands } = parseOptions(process, 's:c');
  const size = Number.parseInt(options.get('s') ?? '0', 10);
  const { files } = process.container;
  for (const operand of operands) {
    const path = pathOf(process, operand);
    const content = files.exists(path) ? Buffer.from(files.read(path, process.uid)) : Buffer.alloc(0);
    const next =
      size <= content.length
        ? content.subarray(0, size)
        : Buffer.concat([content, Buffer.alloc(size - content.length)]);
    files.write(path, next, { uid: process.uid });
  }
  return 0;
});

export const cmp = tool(async (process) => {
  const { options, operands } = parseOptions(process, 'ls', { status: 2 });
  const contents: Uint8Array[] = [];
  for (const operand of operands.slice(0, 2)) {
    try {
      contents.push(await readOperand(process, operand));
    } catch (error) {
      await complain(process, '', operand, error);
      return 2;
    }
  }
  const [left = new Uint8Array(), right = new Uint8Array()] = contents;
  for (let index = 0, line = 1; index < Math.max(left.length, right.length); index += 1) {
    if (left[index] === right[index]) {
      if (left[index] === 10) line += 1;
      continue;
    }
    if (options.has('s')) return 1;
    const ended = index >= left.length ? operands[0] : index >= right.length ? operands[1] : undefined;
    if (ended !== undefined) {
      await process.printError(
        isGnu(process) ? `cmp: EOF on ${ended} after byte ${index}, line ${line - 1}\n` : `cmp: EOF on ${ended}\n`,
      );
    } else {
      const what = isGnu(process) && process.environment.get('LANG') !== undefined ? 'byte' : 'char';
      await process.print(`${operands[0] ?? ''} ${operands[1] ?? ''} differ: ${what} ${index + 1}, line ${line}\n`);
    }
    return 1;
  }
  return 0;
});

async function readOperand(process: Process, operand: string): Promise<Uint8Array> {
  return operand === '-' ? process.readAll() : readFile(process, operand);
}

/** `gzip`, `gunzip` and `zcat`, by the name they are called. */
export const gzip = tool(async (process) => {
  const { options, operands } = parseOptions(process, 'cdfkqtv123456789n', {
    long: { stdout: 'c', decompress: 'd', keep: 'k', force: 'f' },
  });
  const name = toolName(process);
  const unpacks = name !== 'gzip' || options.has('d');
  const toOutput = name === 'zcat' || options.has('c');
  const convert = (bytes: Uint8Array): Buffer =>
    unpacks ? gunzipSync(bytes, { maxOutputLength: 16 * 1024 * 1024 }) : gzipSync(bytes);
  const { files } = process.container;
  let status = 0;
  for (const operand of operands.length === 0 ? ['-'] : operands) {
    try {
      const source =
        unpacks && operand !== '-' && !files.exists(pathOf(process, operand)) && isGnu(process)
          ? `${operand}.gz`
          : operand;
      const bytes = await readOperandOf(process, source);
      const converted = convert(bytes);
      if (toOutput || operand === '-') await process.print(converted);
      else {
        const target = unpacks ? source.replace(/\.gz$/, '').replace(/\.tgz$/, '.tar') : `${operand}.gz`;
        files.write(pathOf(process, target), converted, { uid: process.uid });
        if (!options.has('k')) files.remove(pathOf(process, source), { uid: process.uid });
      }
    } catch (error) {
      status = 1;
      const own = isGnu(process) ? 'gzip' : name;
      if (error instanceof FileError) {
        const shown = unpacks && isGnu(process) && !operand.endsWith('.gz') ? `${operand}.gz` : operand;
        await process.printError(`${own}: ${shown}: ${error.message}\n`);
      } else {
        const where = operand === '-' ? 'stdin' : operand;
        await process.printError(isGnu(process) ? `\ngzip: ${where}: not in gzip format\n` : `${own}: invalid magic\n`);
      }
    }
  }
  return status;
});

async function readOperandOf(process: Process, operand: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const next = openInput(process, operand);
  for (let bytes = await next(); bytes !== null; bytes = await next()) chunks.push(bytes);
  return Buffer.concat(chunks);
}

const says =
  (text: (process: Process) => string): Program =>
  async (process) => {
    await process.print(`${text(process)}\n`);
    return 0;
  };

export const arch = says(() => 'x86_64');
/** The simulated node has two processors. */
export const nproc = says(() => '2');
export const groups = says((process) => userName(process, process.uid));

export const tty: Program = async (process) => {
  const isTerminal = process.isTerminal(0);
  await process.print(isTerminal ? '/dev/pts/0\n' : 'not a tty\n');
  return isTerminal ? 0 : 1;
};

export const sync: Program = () => 0;
