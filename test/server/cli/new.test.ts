import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { spawn } from 'node-pty';

const launch = fileURLToPath(new URL('../../../server/launch.mjs', import.meta.url));
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'new-lesson-'));
});
afterEach(() => rm(folder, { recursive: true }));

const taller = (...args: string[]) => promisify(execFile)(process.execPath, [launch, ...args], { cwd: folder });

test('a new lesson passes its check', async () => {
  const { stdout } = await taller('new', 'canary-releases', '--es', 'Despliegues canary');
  const checked = await taller('check', 'canary-releases');

  expect(stdout).toContain('npx taller check canary-releases');
  expect(checked.stdout).toMatch(/\b0 failed/);
  expect(await readFile(join(folder, 'canary-releases/lesson.yaml'), 'utf8')).toContain(
    'title:\n  en: Canary releases\n  es: Despliegues canary\n',
  );
}, 60_000);

test('somebody at a terminal is asked for the titles', async () => {
  const terminal = spawn(process.execPath, [launch, 'new', 'canary'], { cwd: folder });
  let text = '';
  terminal.onData((data) => (text += data));
  const ended = new Promise<number>((done) => terminal.onExit(({ exitCode }) => done(exitCode)));
  await expect.poll(() => text).toContain('Title in English [Canary]: ');
  terminal.write('Canary releases\r');
  await expect.poll(() => text).toContain('Title in Spanish [Canary]: ');
  terminal.write('\r');

  expect(await ended).toBe(0);
  expect(await readFile(join(folder, 'canary/en.md'), 'utf8')).toMatch(/^# Canary releases\n/);
  expect(await readFile(join(folder, 'canary/es.md'), 'utf8')).toMatch(/^# Canary\n/);
}, 60_000);

test('nothing is overwritten', async () => {
  await taller('new', 'canary', '--yes');
  await writeFile(join(folder, 'canary/en.md'), 'mine');

  await expect(taller('new', 'canary', '--yes')).rejects.toMatchObject({
    code: 2,
    stderr: 'taller: new: canary exists already. Choose another name.\n',
  });
  expect(await readFile(join(folder, 'canary/en.md'), 'utf8')).toBe('mine');
});

test('a name that cannot stand in an address is refused', async () => {
  await expect(taller('new', 'Canary Releases', '--yes')).rejects.toMatchObject({
    code: 2,
    stderr:
      'taller: new: "Canary Releases" cannot name a lesson. Use small letters, digits and hyphens, as in canary-releases.\n',
  });
});
