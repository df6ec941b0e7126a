import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Cluster } from '../../../cluster/index.ts';
import { listenWithCluster } from '../../cluster/listening-cluster.ts';

/** A cluster in the place of somebody's own. */
export interface SomebodysCluster {
  cluster: Cluster;
  url: string;
  /** Path of a kubeconfig whose context `lab-as-ann` leads to it. */
  kubeconfig: string;
  /** Names of its namespaces. */
  namespaces(): string[];
  dispose(): Promise<void>;
}

export async function createSomebodysCluster(): Promise<SomebodysCluster> {
  const { cluster, url, dispose } = await listenWithCluster({ mesh: false });
  const folder = await mkdtemp(join(tmpdir(), 'real-cluster-'));
  const kubeconfig = join(folder, 'config');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'lab', cluster: { server: url } }],
    users: [{ name: 'ann', user: { token: 'secret' } }],
    contexts: [{ name: 'lab-as-ann', context: { cluster: 'lab', user: 'ann' } }],
    'current-context': 'lab-as-ann',
  };
  await writeFile(kubeconfig, stringify(config));
  return {
    cluster,
    url,
    kubeconfig,
    namespaces: () => cluster.list('namespaces').map(({ metadata }) => metadata.name),
    async dispose() {
      await dispose();
      await rm(folder, { recursive: true });
    },
  };
}
