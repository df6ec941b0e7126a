import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../../server/http/app.ts';
import { createCatalog } from '../../../server/lessons/catalog.ts';
import { createTempLesson } from '../session/temp-lesson.ts';

const SCRIPT = `export const words = ${JSON.stringify('padlock '.repeat(1000))};\n`;

describe('the pages', () => {
  let client: string;
  let lesson: Awaited<ReturnType<typeof createTempLesson>>;
  let server: Server;
  let url: string;
  beforeAll(async () => {
    client = await mkdtemp(join(tmpdir(), 'taller-client-'));
    const source = fileURLToPath(new URL('../../../client/index.html', import.meta.url));
    await writeFile(join(client, 'index.html'), await readFile(source));
    await mkdir(join(client, 'assets'));
    await writeFile(join(client, 'assets/page-abc123.js'), SCRIPT);
    lesson = await createTempLesson('## One\n\n```sh run\necho hello\n```\n');
    const sound = await lesson.load();
    sound.texts.es.lesson.title = 'Uno & <dos> "tres" $&';
    const app = createApp({
      catalog: createCatalog([sound]),
      clientDirectory: client,
      cookie: () => ({ read: () => 'learner', issue: () => '' }),
      allowedHosts: [],
      sessionCount: () => 0,
      logger: { info: () => undefined, error: () => undefined },
    });
    server = createServer(app).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve));
    await lesson.dispose();
    await rm(client, { recursive: true, force: true });
  });

  const heads = (html: string) => ({
    lang: /<html lang="(.*?)">/.exec(html)?.[1],
    title: /<title>(.*?)<\/title>/.exec(html)?.[1],
    description: /<meta name="description" content="(.*?)"/.exec(html)?.[1]?.slice(0, 20),
    shared: /<meta property="og:title" content="(.*?)"/.exec(html)?.[1],
  });

  it.each([
    ['/en', 200, 'en', 'Learn by doing · Taller', 'Each lesson is a pag'],
    ['/es', 200, 'es', 'Aprende haciendo · Taller', 'Cada lección es una '],
    ['/es/lessons/test', 200, 'es', 'Uno &amp; &lt;dos&gt; &quot;tres&quot; $&amp; · Taller', expect.anything()],
    ['/es/lessons/nowhere', 404, 'es', 'Esa lección no existe · Taller', undefined],
    ['/es/nowhere', 404, 'es', 'Esa página no existe · Taller', undefined],
    ['/nowhere', 404, 'en', 'There is no such page · Taller', undefined],
  ])('%s says in its own language what it is', async (path, status, lang, title, description) => {
    const response = await fetch(url + path, { headers: { accept: 'text/html', 'accept-language': 'en' } });

    expect(response.status).toBe(status);
    expect(heads(await response.text())).toEqual({ lang, title, description, shared: title });
  });

  it.each([
    ['br', 'br'],
    ['gzip', 'gzip'],
    ['identity', null],
  ])('an asset comes compressed and for good to who accepts %s', async (accepted, encoding) => {
    const response = await fetch(`${url}/assets/page-abc123.js`, { headers: { 'accept-encoding': accepted } });

    expect(response.headers.get('content-encoding')).toBe(encoding);
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(response.headers.get('content-type')).toMatch(/^text\/javascript/);
    expect(await response.text()).toBe(SCRIPT);
    expect(Number(response.headers.get('content-length')) < SCRIPT.length / 2).toBe(encoding !== null);
  });

  it('an asset that is not there is not found', async () => {
    expect((await fetch(`${url}/assets/gone-abc123.js`)).status).toBe(404);
  });
});
