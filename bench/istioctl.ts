import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCluster } from '../cluster/index.ts';
import { systemClock } from '../server/clock.ts';
import { renderKubeconfig } from '../server/session/kubeconfig.ts';
import { measureProcess, median, type BenchRow } from './bench-row.ts';

const ROUNDS = 15;
const ISTIOCTL = 'dist/commands/istioctl.cjs';

/** Whole processes of `istioctl`, alone and with questions to the control plane and a proxy, against bare Node. */
export async function run(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'taller-bench-'));
  const cluster = createCluster({ clock: systemClock, randomBytes: (length) => randomBytes(length) });
  const server = createServer((request, response) => cluster.handleRequest(request, response));
  server.on('upgrade', (request, socket, head) => cluster.handleUpgrade(request, socket, head));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const kubeconfig = join(folder, 'config');
  const { port } = server.address() as AddressInfo;
  writeFileSync(kubeconfig, renderKubeconfig(`http://127.0.0.1:${port}`));
  const env = { PATH: process.env.PATH, HOME: folder, KUBECONFIG: kubeconfig };
  const lines = ['version --remote=false', 'version', 'pc cluster deploy/istio-ingressgateway.istio-system'];
  const istioctl = (line: string) => measureProcess(process.execPath, [ISTIOCTL, ...line.split(' ')], env);
  const node = () => measureProcess(process.execPath, ['-e', '0'], env);
  try {
    // The first question starts the control plane, which istioctl waits for; the gateway follows.
    await istioctl('version');
    await untilReady(cluster);
    const times = new Map<string, number[]>(['node', ...lines].map((name) => [name, []]));
    // By turns, so that what else the machine does hits all alike.
    for (let round = 0; round < ROUNDS; round++) {
      times.get('node')?.push(await node());
      for (const line of lines) times.get(line)?.push(await istioctl(line));
    }
    const baseline = median(times.get('node') ?? []);
    return lines.map((line) => ({
      name: `${line} against node -e 0`,
      value: median(times.get(line) ?? []),
      baseline,
      unit: 'ms',
    }));
  } finally {
    server.closeAllConnections();
    server.close();
    cluster.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function untilReady(cluster: ReturnType<typeof createCluster>): Promise<void> {
  const isRunning = () =>
    cluster
      .list('pods', 'istio-system')
      .every(({ status }) => (status as { phase?: string } | undefined)?.phase === 'Running');
  while (!isRunning()) await new Promise((resolve) => setTimeout(resolve, 20));
}
