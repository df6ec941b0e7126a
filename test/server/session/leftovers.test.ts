import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeOwnFolder, sweepLeftovers } from '../../../server/session/leftovers.ts';

let parent: string;
const said: string[] = [];
const logger = { info: (text: string) => void said.push(text), error: () => undefined };

beforeEach(async () => {
  said.length = 0;
  parent = await mkdtemp(join(tmpdir(), 'leftovers-'));
});
afterEach(() => rm(parent, { recursive: true, force: true }));

/** A number that no process has any more. */
async function deadProcess(): Promise<number> {
  const child = spawn('true');
  await once(child, 'exit');
  return child.pid ?? 0;
}

async function leftBy(pid: number | string, name: string): Promise<string> {
  const folder = join(parent, name);
  const own = await makeOwnFolder(parent);
  const [, space = ''] = (await readFile(join(own, 'owner.pid'), 'utf8')).trim().split(' ');
  await rm(own, { recursive: true });
  await mkdir(join(folder, 'session-a', 'home'), { recursive: true });
  await writeFile(join(folder, 'session-a', 'home', 'notes'), 'text');
  await writeFile(join(folder, 'owner.pid'), `${pid} ${space}\n`);
  return folder;
}

it('a folder whose process is gone is removed with all that is in it, and said', async () => {
  const folder = await leftBy(await deadProcess(), 'taller-abc');

  await sweepLeftovers(parent, logger);

  expect(await readdir(parent)).toEqual([]);
  expect(said).toEqual([`removed ${folder}, which a Taller that was killed had left`]);
});

it('a folder whose process lives stays', async () => {
  const own = await makeOwnFolder(parent);

  await sweepLeftovers(parent, logger);

  expect(await readdir(parent)).toEqual([basename(own)]);
  expect(await readFile(join(own, 'owner.pid'), 'utf8')).toMatch(new RegExp(`^${process.pid} \\S+\\n$`));
});

it.each(['', 'me', '0', '-1', '1.5'])('a folder whose owner is "%s" stays', async (owner) => {
  await leftBy(owner, 'taller-abc');

  await sweepLeftovers(parent, logger);

  expect(await readdir(parent)).toEqual(['taller-abc']);
});

it('a folder of another container stays, whatever its number means here', async () => {
  const folder = await leftBy(await deadProcess(), 'taller-abc');
  await writeFile(join(folder, 'owner.pid'), `${await deadProcess()} pid:[1]\n`);

  await sweepLeftovers(parent, logger);

  expect(await readdir(parent)).toEqual(['taller-abc']);
});

it('neither links nor folders of other names nor those without an owner are touched', async () => {
  const target = await leftBy(await deadProcess(), 'elsewhere');
  await symlink(target, join(parent, 'taller-link'));
  await mkdir(join(parent, 'taller-lesson-x'));
  await mkdir(join(parent, 'taller-link-within'));
  await symlink(join(target, 'owner.pid'), join(parent, 'taller-link-within', 'owner.pid'));

  await sweepLeftovers(parent, logger);

  expect((await readdir(parent)).toSorted()).toEqual([
    'elsewhere',
    'taller-lesson-x',
    'taller-link',
    'taller-link-within',
  ]);
  expect(await readdir(target)).toEqual(['owner.pid', 'session-a']);
});
