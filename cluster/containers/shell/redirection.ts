import { FileError, resolvePath } from '../files/file-system.ts';
import { bytesFile, Descriptor, pieceFile, sinkFile, type OpenFile } from '../process/open-file.ts';
import type { Redirect } from './ast.ts';
import { redirectError, shellMessage } from './dialect.ts';
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
        const text = await shell.expandText(redirect.body);
        put(redirect.descriptor, new Descriptor(bytesFile(Buffer.from(text))));
        break;
      }
      case 'duplicate': {
        const target = await shell.expandText(redirect.target);
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
        const target = await shell.expandText(redirect.target);
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
