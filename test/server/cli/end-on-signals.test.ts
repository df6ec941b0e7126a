import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { createSomebodysCluster } from '../session/somebodys-cluster.ts';
import { createTempLesson } from '../session/temp-lesson.ts';

const launch = fileURLToPath(new URL('../../../server/launch.mjs', import.meta.url));

const MARKDOWN = '## One\n\n```sh run timeout=300s\nsleep 300\n```\n';

/** `taller check` of a lesson, in a folder of its own, ended with Ctrl-C once `isThere`. @returns the folder */
async function interrupt(config: string, env: Record<string, string>, args: string[], isThere: () => boolean) {
  const lesson = await createTempLesson(MARKDOWN, {}, config);
  onTestFinished(() => lesson.dispose());
  const temporary = await mkdtemp(join(tmpdir(), 'taller-test-'));
  onTestFinished(() => rm(temporary, { recursive: true }));
  const child = spawn(process.execPath, [launch, 'check', lesson.directory, '--locale', 'en', ...args], {
    env: { ...process.env, TMPDIR: temporary, ...env },
    stdio: 'ignore',
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const homes = async () => (await readdir(temporary, { recursive: true })).filter((name) => name.endsWith('home'));
  await expect.poll(homes).not.toEqual([]);
  await expect.poll(isThere).toBe(true);

  child.kill('SIGINT');

  expect(await ended).toBe(130);
  return readdir(temporary);
}

test('taller check that is ended with Ctrl-C leaves nothing on the disk', async () => {
  expect(await interrupt('', {}, [], () => true)).toEqual([]);
});

test('nor in the cluster of others', async () => {
  const theirs = await createSomebodysCluster();
  onTestFinished(() => theirs.dispose());
  const own = () => theirs.namespaces().filter((name) => name.startsWith('taller-'));
  const args = ['--cluster', 'lab-as-ann'];

  const left = await interrupt(
    'environment: kubeconfig\n',
    { KUBECONFIG: theirs.kubeconfig },
    args,
    () => own().length > 0,
  );

  expect(left).toEqual([]);
  await expect.poll(own).toEqual([]);
});
