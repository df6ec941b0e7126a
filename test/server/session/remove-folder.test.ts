import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeEach, expect, it } from 'vitest';

/** For whom permissions count: root may do everything. */
const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taller-test-'));
  await chmod(folder, 0o755);
});
afterEach(() => rm(folder, { recursive: true }));

it('a folder goes whose owner has forbidden it, and one that is not there is no mistake', async () => {
  const outfile = join(folder, 'remove.cjs');
  const contents = `import { removeFolder } from './remove-folder.ts'; removeFolder(process.argv[2]).then(() => removeFolder(process.argv[2]));`;
  const resolveDir = new URL('../../../server/session', import.meta.url).pathname;
  await build({ stdin: { contents, resolveDir }, bundle: true, platform: 'node', outfile, logLevel: 'error' });
  await chmod(outfile, 0o644);
  const home = await mkdtemp(join(folder, 'home-'));
  if (isRoot) for (const each of [folder, home]) await chown(each, NOBODY, NOBODY);
  const who = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  execFileSync('bash', ['-c', 'cd "$0"; mkdir -p a/b c; touch a/b/file c/file; chmod 0 a/b a; chmod 555 c', home], who);

  execFileSync(process.execPath, [outfile, home], who);

  expect(existsSync(home)).toBe(false);
  expect(await readdir(folder)).toEqual(['remove.cjs']);
});
