import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { createCluster, type Cluster } from '../../../../cluster/index.ts';
import { systemClock } from '../../../../server/clock.ts';
import { renderKubeconfig } from '../../../../server/session/kubeconfig.ts';

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
  const cluster = createCluster({ clock: systemClock, randomBytes: (length) => randomBytes(length) });
  const server = createServer((request, response) => cluster.handleRequest(request, response));
  server.on('upgrade', (request, socket, head) => cluster.handleUpgrade(request, socket, head));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await writeFile(join(folder, 'config'), renderKubeconfig(`http://127.0.0.1:${port}`));
  return {
    cluster,
    bundle,
    folder,
    env: { PATH: '/usr/bin:/bin', HOME: folder, KUBECONFIG: join(folder, 'config'), TZ: 'UTC' },
    async dispose() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      cluster.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
