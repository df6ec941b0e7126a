import { createPipe } from '../../process/pipe.ts';
import { Descriptor, nullFile } from '../../process/open-file.ts';
import type { Process } from '../../process/process.ts';
import type { Command } from '../ast.ts';
import { findBuiltin } from '../builtins.ts';
import type { Shell } from '../shell.ts';
import { traceCommand } from '../trace.ts';
import { expandAssignments } from './assignments.ts';
import { waitFor } from './child-processes.ts';
import { execute } from './run-program.ts';
import { expandArguments } from './word-expansion.ts';

/** Each command in a process of its own, all at once; the status is that of the last. */
export async function runPipeline(shell: Shell, commands: readonly Command[]): Promise<number> {
  const [only] = commands;
  if (commands.length === 1 && only !== undefined) return shell.runCondition([{ command: only, background: false }]);
  const stages: Process[] = [];
  let input: Descriptor | null = null;
  for (const [index, command] of commands.entries()) {
    const pipe = index < commands.length - 1 ? createPipe() : null;
    const replacements = new Map<number, Descriptor>();
    if (input !== null) replacements.set(0, input);
    if (pipe !== null) replacements.set(1, new Descriptor(pipe.writer));
    input = pipe === null ? null : new Descriptor(pipe.reader);
    stages.push(shell.fork((copy) => runLast(copy, command), { replacements }));
  }
  let status = 0;
  let failed = 0;
  for (const stage of stages) {
    status = await waitFor(shell, stage);
    if (status !== 0) failed = status;
  }
  return shell.options.has('o pipefail') ? failed : status;
}

/** The only command of a subshell: a program takes the subshell's process. */
export async function runLast(shell: Shell, command: Command): Promise<number> {
  if (command.kind !== 'simple') return shell.run(command);
  const [first] = command.words;
  const name = first?.length === 1 && first[0]?.kind === 'text' ? first[0].text : null;
  if (name === null || shell.functions.has(name) || findBuiltin(name, shell.dialect) !== undefined)
    return shell.run(command);
  shell.line = command.line;
  const words = await expandArguments(shell, command.words);
  const assignments = await expandAssignments(shell, command);
  await traceCommand(shell, assignments, words);
  return execute(shell, words, command.redirects, assignments, false);
}

/** `command &` */
export function runInBackground(shell: Shell, command: Command): number {
  const child = shell.fork((copy) => runLast(copy, command), {
    background: true,
    replacements: shell.interactive ? new Map() : new Map([[0, new Descriptor(nullFile)]]),
  });
  shell.lastBackground = child;
  shell.jobs.add(child);
  void child.exited.then(() => {
    // Kept for `wait` as long as it is the last one.
    if (shell.lastBackground !== child) shell.jobs.delete(child);
  });
  return 0;
}
