import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';

export type Refusal = 'missing' | 'not-readable' | 'not-regular' | 'outside' | 'too-large';
export type FileResult = { content: Buffer } | { refused: Refusal };

/**
 * Reads a file below `folder` and nothing else: no symlink that leads out, no pipe or device (opening one would hang
 * a thread of the process for good), nothing above `maxBytes`.
 * @param path below the folder, with `/`.
 */
export async function readRegularFile(folder: string, path: string, maxBytes: number): Promise<FileResult> {
  if (isAbsolute(path) || path.includes('\0') || path.split(/[/\\]/).includes('..')) return { refused: 'outside' };
  try {
    const root = await realpath(folder);
    const target = await realpath(join(folder, path));
    if (relative(root, target).split(sep)[0] === '..') return { refused: 'outside' };
    const handle = await open(target, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const status = await handle.stat();
      if (!status.isFile()) return { refused: 'not-regular' };
      if (status.size > maxBytes) return { refused: 'too-large' };
      return { content: await handle.readFile() };
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code === 'ENOENT' || code === 'ENOTDIR') return { refused: 'missing' };
    if (code === 'EACCES' || code === 'EPERM') return { refused: 'not-readable' };
    // A device without a driver, a socket, a symlink that was put there after realpath.
    if (['ENXIO', 'ELOOP', 'ENODEV', 'EISDIR'].includes(code)) return { refused: 'not-regular' };
    throw error;
  }
}

/** What to tell the author about a refusal. `near` is a suggestion for a file that is missing, or empty. */
export function explainRefusal(path: string, refused: Refusal, maxBytes: number, near: string): string {
  switch (refused) {
    case 'missing':
      return `there is no file "${path}".${near || ' Add it, or remove its name here.'}`;
    case 'not-readable':
      return `"${path}" may not be read by this user. Change its permissions.`;
    case 'not-regular':
      return `"${path}" is not a regular file. Put one there.`;
    case 'outside':
      return `"${path}" lies outside of its folder. Copy the file into the lesson.`;
    case 'too-large':
      return `"${path}" has more than ${maxBytes} bytes. Make it smaller.`;
  }
}
