import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCluster } from '../../../cluster/index.ts';
import { applyManifests } from '../../../server/session/manifests.ts';
import { createManualClock } from '../../cluster/manual-clock.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'manifests-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('leaves the annotation that kubectl apply leaves, beside those that the author wrote', async () => {
  const cluster = createCluster({ clock: createManualClock(), randomBytes: (length) => randomBytes(length) });
  const file = join(folder, 'shop.yaml');
  const manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'shop', annotations: { note: 'open' } } };
  await writeFile(file, JSON.stringify(manifest));

  await applyManifests(cluster, file);
  const { annotations } = cluster.get('configmaps', 'default', 'shop')!.metadata;
  cluster.dispose();

  expect(annotations).toMatchObject({ note: 'open' });
  expect(JSON.parse(annotations!['kubectl.kubernetes.io/last-applied-configuration']!)).toEqual(manifest);
});
