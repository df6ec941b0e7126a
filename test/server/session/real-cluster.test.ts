import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { loadRealCluster } from '../../../server/session/real-cluster.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubeconfigs-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(name: string, content: unknown): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, typeof content === 'string' ? content : stringify(content));
  return file;
}

const config = (more: object = {}, user: object = { token: 't' }) => ({
  clusters: [{ name: 'lab', cluster: { server: 'https://lab:6443', 'certificate-authority': 'ca.crt' } }],
  users: [{ name: 'ann', user }],
  contexts: [
    { name: 'one', context: { cluster: 'lab', user: 'ann', namespace: 'prod' } },
    { name: 'two', context: { cluster: 'lab', user: 'ann' } },
  ],
  'current-context': 'one',
  ...more,
});

it('the copy is whole in one file, for one context and one namespace', async () => {
  await write('ca.crt', 'authority');
  await write('cert.pem', 'certificate');
  await write('key.pem', 'key');
  const KUBECONFIG = await write('config', config({}, { 'client-certificate': 'cert.pem', 'client-key': 'key.pem' }));

  const cluster = await loadRealCluster({ KUBECONFIG });

  const base64 = (text: string) => Buffer.from(text).toString('base64');
  expect(cluster).toMatchObject({ context: 'one', server: 'https://lab:6443', user: 'ann' });
  expect(parse(cluster.kubeconfig('shop'))).toEqual({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'lab', cluster: { server: 'https://lab:6443', 'certificate-authority-data': base64('authority') } },
    ],
    users: [
      {
        name: 'ann',
        user: { 'client-certificate-data': base64('certificate'), 'client-key-data': base64('key') },
      },
    ],
    contexts: [{ name: 'one', context: { cluster: 'lab', user: 'ann', namespace: 'shop' } }],
    'current-context': 'one',
    preferences: {},
  });
});

it('several files are one, of which the first that has a name keeps it', async () => {
  await write('ca.crt', 'authority');
  const first = await write('first', { 'current-context': 'two', users: [{ name: 'ann', user: { token: 'first' } }] });
  const second = await write('second', config());

  const cluster = await loadRealCluster({ KUBECONFIG: `${first}:${join(folder, 'missing')}:${second}` });

  expect(cluster.context).toBe('two');
  expect((parse(cluster.kubeconfig('a')) as { users: object[] }).users).toEqual([
    { name: 'ann', user: { token: 'first' } },
  ]);
});

it('another context than the current one can be named, and one that is not there is refused with those that are', async () => {
  await write('ca.crt', 'authority');
  const KUBECONFIG = await write('config', config());

  expect((await loadRealCluster({ KUBECONFIG }, 'two')).context).toBe('two');
  await expect(loadRealCluster({ KUBECONFIG }, 'three')).rejects.toThrow(
    `${KUBECONFIG} has no context "three". It has: one, two.`,
  );
});

it.each([
  [{ 'current-context': '' }, undefined, /has no current context\. Choose one with kubectl config use-context NAME\.$/],
  [{ clusters: [] }, undefined, /the context "one" of .* names no cluster with a server\.$/],
  [
    {},
    { exec: { command: 'aws' } },
    /^the user "ann" logs in by a program \(exec\), which shells of learners do not run\./,
  ],
  [{}, { 'client-key': 'missing.pem' }, /missing\.pem, named by the kubeconfig, cannot be read: ENOENT/],
])('%j with the user %j is refused', async (more, user, message) => {
  await write('ca.crt', 'authority');
  const KUBECONFIG = await write('config', config(more, user));

  await expect(loadRealCluster({ KUBECONFIG })).rejects.toThrow(message);
});

it('what is no YAML is refused with the name of the file', async () => {
  const KUBECONFIG = await write('config', 'a: [');

  await expect(loadRealCluster({ KUBECONFIG })).rejects.toThrow(`${KUBECONFIG} cannot be read: `);
});
