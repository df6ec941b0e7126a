import { lstat, mkdtemp, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../logger.ts';
import { removeFolder } from './remove-folder.ts';

const PREFIX = 'taller-';
/** Who made the folder: a number, within it. */
const OWNER_FILE = 'owner.pid';

/**
 * Makes a folder for this process in `parent`, such as `/tmp/taller-Xa81bz`, and says within it whose it is.
 * @throws Error with a code of the file system.
 */
export async function makeOwnFolder(parent: string): Promise<string> {
  const folder = await mkdtemp(join(parent, PREFIX));
  await writeFile(join(folder, OWNER_FILE), `${process.pid} ${await processSpace()}\n`, { mode: 0o600 });
  return folder;
}

/**
 * Removes folders of processes that are gone: `kill -9` leaves homes behind, and a kubeconfig in each. One is left alone
 * when it is another user's, when it does not say whose it is, and when a process of that
 * number lives.
 */
export async function sweepLeftovers(parent: string, logger: Logger): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(PREFIX)) continue;
    const folder = join(parent, name);
    try {
      if (await isAbandoned(folder)) {
        await removeFolder(folder);
        logger.info(`removed ${folder}, which a Taller that was killed had left`);
      }
    } catch (error) {
      // Nothing depends on it: a learner may have made a folder in there that we may not read.
      logger.info(`cannot remove ${folder}, which a Taller that was killed had left: ${(error as Error).message}`);
    }
  }
}

async function isAbandoned(folder: string): Promise<boolean> {
  try {
    // A link in a folder that all may write to could lead anywhere.
    for (const path of [folder, join(folder, OWNER_FILE)]) {
      const { uid, isDirectory } = await describe(path);
      if (uid !== process.getuid?.() || isDirectory !== (path === folder)) return false;
    }
    const [number, space] = (await readFile(join(folder, OWNER_FILE), 'utf8')).trim().split(' ');
    const owner = Number(number);
    return Number.isInteger(owner) && owner > 0 && space === (await processSpace()) && !isAlive(owner);
  } catch (error) {
    // Another process removes it just now, or it is none of ours.
    if (['ENOENT', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

/** Within which a process number means something: containers that share a folder count their own. */
async function processSpace(): Promise<string> {
  return readlink('/proc/self/ns/pid').catch(() => 'all');
}

async function describe(path: string): Promise<{ uid: number; isDirectory: boolean }> {
  const found = await lstat(path);
  if (!found.isDirectory() && !found.isFile()) return { uid: -1, isDirectory: false };
  return { uid: found.uid, isDirectory: found.isDirectory() };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, as somebody else's.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
