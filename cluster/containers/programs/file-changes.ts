import { FileError, type FileNode } from '../files/file-system.ts';
import type { Process } from '../process/process.ts';
import { isGnu, parseOptions, toolName } from './options.ts';
import { pathOf, readFile, tool } from './tool.ts';

/** Programs that change the file tree. */

/** What a tool will not do, in its words. */
class Refusal extends FileError {
  readonly text: string;
  constructor(text: string) {
    super('EISDIR');
    this.text = text;
  }
}

/** Applies `change` to each operand; a failure is told in the tool's words and the rest goes on. */
async function each(
  process: Process,
  operands: readonly string[],
  words: { gnu: string; busybox: string },
  change: (path: string, operand: string) => void,
): Promise<number> {
  let status = 0;
  if (operands.length === 0) {
    await process.printError(
      isGnu(process)
        ? `${toolName(process)}: missing operand\nTry '${toolName(process)} --help' for more information.\n`
        : `${toolName(process)}: missing operand\n`,
    );
    return 1;
  }
  for (const operand of operands) {
    try {
      change(pathOf(process, operand), operand);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      const said = isGnu(process) ? words.gnu : words.busybox;
      // BusyBox' shorter messages have the bare name.
      const text =
        error instanceof Refusal
          ? error.text
          : said === ''
            ? `${toolName(process) === 'rmdir' ? `'${operand}'` : operand}: ${error.message}`
            : `${said} '${operand}': ${error.message}`;
      await process.printError(`${toolName(process)}: ${text}\n`);
      status = 1;
    }
  }
  return status;
}

export const mkdir = tool((process) => {
  const { options, operands } = parseOptions(process, 'pm:v', { long: { parents: 'p', 'mode=': 'm' } });
  const mode = Number.parseInt(options.get('m') ?? '755', 8);
  const { files } = process.container;
  const made: string[] = [];
  const status = each(
    process,
    operands,
    { gnu: 'cannot create directory', busybox: "can't create directory" },
    (path, operand) => {
      if (options.has('p')) files.makeDirectories(path, process.uid, mode);
      else files.makeDirectory(path, process.uid, mode);
      made.push(operand);
    },
  );
  if (!options.has('v')) return status;
  const prefix = isGnu(process) ? 'mkdir: ' : '';
  return status.then(async (code) => {
    for (const name of made)
      await process.print(
        `${prefix}created directory: '${name}'\n`.replace(isGnu(process) ? 'directory: ' : '\0', 'directory '),
      );
    return code;
  });
});

export const rmdir = tool((process) => {
  const { operands } = parseOptions(process, 'p');
  const { files } = process.container;
  return each(process, operands, { gnu: 'failed to remove', busybox: '' }, (path) => {
    if (files.find(path).kind !== 'directory') throw new FileError('ENOTDIR');
    files.remove(path, { uid: process.uid });
  });
});

export const rm = tool(async (process) => {
  const { options, operands } = parseOptions(process, 'rRfiv', { long: { recursive: 'r', force: 'f' } });
  const recursive = options.has('r') || options.has('R');
  const { files } = process.container;
  if (operands.length === 0 && options.has('f')) return 0;
  return each(process, operands, { gnu: 'cannot remove', busybox: "can't remove" }, (path, operand) => {
    try {
      if (files.find(path, { follow: false, uid: process.uid }).kind === 'directory' && !recursive) {
        throw isGnu(process) ? new FileError('EISDIR') : new Refusal(`'${operand}' is a directory`);
      }
      files.remove(path, { recursive, uid: process.uid });
    } catch (error) {
      if (error instanceof FileError && error.code === 'ENOENT' && options.has('f')) return;
      throw error;
    }
  });
});

export const touch = tool((process) => {
  const { operands } = parseOptions(process, 'acmr:t:d:');
  return each(process, operands, { gnu: 'cannot touch', busybox: '' }, (path) =>
    process.container.files.touch(path, process.uid),
  );
});

/** The path that a copy gets: inside the target when that is a folder. */
function targetOf(process: Process, source: string, target: string): string {
  const { files } = process.container;
  const path = pathOf(process, target);
  if (files.exists(path) && files.find(path).kind === 'directory') {
    return `${path === '/' ? '' : path}/${source.replace(/\/+$/, '').split('/').at(-1) ?? ''}`;
  }
  return path;
}

/** What is wrong with where `cp` and `mv` are to put things; null when nothing is. */
function targetProblem(process: Process, operands: readonly string[]): string | null {
  if (!isGnu(process) || operands.length === 0) return null;
  const name = toolName(process);
  if (operands.length === 1) {
    return `${name}: missing destination file operand after '${operands[0] ?? ''}'\nTry '${name} --help' for more information.\n`;
  }
  const target = operands.at(-1) ?? '';
  const { files } = process.container;
  const path = pathOf(process, target);
  if (operands.length === 2 || (files.exists(path) && files.find(path).kind === 'directory')) return null;
  return `${name}: target '${target}': ${files.exists(path) ? 'Not a directory' : 'No such file or directory'}\n`;
}

