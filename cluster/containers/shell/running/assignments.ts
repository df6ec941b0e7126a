import type { SimpleCommand } from '../ast.ts';
import { withRedirects } from '../redirection.ts';
import type { Shell } from '../shell.ts';
import { traceCommand } from '../trace.ts';
import { expandText, guardExpansion } from './word-expansion.ts';

/** The assignments before a command, expanded. */
export async function expandAssignments(shell: Shell, command: SimpleCommand): Promise<[string, string][]> {
  const assignments: [string, string][] = [];
  for (const { name, append, value } of command.assignments) {
    const text = await expandText(shell, value);
    assignments.push([name, append ? (shell.variables.get(name) ?? '') + text : text]);
  }
  return assignments;
}

/** Assignments without a command. */
export async function runAssignments(shell: Shell, command: SimpleCommand, statusBefore: number): Promise<number> {
  // `x=$(false)` ends with the status of the substitution.
  shell.lastStatus = 0;
  for (const { name, append, value } of command.assignments) {
    const text = await expandText(shell, value);
    await traceCommand(shell, [[name, text]], []);
    await guardExpansion(shell, async () =>
      shell.variables.set(name, append ? (shell.variables.get(name) ?? '') + text : text),
    );
  }
  // Changed by a substitution, in an assignment or in words that came to nothing.
  const status = shell.lastStatus;
  if (command.redirects.length > 0) return withRedirects(shell, command.redirects, () => Promise.resolve(status));
  return command.assignments.length === 0 && command.words.length === 0 ? statusBefore : status;
}
