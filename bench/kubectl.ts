import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCluster } from '../cluster/index.ts';
import { systemClock } from '../server/clock.ts';
import { renderKubeconfig } from '../server/session/kubeconfig.ts';
import { measureProcess, median, type BenchRow } from './bench-row.ts';

const ROUNDS = 25;
const REAL = '/usr/bin/kubectl';
const OURS = 'dist/commands/kubectl.cjs';

/** Whole processes of `kubectl get pods` against one API: ours, the real one where there is one, and bare Node. */
export async function run(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'taller-bench-'));
  const cluster = createCluster({ clock: systemClock, randomBytes: (length) => randomBytes(length) });
  const server = createServer((request, response) => cluster.handleRequest(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const kubeconfig = join(folder, 'config');
  const { port } = server.address() as AddressInfo;
  writeFileSync(kubeconfig, renderKubeconfig(`http://127.0.0.1:${port}`));
  const env = { PATH: process.env.PATH, HOME: folder, KUBECONFIG: kubeconfig };
  const node = () => measureProcess(process.execPath, ['-e', '0'], env);
  const ours = () => measureProcess(process.execPath, [OURS, 'get', 'pods'], env);
  const real = () => measureProcess(REAL, ['get', 'pods'], env);
  const hasReal = existsSync(REAL);
  try {
    // Files are read once, and the real one finds out about the API, which it remembers.
    for (const each of [node, ours, ...(hasReal ? [real] : [])]) await each();
    const times = { node: [] as number[], ours: [] as number[], real: [] as number[] };
    // By turns, so that what else the machine does hits all alike.
    for (let round = 0; round < ROUNDS; round++) {
      times.node.push(await node());
      times.ours.push(await ours());
      if (hasReal) times.real.push(await real());
    }
    const value = median(times.ours);
    const rows: BenchRow[] = [{ name: 'get pods against node -e 0', value, baseline: median(times.node), unit: 'ms' }];
    if (hasReal)
      rows.push({ name: 'get pods against the real kubectl', value, baseline: median(times.real), unit: 'ms' });
    return rows;
  } finally {
    server.closeAllConnections();
    server.close();
    cluster.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
}
