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
  await writeFile(
    file,
    `apiVersion: v1
kind: ConfigMap
metadata: { name: shop, annotations: { note: open } }
data: { b: "1", a: <2> }
---
apiVersion: v1
kind: Namespace
metadata: { name: mall }
`,
  );

  await applyManifests(cluster, file);
  const shop = cluster.get('configmaps', 'default', 'shop')!.metadata.annotations;
  const mall = cluster.get('namespaces', undefined, 'mall')!.metadata.annotations;
  cluster.dispose();

  // As recorded from kubectl 1.32.
  expect(shop).toEqual({
    note: 'open',
    'kubectl.kubernetes.io/last-applied-configuration':
      '{"apiVersion":"v1","data":{"a":"\\u003c2\\u003e","b":"1"},"kind":"ConfigMap","metadata":{"annotations":{"note":"open"},"name":"shop","namespace":"default"}}\n',
  });
  expect(mall).toEqual({
    'kubectl.kubernetes.io/last-applied-configuration':
      '{"apiVersion":"v1","kind":"Namespace","metadata":{"annotations":{},"name":"mall"}}\n',
  });
});
