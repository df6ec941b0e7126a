import type { Command } from '../ast.ts';
import { withRedirects } from '../redirection.ts';
import type { Shell } from '../shell.ts';
import { waitFor } from './child-processes.ts';
import { ShellExit } from './control-flow.ts';
import { runTest } from './evaluation.ts';
import { runCompound } from './run-compound.ts';
import { runPipeline } from './run-pipeline.ts';
import { runSimple } from './run-simple.ts';

/** Runs one command of any kind; its status becomes `$?`. */
export async function runCommand(shell: Shell, command: Command): Promise<number> {
  await shell.step();
  let status: number;
  // `set -n` reads and runs nothing.
  if (shell.options.has('n') && !shell.interactive) return 0;
  switch (command.kind) {
    case 'simple':
      status = await runSimple(shell, command);
      exitOnError(shell, status);
      break;
    case 'pipeline':
      status = await runPipeline(shell, command.commands);
      if (command.negated) status = status === 0 ? 1 : 0;
      else exitOnError(shell, status);
      break;
    case 'and-or':
      status = await runAndOr(shell, command);
      break;
    case 'function':
      shell.functions.set(command.name, command.body);
      status = 0;
      break;
    case 'timed':
      status = await runTimed(shell, command.command);
      break;
    case 'arithmetic':
    case 'conditional':
      status = await withRedirects(shell, command.redirects, () => runTest(shell, command));
      exitOnError(shell, status);
      break;
    case 'subshell':
      status = await withRedirects(shell, command.redirects, () =>
        waitFor(
          shell,
          shell.fork((copy) => copy.runList(command.body)),
        ),
      );
      exitOnError(shell, status);
      break;
    default:
      status = await withRedirects(shell, command.redirects, () => runCompound(shell, command));
  }
  shell.lastStatus = status;
  return status;
}

/** `&&` and `||` */
async function runAndOr(shell: Shell, command: Extract<Command, { kind: 'and-or' }>): Promise<number> {
  const commands = [{ operator: '', command: command.first }, ...command.rest];
  let status = 0;
  for (const [index, item] of commands.entries()) {
    if (item.operator === '&&' && status !== 0) continue;
    if (item.operator === '||' && status === 0) continue;
    // Only the last command of such a list counts for `set -e`.
    if (index === commands.length - 1) status = await shell.run(item.command);
    else status = await shell.runCondition([{ command: item.command, background: false }]);
    shell.lastStatus = status;
  }
  return status;
}

/** `time` */
async function runTimed(shell: Shell, command: Command): Promise<number> {
  const { clock } = shell.process.container;
  const start = clock.now();
  const status = await shell.run(command);
  const seconds = (clock.now() - start) / 1000;
  const show = (value: number): string => `${Math.floor(value / 60)}m${(value % 60).toFixed(3)}s`;
  // Programs here take no time of a processor that anybody would count.
  await shell.process.printError(`\nreal\t${show(seconds)}\nuser\t${show(0)}\nsys\t${show(0)}\n`);
  return status;
}

/** `set -e` */
function exitOnError(shell: Shell, status: number): void {
  if (status !== 0 && shell.conditionDepth === 0 && shell.options.has('e')) throw new ShellExit(status);
}
