import { expect, test } from 'vitest';
import { createStore } from '../../../cluster/objects/store.ts';
import type { KubernetesObject } from '../../../cluster/objects/object.ts';

const object = (name: string, namespace = 'default', extra: Record<string, unknown> = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  ...extra,
});

test('each change raises the one revision of the store', () => {
  const store = createStore();

  const first = store.insert('configmaps', object('a'));
  const second = store.insert('secrets', object('a'));
  const third = store.replace('configmaps', object('a', 'default', { data: { k: '1' } }));

  expect([first, second, third].map((one) => Number(one.metadata.resourceVersion))).toEqual([2, 3, 4]);
  expect(store.revision).toBe(4);
});

test('objects are frozen all through', () => {
  const store = createStore();
  const stored = store.insert('configmaps', object('a', 'default', { data: { k: '1' } }));

  expect(() => ((stored.data as Record<string, string>).k = '2')).toThrow(TypeError);
  expect(() => (stored.metadata.name = 'b')).toThrow(TypeError);
});

test('lists are in the order of namespace and name', () => {
  const store = createStore();
  for (const [name, namespace] of [
    ['b', 'x'],
    ['a', 'x-y'],
    ['a', 'x'],
    ['z', 'a'],
  ] as const)
    store.insert('configmaps', object(name, namespace));

  expect(store.list('configmaps').map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual([
    'a/z',
    'x/a',
    'x/b',
    'x-y/a',
  ]);
  expect(store.list('configmaps', 'x').map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
});

test('listeners that write are told everything in the order of revisions', () => {
  const store = createStore();
  const seen: string[] = [];
  store.watch('configmaps', ({ object: { metadata } }) => {
    if (metadata.name === 'a') store.insert('configmaps', object('made'));
    seen.push(`first ${metadata.name}`);
  });
  store.watch('configmaps', ({ object: { metadata } }) => seen.push(`second ${metadata.name}`));

  store.insert('configmaps', object('a'));

  expect(seen).toEqual(['first a', 'second a', 'first made', 'second made']);
});

test('a stopped watch hears nothing more', () => {
  const store = createStore();
  const seen: string[] = [];
  const listener = ({ object: { metadata } }: { object: KubernetesObject }) => seen.push(metadata.name);
  const stop = store.watch('configmaps', listener);
  store.watch('configmaps', listener);
  store.insert('configmaps', object('a'));

  stop();
  stop();
  store.insert('configmaps', object('b'));

  expect(seen).toEqual(['a', 'a', 'b']);
});

test('history is kept for a while, and then a watch has to start anew', () => {
  const store = createStore();
  store.insert('configmaps', object('a'));
  const start = store.revision;
  for (let i = 0; i < 100; i += 1) store.replace('configmaps', object('a', 'default', { data: { i: String(i) } }));
  const short = store.changesSince('configmaps', start);
  for (let i = 0; i < 6_000; i += 1) store.replace('configmaps', object('a', 'default', { data: { i: String(i) } }));

  expect(short).toHaveLength(100);
  expect(store.changesSince('configmaps', start)).toBeUndefined();
  expect(store.changesSince('configmaps', store.revision)).toEqual([]);
  expect(store.changesSince('configmaps', store.revision + 1)).toBeUndefined();
});
