import { FileError, resolvePath } from '../files/file-system.ts';
import type { Process, Program } from '../process/process.ts';
import { syntaxError, type Dialect, type SourceText } from './dialect.ts';
import { interactive } from './interactive.ts';
import { isIncomplete, parseLines } from './parser.ts';
import { ShellSyntaxError } from './parsing/syntax-error.ts';
import { runToExit } from './running/run-to-exit.ts';
import { Shell } from './shell.ts';

/** `sh`, with the messages and prompts of one shell. */
export function shellProgram(dialect: Dialect): Program {
  return (process) => main(process, dialect);
}

async function main(process: Process, dialect: Dialect): Promise<number> {
  const args = [...process.args];
  const shell = new Shell(process, dialect, args.shift() ?? 'sh', runSource);
  let commandText: string | null = null;
  let forceInteractive = false;
  let fromStandardInput = false;
  while (/^[-+]./.test(args[0] ?? '')) {
    const option = args.shift() ?? '';
    if (option === '--') break;
    if (option.startsWith('--')) continue;
    for (const letter of option.slice(1)) {
      if (letter === 'c') commandText = '';
      else if (letter === 'i') forceInteractive = true;
      else if (letter === 's') fromStandardInput = true;
      else if (letter === 'o') shell.options.add(longOption(args.shift() ?? ''));
      else if ('euxfCa'.includes(letter)) shell.options.add(letter);
    }
  }
  if (commandText !== null) {
    const text = args.shift();
    if (text === undefined) {
      const text = dialect === 'bash' ? '-c: option requires an argument' : '-c requires an argument';
      await process.printError(`${shell.name}: ${dialect === 'dash' ? '0: ' : ''}${text}\n`);
      return 2;
    }
    if (args[0] !== undefined) shell.name = args.shift() ?? '';
    shell.positional = args;
    shell.isCommandText = true;
    return runToExit(shell, (self) => runSource(self, text, '-c'));
  }
  if (fromStandardInput) shell.positional = args.splice(0);
  const [script] = args;
  if (script !== undefined) return runScript(shell, script, args.slice(1));
  if (process.tty !== null && process.isTerminal(0)) return interactive(shell, process);
  if (forceInteractive) return 0;
  return runToExit(shell, runStandardInput);
}

function longOption(name: string): string {
  return { errexit: 'e', nounset: 'u', xtrace: 'x', noglob: 'f' }[name] ?? `o ${name}`;
}

/** Parses and runs text, line by line. A syntax error is printed; it ends a shell that is not interactive. */
async function runSource(shell: Shell, source: string, origin: SourceText['origin'] = null): Promise<number> {
  let status = 0;
  try {
    for (const list of parseLines(source, shell.grammar)) status = await shell.runList(list);
    return status;
  } catch (error) {
    if (!(error instanceof ShellSyntaxError)) throw error;
    if (shell.dialect !== 'bash' || origin !== 'eval') shell.line = error.line;
    const context = { ...shell.messages, line: error.line };
    await shell.process.printError(syntaxError(context, error.problem, { text: source, origin }));
    // bash goes on behind an `eval` that it could not read.
    if (shell.dialect === 'bash' && origin === 'eval') return 2;
    return shell.abort(shell.dialect === 'bash' && error.problem.kind === 'bad-loop-variable' ? 1 : 2);
  }
}

async function runScript(shell: Shell, path: string, args: string[]): Promise<number> {
  const { process } = shell;
  let content: Uint8Array;
  try {
    content = process.container.files.read(resolvePath(process.workingDirectory, path), process.uid);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    if (shell.dialect === 'bash') await process.printError(`${shell.name}: ${path}: ${error.message}\n`);
    else if (shell.dialect === 'ash')
      await process.printError(`${shell.name}: can't open '${path}': ${error.message}\n`);
    else
      await process.printError(
        `${shell.name}: 0: cannot open ${path}: ${error.code === 'ENOENT' ? 'No such file' : error.message}\n`,
      );
    return shell.dialect === 'bash' ? 127 : 2;
  }
  shell.name = path;
  shell.script = true;
  shell.positional = args;
  return runToExit(shell, (self) => runSource(self, Buffer.from(content).toString('utf8')));
}

/** Commands from a pipe, each run as soon as it is complete. */
async function runStandardInput(shell: Shell): Promise<number> {
  let source = '';
  let status = 0;
  let line = 0;
  for await (const text of shell.process.lines(0)) {
    source += `${text}\n`;
    if (isIncomplete(source, shell.grammar)) continue;
    // What came before counts for the numbers of lines.
    status = await runSource(shell, '\n'.repeat(line) + source);
    line += source.split('\n').length - 1;
    source = '';
  }
  return source === '' ? status : runSource(shell, '\n'.repeat(line) + source);
}
