import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn as spawnPty, type IPty } from 'node-pty';
import { listenWithCluster } from '../listening-cluster.ts';

export interface Outcome {
  exit: number;
  stdout: string;
  stderr: string;
}

/** A learner's machine with one kubectl, and a cluster of its own. */
export interface ClientMachine {
  /** kubectl's minor version. */
  minor: number;
  url: string;
  run(command: string): Promise<Outcome>;
  runInTerminal(command: string): IPty;
  runInBackground(command: string): ChildProcess;
  /** Connections that were turned over to another protocol and are still open. */
  upgradedConnections(): number;
  dispose(): Promise<void>;
}

const TIMEOUT_MS = 60_000;

/** @param mesh whether its cluster has Istio; default not */
export async function createClientMachine(kubectl: string, { mesh = false } = {}): Promise<ClientMachine> {
  const { url, server, dispose } = await listenWithCluster({ mesh });
  let upgraded = 0;
  server.on('upgrade', (_request, socket) => {
    upgraded += 1;
    socket.on('close', () => (upgraded -= 1));
  });

  const root = await mkdtemp(join(tmpdir(), 'client-'));
  const [home, bin, work] = [join(root, 'home'), join(root, 'bin'), join(root, 'work')];
  for (const folder of [home, bin]) await mkdir(folder);
  await cp(new URL('manifests', import.meta.url).pathname, join(work, 'manifests'), { recursive: true });
  await writeFile(join(bin, 'kubectl'), `#!/bin/sh\nexec '${kubectl}' "$@"\n`);
  await chmod(join(bin, 'kubectl'), 0o755);
  await writeFile(join(root, 'config'), renderKubeconfig(url));
  const env = {
    PATH: `${bin}:/usr/local/bin:/usr/bin:/bin`,
    HOME: home,
    KUBECONFIG: join(root, 'config'),
    TERM: 'xterm',
    LANG: 'C.UTF-8',
    TZ: 'UTC',
  };

  const run = (command: string): Promise<Outcome> =>
    new Promise((resolve, reject) => {
      const options = { cwd: work, env, timeout: TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 };
      execFile('/bin/bash', ['-c', command], options, (error, stdout, stderr) => {
        if (error && typeof error.code !== 'number')
          reject(new Error(`${command}: ${error.message}\n${stdout}${stderr}`));
        else resolve({ exit: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
      });
    });
  const version = await run('kubectl version --client -o json');
  const { clientVersion } = JSON.parse(version.stdout) as { clientVersion: { minor: string } };

  return {
    minor: Number.parseInt(clientVersion.minor, 10),
    url,
    run,
    runInTerminal: (command) => spawnPty('/bin/bash', ['-c', command], { cwd: work, env, cols: 80, rows: 24 }),
    runInBackground: (command) => spawn('/bin/bash', ['-c', `exec ${command}`], { cwd: work, env }),
    upgradedConnections: () => upgraded,
    async dispose() {
      await dispose();
      await rm(root, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

function renderKubeconfig(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    users: [{ name: 'test', user: {} }],
  });
}
