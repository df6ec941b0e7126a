import type { Process } from '../process/process.ts';
import { userName } from '../programs/basic.ts';
import { syntaxError } from './dialect.ts';
import { LineEditor, type Complete } from './line-editor.ts';
import { isIncomplete, parseShell } from './parser.ts';
import { ShellSyntaxError } from './parsing/syntax-error.ts';
import { Interrupted, LineEnd, LoopJump, TrapPending } from './running/control-flow.ts';
import { runToExit } from './running/run-to-exit.ts';
import { runPendingTraps } from './running/traps.ts';
import type { Shell } from './shell.ts';

/** Reads lines from a terminal and runs them until somebody ends it; the exit status. */
export async function interactive(shell: Shell, process: Process): Promise<number> {
  const { tty } = process;
  if (tty === null) return 0;
  shell.interactive = true;
  process.onSignal('INT', () => {
    shell.interrupted = true;
    process.interruptWaits(new Interrupted());
  });
  // An interactive shell is not ended by these.
  process.onSignal('TERM', () => {});
  process.onSignal('QUIT', () => {});
  const editor = new LineEditor(process, tty, completion(shell));
  return runToExit(shell, async () => {
    let source = '';
    for (;;) {
      const edited = await editor.readLine(source === '' ? prompt(shell) : (shell.variables.get('PS2') ?? '> '));
      shell.interrupted = false;
      if (edited.kind === 'end') {
        if (shell.dialect !== 'ash') await process.print(shell.dialect === 'bash' ? 'exit\n' : '\n');
        return shell.lastStatus;
      }
      if (edited.kind === 'interrupt') {
        source = '';
        shell.lastStatus = 130;
        continue;
      }
      source += `${edited.text}\n`;
      editor.remember(edited.text);
      if (await runInteractive(shell, source)) source = '';
    }
  });
}

/** @returns false when the source is not complete yet */
async function runInteractive(shell: Shell, source: string): Promise<boolean> {
  try {
    if (isIncomplete(source, shell.grammar)) return false;
    await shell.runList(parseShell(source, shell.grammar));
  } catch (error) {
    if (error instanceof ShellSyntaxError) {
      await shell.process.printError(syntaxError(shell.messages, error.problem, { text: source, origin: null }));
      shell.lastStatus = 2;
    } else if (error instanceof Interrupted) {
      shell.lastStatus = 130;
      await shell.process.print('\n');
    } else if (error instanceof LineEnd) shell.lastStatus = error.status;
    else if (error instanceof TrapPending) await runPendingTraps(shell);
    else if (!(error instanceof LoopJump)) throw error;
  }
  return true;
}

function prompt(shell: Shell): string {
  const { process } = shell;
  const sign = process.uid === 0 ? '#' : '$';
  const own = shell.variables.get('PS1');
  const home = shell.variables.get('HOME');
  const path = process.workingDirectory;
  const short =
    home !== undefined && home !== '/' && (path === home || path.startsWith(`${home}/`))
      ? `~${path.slice(home.length)}`
      : path;
  if (own !== undefined) {
    return own
      .replaceAll('\\w', short)
      .replaceAll('\\h', process.container.hostname)
      .replaceAll('\\u', userName(process, process.uid))
      .replaceAll('\\$', sign);
  }
  if (shell.dialect === 'dash') return `${sign} `;
  if (shell.dialect === 'ash') return `${short} ${sign} `;
  return `${userName(process, process.uid)}@${process.container.hostname}:${short}${sign} `;
}

/** Commands for the first word, paths for the others. */
function completion(shell: Shell): Complete {
  return (before) => {
    const word = /(\S*)$/.exec(before)?.[1] ?? '';
    const isCommand = /(^|[;&|(]\s*)\S*$/.test(before) && !word.includes('/');
    const names = new Set<string>();
    const cut = word.lastIndexOf('/') + 1;
    const folders = isCommand ? (shell.variables.get('PATH') ?? '').split(':') : [word.slice(0, cut) || '.'];
    const prefix = isCommand ? '' : word.slice(0, cut);
    for (const folder of folders) {
      for (const name of shell.expansion.readFolder(folder) ?? []) {
        const isFolder = shell.expansion.readFolder(`${folder}/${name}`) !== null;
        if (isCommand && isFolder) continue;
        const candidate = prefix + name + (isFolder ? '/' : '');
        if (candidate.startsWith(word) && (word.slice(cut) !== '' || !name.startsWith('.'))) names.add(candidate);
      }
    }
    return { word, candidates: word === '' && isCommand ? [] : [...names].sort() };
  };
}
