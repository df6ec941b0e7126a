import { FileError, resolvePath } from '../../files/file-system.ts';
import type { Process } from '../../process/process.ts';
import type { ExpansionContext } from '../expansion.ts';
import type { Shell } from '../shell.ts';
import { substitute } from './command-substitution.ts';
import { parameterValue } from './special-parameters.ts';

/** What words of this shell are expanded with; the shell keeps the two options up to date. */
export function createExpansionContext(shell: Shell): ExpansionContext {
  return {
    dialect: shell.dialect,
    parameter: (parameter) => parameterValue(shell, parameter),
    assign: (variable, value) => shell.variables.set(variable, value),
    positional: () => shell.positional,
    substitute: (body) => substitute(shell, body),
    home: () => shell.variables.get('HOME'),
    readFolder: (path) => readFolder(shell.process, path),
    nounset: false,
    noglob: false,
  };
}

function readFolder(process: Process, path: string): string[] | null {
  const { files } = process.container;
  try {
    const node = files.find(resolvePath(process.workingDirectory, path), { uid: process.uid });
    return node.kind === 'directory' ? [...files.entries(node).keys()] : null;
  } catch (error) {
    if (error instanceof FileError) return null;
    throw error;
  }
}
