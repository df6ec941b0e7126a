import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Io } from '../../../../server/commands/kubectl/io.ts';
import { readManifests } from '../../../../server/commands/kubectl/manifests.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'urls-'));
  await mkdir(join(folder, 'urls/raw.example.com/shop'), { recursive: true });
  await writeFile(join(folder, 'urls/raw.example.com/shop/a.yaml'), 'kind: Pod\nmetadata: { name: a }\n');
  await writeFile(join(folder, 'secret.yaml'), 'kind: Secret\n');
});
afterAll(() => rm(folder, { recursive: true }));

const read = (url: string) =>
  readManifests([url], false, { env: { TALLER_URLS: join(folder, 'urls') }, cwd: folder } as unknown as Io);

test('a URL that the lesson ships is read from its file', async () => {
  const url = 'https://raw.example.com/shop/a.yaml?raw=true';

  expect(await read(url)).toEqual([{ object: { kind: 'Pod', metadata: { name: 'a' } }, source: url }]);
});

// Port 9 is the discard service, which nothing listens on: the request is made, and fails.
test.each(['https://127.0.0.1:9/shop/b.yaml', 'http://127.0.0.1:9/shop', 'http://127.0.0.1:9/..%2f..%2fsecret.yaml'])(
  '%s is asked of the web',
  async (url) => {
    await expect(read(url)).rejects.toThrow('connect ECONNREFUSED');
  },
);
