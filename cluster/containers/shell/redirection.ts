import { FileError, resolvePath } from '../files/file-system.ts';
import { bytesFile, Descriptor, pieceFile, sinkFile, type OpenFile } from '../process/open-file.ts';
import type { Redirect } from './ast.ts';
import { redirectError, shellMessage } from './dialect.ts';
import { expandText } from './running/word-expansion.ts';
import type { Shell } from './shell.ts';

/** The message is complete, as the shell prints it. */
export class RedirectError extends Error {
  override name = 'RedirectError';
}

/** Applies redirections to descriptors, in order. @throws RedirectError; what came before stays applied */
export async function applyRedirects(
  shell: Shell,
  redirects: readonly Redirect[],
  descriptors: Map<number, Descriptor>,
): Promise<void> {
  const put = (number: number, descriptor: Descriptor): void => {
    descriptors.get(number)?.close();
    descriptors.set(number, descriptor);
  };
  for (const redirect of redirects) {
    switch (redirect.kind) {
      case 'here': {
        const text = await expandText(shell, redirect.body);
        put(redirect.descriptor, new Descriptor(bytesFile(Buffer.from(text))));
        break;
      }
      case 'duplicate': {
        const target = await expandText(shell, redirect.target);
        if (target === '-') {
          descriptors.get(redirect.descriptor)?.close();
          descriptors.delete(redirect.descriptor);
          break;
        }
        const source = /^\d+$/.test(target) ? descriptors.get(Number(target)) : undefined;
        if (source === undefined)
          throw new RedirectError(shellMessage(shell.messages, `${target}: Bad file descriptor`));
        put(redirect.descriptor, source.duplicate());
        break;
      }
      case 'file': {
        const target = await expandText(shell, redirect.target);
        const both = redirect.operator === '&>';
        const descriptor = new Descriptor(openTarget(shell, target, redirect.operator));
        put(redirect.descriptor, descriptor);
        if (both) put(2, descriptor.duplicate());
        break;
      }
      default: {
        const never: never = redirect;
        return never;
      }
    }
  }
}

/**
 * Runs a body with redirections, and takes them back.
 * @param onFailure what becomes of the shell when a file cannot be used.
 */
export async function withRedirects(
  shell: Shell,
  redirects: readonly Redirect[],
  body: () => Promise<number>,
  onFailure: 'status' | 'exit' = 'status',
): Promise<number> {
  if (redirects.length === 0) return body();
  const { descriptors } = shell.process;
  const saved = new Map([...descriptors].map(([number, descriptor]) => [number, descriptor.duplicate()]));
  try {
    await applyRedirects(shell, redirects, descriptors);
    return await body();
  } catch (error) {
    const status = await redirectFailed(shell, error);
    if (onFailure === 'exit') shell.abort(status);
    return status;
  } finally {
    for (const descriptor of descriptors.values()) descriptor.close();
    descriptors.clear();
    for (const [number, descriptor] of saved) descriptors.set(number, descriptor);
  }
}

/** Says what is wrong with a redirection; the status. Anything else is thrown on. */
export async function redirectFailed(shell: Shell, error: unknown): Promise<number> {
  if (!(error instanceof RedirectError)) throw error;
  await shell.process.printError(error.message);
  return shell.dialect === 'dash' ? 2 : 1;
}

/** What a child inherits. */
export function copyDescriptors(shell: Shell): Map<number, Descriptor> {
  return new Map([...shell.process.descriptors].map(([number, descriptor]) => [number, descriptor.duplicate()]));
}

function openTarget(shell: Shell, target: string, operator: string): OpenFile {
  const { process } = shell;
  const { files } = process.container;
  const path = resolvePath(process.workingDirectory, target);
  const reading = operator === '<' || operator === '<>';
  try {
    if (path === '/dev/stdout' || path === '/dev/stderr' || path === '/dev/tty') {
      return process.file(path === '/dev/stdout' ? 1 : 2);
    }
    if (operator === '<') return pieceFile(files.open(path, process.uid));
    if (operator === '>' && shell.options.has('C') && files.exists(path)) throw new FileError('EEXIST');
    const keep = operator === '>>' || operator === '<>';
    files.write(path, Buffer.alloc(0), { append: keep, uid: process.uid });
    const content = operator === '<>' ? files.read(path, process.uid) : Buffer.alloc(0);
    return {
      ...bytesFile(content),
      tryWrite: sinkFile((bytes) => files.write(path, bytes, { append: true, uid: process.uid })).tryWrite,
    };
  } catch (error) {
    throw new RedirectError(redirectError(shell.messages, target, !reading, error));
  }
}
