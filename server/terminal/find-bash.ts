import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

let bashPath: string | undefined;

/**
 * Absolute path of bash, looked up once: /bin/bash, or the first on the server's PATH.
 * @throws Error when there is none.
 */
export function findBash(): string {
  bashPath ??= ['/bin', ...(process.env['PATH'] ?? '').split(delimiter)]
    .map((directory) => join(directory, 'bash'))
    .find(isExecutable);
  if (bashPath === undefined) throw new Error('There is no bash on this machine. Install bash 5.1 or newer.');
  return bashPath;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
