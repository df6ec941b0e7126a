import { FileError, resolvePath } from '../../files/file-system.ts';
import { changeDirectoryError } from '../dialect.ts';
import type { Shell } from '../shell.ts';
import type { Builtin } from './builtin.ts';

/** `cd` */
export async function changeDirectory(shell: Shell, words: readonly string[]): Promise<number> {
  const { process } = shell;
  const word = words[1] ?? shell.variables.get('HOME') ?? '/';
  const target = word === '-' ? (shell.variables.get('OLDPWD') ?? process.workingDirectory) : word;
  const path = resolvePath(process.workingDirectory, target);
  try {
    const node = process.container.files.find(path, { uid: process.uid });
    if (node.kind !== 'directory') throw new FileError('ENOTDIR');
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    await process.printError(changeDirectoryError(shell.messages, target, error));
    return shell.dialect === 'bash' ? 1 : 2;
  }
  shell.variables.set('OLDPWD', process.workingDirectory);
  process.workingDirectory = path;
  shell.variables.set('PWD', path);
  if (word === '-') await process.print(`${path}\n`);
  return 0;
}

/** `pwd` */
export const printFolder: Builtin = async (shell) => {
  await shell.process.print(`${shell.process.workingDirectory}\n`);
  return 0;
};
