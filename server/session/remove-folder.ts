import { chmod, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Removes a folder with all that is in it, also where a learner's `chmod` forbids it. Resolves when it was not there.
 * @throws Error with a code of the file system, for what belongs to somebody else.
 */
export async function removeFolder(directory: string): Promise<void> {
  // Again for a second: a shell that was hung up still writes its history.
  const remove = () => rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
  try {
    await remove();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
    await permit(directory);
    await remove();
  }
}

async function permit(directory: string): Promise<void> {
  await chmod(directory, 0o700);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) await permit(join(directory, entry.name));
  }
}
