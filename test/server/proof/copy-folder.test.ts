import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { copyFolder } from '../../../server/proof/copy-folder.ts';

test('files, folders and links are copied as they are, pipes and what is skipped are not', async () => {
  const root = await mkdtemp(join(tmpdir(), 'taller-copy-'));
  const sh = (script: string) => execFileSync('sh', ['-c', script], { cwd: root, encoding: 'utf8' });
  sh('mkdir -p from/a/b from/a/cache && cd from && echo 1 > a/b/one && echo 2 > a/cache/two && chmod 750 a/b/one');
  sh('cd from && ln -s a/b/one link && ln -s nowhere dangling && mkfifo pipe && echo 3 > .hidden');

  await copyFolder(join(root, 'from'), join(root, 'to'), ['a/cache']);

  const list = sh('cd to && find . | sort && readlink link dangling && stat -c %a a/b/one && cat a/b/one');
  await rm(root, { recursive: true });
  expect(list.trim().split('\n')).toEqual([
    '.',
    './.hidden',
    './a',
    './a/b',
    './a/b/one',
    './dangling',
    './link',
    'a/b/one',
    'nowhere',
    '750',
    '1',
  ]);
});
