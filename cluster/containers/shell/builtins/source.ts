import { FileError, resolvePath } from '../../files/file-system.ts';
import { shellMessage } from '../dialect.ts';
import { FunctionReturn, ShellExit } from '../running/control-flow.ts';
import type { Shell } from '../shell.ts';
import { complain } from './complaints.ts';

/** `.`, and of all but dash `source`: runs a file in this shell. */
export async function source(shell: Shell, words: readonly string[]): Promise<number> {
  const [name = '.', path, ...args] = words;
  if (path === undefined) {
    if (shell.dialect === 'dash') return 0;
    if (shell.dialect === 'ash') return 2;
    await complain(shell, name, 'filename argument required');
    await shell.process.printError(`${name}: usage: ${name} filename [arguments]\n`);
    return 2;
  }
  let content: Uint8Array;
  try {
    content = shell.process.container.files.read(resolvePath(shell.process.workingDirectory, path), shell.process.uid);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    const text =
      shell.dialect === 'bash'
        ? `${path}: ${error.message}`
        : shell.dialect === 'ash'
          ? `can't open '${path}': ${error.message}`
          : `cannot open ${path}: No such file`;
    if (shell.dialect === 'bash') await shell.process.printError(shellMessage(shell.messages, text));
    else await complain(shell, words[0] ?? '.', text);
    if (shell.dialect === 'bash' || shell.interactive) return 1;
    throw new ShellExit(2);
  }
  const outer = shell.positional;
  if (args.length > 0) shell.positional = args;
  shell.sources += 1;
  try {
    return await shell.runSource(shell, Buffer.from(content).toString('utf8'));
  } catch (error) {
    if (error instanceof FunctionReturn) return error.status;
    throw error;
  } finally {
    shell.sources -= 1;
    if (args.length > 0) shell.positional = outer;
  }
}
