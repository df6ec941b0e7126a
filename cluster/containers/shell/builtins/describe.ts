import type { Shell } from '../shell.ts';
import { complain } from './complaints.ts';

/** Whether a shell has a builtin, and a special one; the table of them imports this file. */
export interface KnownBuiltins {
  has(name: string): boolean;
  isSpecial(name: string): boolean;
}

const KEYWORDS = new Set('! case do done elif else esac fi for if then until while { }'.split(' '));

/** What each name means: `type`, `command -v` and `command -V`. */
export async function describe(
  shell: Shell,
  names: readonly string[],
  verbose: boolean,
  builtins: KnownBuiltins,
): Promise<number> {
  let status = 0;
  for (const name of names) {
    const found = shell.process.container.findExecutable(
      name,
      shell.process.workingDirectory,
      shell.variables.get('PATH'),
      shell.process.uid,
    );
    const say = (what: string): Promise<void> => shell.process.print(verbose ? `${name} is ${what}\n` : `${name}\n`);
    if (KEYWORDS.has(name)) await say('a shell keyword');
    else if (shell.functions.has(name)) await say(shell.dialect === 'dash' ? 'a shell function' : 'a function');
    else if (builtins.has(name)) {
      await say(builtins.isSpecial(name) && shell.dialect !== 'bash' ? 'a special shell builtin' : 'a shell builtin');
    } else if (found.kind === 'program' || found.kind === 'script') {
      await shell.process.print(verbose ? `${name} is ${found.path}\n` : `${found.path}\n`);
    } else {
      if (verbose && shell.dialect === 'bash') await complain(shell, 'type', `${name}: not found`);
      else if (verbose) await shell.process.print(`${name}: not found\n`);
      status = shell.dialect === 'bash' ? 1 : 127;
    }
  }
  return status;
}

/** `type -t` */
export async function kindsOf(shell: Shell, names: readonly string[], builtins: KnownBuiltins): Promise<number> {
  let status = 0;
  for (const name of names) {
    const { container, workingDirectory, uid } = shell.process;
    const found = container.findExecutable(name, workingDirectory, shell.variables.get('PATH'), uid);
    if (KEYWORDS.has(name)) await shell.process.print('keyword\n');
    else if (shell.functions.has(name)) await shell.process.print('function\n');
    else if (builtins.has(name)) await shell.process.print('builtin\n');
    else if (found.kind === 'program' || found.kind === 'script') await shell.process.print('file\n');
    else status = 1;
  }
  return status;
}
