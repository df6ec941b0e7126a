import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Cluster } from '../../../../cluster/index.ts';
import { renderKubeconfig } from '../../../../server/session/kubeconfig.ts';
import { listenWithCluster } from '../../../cluster/listening-cluster.ts';

export interface Bench {
  cluster: Cluster;
  /** The bundled kubectl, to be started with this Node. */
  bundle: string;
  folder: string;
  env: Record<string, string>;
  dispose(): Promise<void>;
}

/** The bundle, a cluster on a free port and a kubeconfig for it. */
export async function createBench(): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'taller-kubectl-'));
  const bundle = join(folder, 'kubectl.cjs');
  const entryPoints = [new URL('../../../../server/commands/kubectl/main.ts', import.meta.url).pathname];
  await build({ entryPoints, bundle: true, platform: 'node', format: 'cjs', outfile: bundle, logLevel: 'error' });
  const { cluster, url, dispose } = await listenWithCluster();
  await writeFile(join(folder, 'config'), renderKubeconfig(url));
  return {
    cluster,
    bundle,
    folder,
    env: { PATH: '/usr/bin:/bin', HOME: folder, KUBECONFIG: join(folder, 'config'), TZ: 'UTC' },
    async dispose() {
      await dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
