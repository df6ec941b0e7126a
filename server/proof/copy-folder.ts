import { copyFile, mkdir, readdir, readlink, symlink } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Copies what a home holds into a new or empty folder: files, folders and links, no pipes and sockets. `fs.cp` looks at
 * each file five times, and homes are copied for every attempt.
 * @param skipped paths below `from` that are left out.
 */
export async function copyFolder(from: string, to: string, skipped: readonly string[] = []): Promise<void> {
  await mkdir(to, { recursive: true });
  const copies = (await readdir(from, { withFileTypes: true })).map(async (entry) => {
    if (skipped.includes(entry.name)) return;
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    const inside = skipped.flatMap((path) =>
      path.startsWith(`${entry.name}/`) ? [path.slice(entry.name.length + 1)] : [],
    );
    if (entry.isDirectory()) await copyFolder(source, target, inside);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else if (entry.isFile()) await copyFile(source, target);
  });
  await Promise.all(copies);
}
