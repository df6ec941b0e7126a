import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Client } from '../../../../../server/commands/kubectl/api/client.ts';
import { createDiscoveryCache } from '../../../../../server/commands/kubectl/api/discovery-cache.ts';
import { createDiscovery } from '../../../../../server/commands/kubectl/api/discovery.ts';
import { FlagValues } from '../../../../../server/commands/kubectl/flags.ts';
import type { Io } from '../../../../../server/commands/kubectl/io.ts';

let folder: string;
let asked: string[];
let kinds: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'taller-discovery-'));
  asked = [];
  kinds = ['Widget'];
});

afterEach(() => rmSync(folder, { recursive: true }));

/** What one run of the program has. */
function start() {
  const flags = new FlagValues([{ name: 'cache-dir', type: 'string', usage: '' }]);
  const io = { env: { KUBECACHEDIR: folder }, cwd: '/', now: () => Date.now() } as unknown as Io;
  const client = {
    json: (_: string, path: string) => {
      asked.push(path);
      const resources = kinds.map((kind) => ({
        resource: `${kind.toLowerCase()}s`,
        responseKind: { kind },
        scope: 'Namespaced',
        categories: ['toys'],
      }));
      const items =
        path === '/api' ? [] : [{ metadata: { name: 'example.com' }, versions: [{ version: 'v1', resources }] }];
      return Promise.resolve({ kind: 'APIGroupDiscoveryList', items });
    },
  } as unknown as Client;
  return createDiscovery(client, createDiscoveryCache('http://127.0.0.1:1234/k/secret', flags, io));
}

test('what one run has learned the next need not ask', async () => {
  await start().find('widgets');
  asked = [];

  expect((await start().find('widget')).kind).toBe('Widget');
  expect(asked).toEqual([]);
});

test('a kind that has appeared since is found', async () => {
  await start().find('widgets');
  kinds.push('Gadget');

  expect((await start().find('gadgets')).kind).toBe('Gadget');
  expect((await start().findKind('example.com/v1', 'Gadget'))?.kind).toBe('Gadget');
});

test('a kind that is gone is believed in until its lookup fails', async () => {
  await start().find('widgets');
  kinds = [];

  expect((await start().find('widgets')).kind).toBe('Widget');
  await expect(start().find('gadgets')).rejects.toThrow('the server doesn\'t have a resource type "gadgets"');
  await expect(start().find('widgets')).rejects.toThrow('the server doesn\'t have a resource type "widgets"');
});

test('what is older than six hours is asked again', async () => {
  await start().find('widgets');
  const old = Date.now() / 1000 - 6 * 3600 - 1;
  utimesSync(join(folder, 'discovery/127.0.0.1_1234/k/secret/groups.json'), old, old);
  asked = [];

  await start().find('widgets');

  expect(asked).toEqual(['/apis']);
});

test('a category is all that belongs to it, and no reason to ask again', async () => {
  await start().find('widgets');
  asked = [];

  expect((await start().expand('toys')).map(({ name }) => name)).toEqual(['widgets']);
  expect(asked).toEqual([]);
});

test('a folder that cannot be written to does no harm', async () => {
  writeFileSync(join(folder, 'discovery'), 'in the way');

  expect((await start().find('widgets')).kind).toBe('Widget');
});
