import { ReplaceProgram } from '../../process/process.ts';
import { resolveProgram } from '../../programs/resolve.ts';
import type { Redirect } from '../ast.ts';
import { builtinMessage, notFound, shellMessage } from '../dialect.ts';
import { applyRedirects, copyDescriptors, redirectFailed, withRedirects } from '../redirection.ts';
import type { Shell } from '../shell.ts';
import { spawnChild, waitFor } from './child-processes.ts';
import { LineEnd, ShellExit } from './control-flow.ts';

/** A program in a process of its own. */
export async function runProgram(
  shell: Shell,
  words: readonly string[],
  redirects: readonly Redirect[],
  assignments: readonly [string, string][],
): Promise<number> {
  const resolved = resolve(shell, words);
  if (resolved === null) {
    // The redirections come first: they may hide the message.
    return withRedirects(shell, redirects, async () => complainNotFound(shell, words[0] ?? ''));
  }
  const environment = shell.variables.environment();
  for (const [name, value] of assignments) environment.set(name, value);
  const descriptors = copyDescriptors(shell);
  for (const redirect of redirects) {
    try {
      await applyRedirects(shell, [redirect], descriptors);
    } catch (error) {
      for (const descriptor of descriptors.values()) descriptor.close();
      // Here-documents are expanded by the child, and by bash's all else: what ends a shell ends the child alone.
      const isChilds = redirect.kind === 'here' || shell.dialect === 'bash';
      if (isChilds && (error instanceof ShellExit || error instanceof LineEnd)) return error.status;
      return redirectFailed(shell, error);
    }
  }
  return waitFor(
    shell,
    spawnChild(shell, resolved.program, resolved.args, environment, descriptors, shell.process.background),
  );
}

/** A program in place of the shell; without one, its redirections are kept. `isSpoken`: somebody wrote `exec`. */
export async function execute(
  shell: Shell,
  words: readonly string[],
  redirects: readonly Redirect[],
  assignments: readonly [string, string][],
  isSpoken: boolean,
): Promise<number> {
  try {
    await applyRedirects(shell, redirects, shell.process.descriptors);
  } catch (error) {
    return redirectFailed(shell, error);
  }
  if (words.length === 0) return 0;
  const resolved = resolve(shell, words);
  if (resolved === null) shell.abort(await complainNotFound(shell, words[0] ?? '', isSpoken ? 'exec' : null));
  const environment = shell.variables.environment();
  for (const [name, value] of assignments) environment.set(name, value);
  throw new ReplaceProgram(resolved.program, resolved.args, environment);
}

/** The program that words name, past functions and builtins; null when there is none. */
function resolve(shell: Shell, words: readonly string[]) {
  const { container, workingDirectory, uid } = shell.process;
  const searchPath = shell.variables.get('PATH') ?? '';
  const resolved = resolveProgram(container, words, { workingDirectory, searchPath, uid });
  return 'program' in resolved ? resolved : null;
}

/** Says why a command cannot be run; 126 when it is there, 127 when it is not. */
async function complainNotFound(shell: Shell, name: string, asBuiltin: string | null = null): Promise<number> {
  const found = shell.process.container.findExecutable(
    name,
    shell.process.workingDirectory,
    shell.variables.get('PATH'),
    shell.process.uid,
  );
  if (name === '' && shell.dialect !== 'bash') {
    await shell.process.printError(shellMessage(shell.messages, ': Permission denied'));
    return 127;
  }
  if (found.kind === 'denied' && name !== '') {
    const reason =
      shell.dialect === 'bash' && shell.expansion.readFolder(name) !== null ? 'Is a directory' : 'Permission denied';
    await shell.process.printError(shellMessage(shell.messages, `${name}: ${reason}`));
    return 126;
  }
  if (found.kind === 'script' && shell.dialect === 'bash') {
    // Its interpreter is missing.
    await shell.process.printError(shellMessage(shell.messages, `${name}: cannot execute: required file not found`));
    return 127;
  }
  const message =
    asBuiltin === null
      ? notFound(shell.messages, name)
      : builtinMessage(shell.messages, asBuiltin, `${name}: not found`);
  await shell.process.printError(message);
  return 127;
}
