import { readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { Io } from './io.ts';

/**
 * The text of a URL that the lesson ships as a file, so that it works in a room without internet: the variable
 * TALLER_URLS names a folder with files by host and path. Undefined when the lesson ships no such file.
 * @throws Error when there is a file that cannot be read
 */
export function shippedText(url: string, io: Io): string | undefined {
  const folder = io.env.TALLER_URLS;
  if (folder === undefined) return undefined;
  const { host, pathname } = new URL(url);
  const file = join(folder, host, decodeURIComponent(pathname));
  if (!file.startsWith(join(folder, sep))) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined;
    throw error;
  }
}
