import { spawn, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lexer } from 'marked';
import { expect, test } from 'vitest';

const launch = fileURLToPath(new URL('../../server/launch.mjs', import.meta.url));
const lessons = fileURLToPath(new URL('../../lessons/', import.meta.url));

/** Starts a server as the guide says, on a free port, and waits until it watches. */
async function serve(args: readonly string[], cwd: string): Promise<void> {
  const child = spawn(process.execPath, [launch, ...args, '--port', '0'], { cwd, stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = new Promise((done) => child.once('exit', done));
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await expect.poll(() => text).toContain('Watching ');
  child.kill();
  await ended;
}

/** Follows the guide from top to bottom: writes the files that it shows and runs its commands. @returns what they said */
async function follow(guide: string, folder: string): Promise<string[]> {
  const fences = lexer(await readFile(join(lessons, guide), 'utf8')).filter((token) => token.type === 'code');
  const said: string[] = [];
  for (const { lang = '', text } of fences as { lang?: string; text: string }[]) {
    const [language, path] = lang.split(' ');
    if (path !== undefined) {
      const file = join(folder, 'lessons/canary', path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, `${text}\n`);
    } else if (language === 'sh') {
      const [npx, taller, ...args] = [...text.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word!);
      expect([npx, taller]).toEqual(['npx', 'taller']);
      if (args[0] === 'serve') await serve(args, folder);
      else {
        const { status, stdout, stderr } = spawnSync(process.execPath, [launch, ...args], {
          cwd: folder,
          encoding: 'utf8',
        });
        expect(`${stdout}${stderr}\nstatus ${status}`).toContain('\nstatus 0');
        said.push(stdout);
      }
    }
  }
  return said;
}

test.each(['GUIDE.md', 'GUIA.md'])(
  'whoever follows %s has a lesson that proves itself',
  async (guide) => {
    const folder = await mkdtemp(join(tmpdir(), 'guide-'));
    try {
      const said = await follow(guide, folder);

      expect(said).toHaveLength(4);
      expect(said.at(-1)).toMatch(/\b0 failed/);
      const texts = await Promise.all(
        ['en', 'es'].map((locale) => readFile(join(folder, `lessons/canary/${locale}.md`), 'utf8')),
      );
      for (const text of texts) expect(text).toMatch(/```output\ncart v1\n```/);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
  180_000,
);