export const cp = tool((process) => {
  const { options, operands } = parseOptions(process, 'rRapfdvL', { long: { recursive: 'r', archive: 'a' } });
  const recursive = options.has('r') || options.has('R') || options.has('a');
  const wrong = targetProblem(process, operands);
  if (wrong !== null) return process.printError(wrong).then(() => 1);
  const target = operands.pop() ?? '';
  const { files } = process.container;
  const copy = (node: FileNode, from: string, to: string): void => {
    if (node.kind !== 'directory') {
      files.write(to, readFile(process, from), { uid: process.uid, mode: node.mode & 0o777 });
      return;
    }
    if (!files.exists(to)) files.makeDirectory(to, process.uid);
    for (const [name, child] of files.entries(node)) copy(child, `${from}/${name}`, `${to}/${name}`);
  };
  return each(process, operands, { gnu: 'cannot stat', busybox: "can't stat" }, (path, operand) => {
    const node = files.find(path, { uid: process.uid });
    if (node.kind === 'directory' && !recursive) {
      throw new Refusal(`${isGnu(process) ? '-r not specified; ' : ''}omitting directory '${operand}'`);
    }
    const to = targetOf(process, operand, target);
    if (to === path || to.startsWith(`${path}/`)) throw new FileError('EEXIST');
    copy(node, path, to);
  });
});

export const mv = tool((process) => {
  const { operands } = parseOptions(process, 'fivnT');
  const wrong = targetProblem(process, operands);
  if (wrong !== null) return process.printError(wrong).then(() => 1);
  const target = operands.pop() ?? '';
  return each(process, operands, { gnu: 'cannot stat', busybox: "can't rename" }, (path, operand) => {
    const to = targetOf(process, operand, target);
    if (to === path || to.startsWith(`${path}/`)) throw new FileError('EEXIST');
    process.container.files.rename(path, to, process.uid);
  });
});

export const ln = tool((process) => {
  const { options, operands } = parseOptions(process, 'sfnv');
  const [source = '', target = ''] = operands;
  const { files } = process.container;
  return each(process, [target], { gnu: 'failed to create link', busybox: '' }, () => {
    const path = targetOf(process, source, target);
    if (options.has('f') && files.exists(path)) files.remove(path, { uid: process.uid });
    if (files.exists(path)) throw new FileError('EEXIST');
    if (options.has('s')) files.symlink(source, path, process.uid);
    else files.write(path, readFile(process, source), { uid: process.uid });
  });
});

export const chmod = tool((process) => {
  const { operands } = parseOptions(process, 'R');
  const mode = operands.shift() ?? '';
  if (operands.length === 0 && mode !== '' && isGnu(process)) {
    return process
      .printError(`chmod: missing operand after '${mode}'\nTry 'chmod --help' for more information.\n`)
      .then(() => 1);
  }
  if (mode !== '' && !/^([0-7]+|[ugoa]*[-+=][rwxXst]*(,[ugoa]*[-+=][rwxXst]*)*)$/.test(mode)) {
    return process
      .printError(
        isGnu(process)
          ? `chmod: invalid mode: '${mode}'\nTry 'chmod --help' for more information.\n`
          : `chmod: invalid mode '${mode}'\n`,
      )
      .then(() => 1);
  }
  return each(process, operands, { gnu: 'cannot access', busybox: '' }, (path) => {
    const node = process.container.files.find(path, { uid: process.uid });
    if (process.uid !== 0 && node.uid !== process.uid) throw new FileError('EACCES');
    node.mode = changedMode(node.mode, mode);
  });
});

/** `755`, `+x`, `u+rw,go-w` applied to a mode. */
function changedMode(mode: number, change: string): number {
  if (/^[0-7]+$/.test(change)) return Number.parseInt(change, 8);
  let result = mode;
  for (const clause of change.split(',')) {
    const [, who = '', operator = '', rights = ''] = /^([ugoa]*)([-+=])([rwxXst]*)$/.exec(clause) ?? [];
    const shifts = [...(who === '' || who.includes('a') ? 'ugo' : who)].map(
      (part) => ({ u: 6, g: 3, o: 0 })[part] ?? 0,
    );
    const bits = [...rights].reduce((sum, right) => sum | ({ r: 4, w: 2, x: 1 }[right] ?? 0), 0);
    for (const shift of shifts) {
      if (operator === '+') result |= bits << shift;
      else if (operator === '-') result &= ~(bits << shift);
      else result = (result & ~(7 << shift)) | (bits << shift);
    }
  }
  return result;
}
