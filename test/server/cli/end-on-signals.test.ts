import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { createTempLesson } from '../session/temp-lesson.ts';

const launch = fileURLToPath(new URL('../../../server/launch.mjs', import.meta.url));

test('taller check that is ended with Ctrl-C leaves nothing on the disk', async () => {
  const lesson = await createTempLesson('## One\n\n```sh run timeout=300s\nsleep 300\n```\n');
  onTestFinished(() => lesson.dispose());
  const temporary = await mkdtemp(join(tmpdir(), 'taller-test-'));
  onTestFinished(() => rm(temporary, { recursive: true }));
  const child = spawn(process.execPath, [launch, 'check', lesson.directory, '--locale', 'en'], {
    env: { ...process.env, TMPDIR: temporary },
    stdio: 'ignore',
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const folders = async () => (await readdir(temporary, { recursive: true })).filter((name) => name.endsWith('home'));
  await expect.poll(folders).not.toEqual([]);

  child.kill('SIGINT');

  expect(await ended).toBe(130);
  expect(await readdir(temporary)).toEqual([]);
});
