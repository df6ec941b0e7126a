import type { SimpleCommand } from '../ast.ts';
import { findBuiltin, isSpecialBuiltin } from '../builtins.ts';
import { withRedirects } from '../redirection.ts';
import type { Shell } from '../shell.ts';
import { traceCommand } from '../trace.ts';
import { expandAssignments, runAssignments } from './assignments.ts';
import { callFunction } from './call-function.ts';
import { execute, runProgram } from './run-program.ts';
import { expandArguments, guardExpansion } from './word-expansion.ts';

/** A builtin, a function, a program, or assignments alone. */
export async function runSimple(shell: Shell, command: SimpleCommand): Promise<number> {
  shell.line = command.line;
  const statusBefore = shell.lastStatus;
  const words = await expandArguments(shell, command.words);
  if (words.length === 0) return runAssignments(shell, command, statusBefore);
  const [name = ''] = words;
  const assignments = await expandAssignments(shell, command);
  await traceCommand(shell, assignments, words);
  const functionBody = shell.functions.get(name);
  const builtin = findBuiltin(name, shell.dialect);
  if (builtin !== undefined && (functionBody === undefined || isSpecialBuiltin(name))) {
    if (name === 'exec') return execute(shell, words.slice(1), command.redirects, assignments, true);
    const onFailure = isSpecialBuiltin(name) && shell.dialect !== 'bash' && !shell.interactive ? 'exit' : 'status';
    return withRedirects(
      shell,
      command.redirects,
      () =>
        shell.variables.withAssignments(assignments, () => guardExpansion(shell, async () => builtin(shell, words))),
      onFailure,
    );
  }
  if (functionBody !== undefined) {
    return withRedirects(shell, command.redirects, () =>
      shell.variables.withAssignments(assignments, () => callFunction(shell, functionBody, words.slice(1))),
    );
  }
  return runProgram(shell, words, command.redirects, assignments);
}

/** Runs a command line of expanded words past functions, as `command` does. */
export function runWords(shell: Shell, words: readonly string[]): Promise<number> {
  const builtin = findBuiltin(words[0] ?? '', shell.dialect);
  if (builtin !== undefined) return Promise.resolve(builtin(shell, words));
  return runProgram(shell, words, [], []);
}
