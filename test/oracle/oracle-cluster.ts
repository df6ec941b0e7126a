import { cp, chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { RECORDINGS } from './commands.ts';
import type { ReplayNames } from './masks.ts';
import { listenWithCluster } from '../cluster/listening-cluster.ts';

/** A fresh cluster, and a shell's surroundings as they were for the recordings. */
export interface OracleCluster {
  names: ReplayNames;
  /** A copy of the recordings, with `manifests/`. */
  directory: string;
  env: Record<string, string>;
  dispose(): Promise<void>;
}

/** @param kubectl path of the program, or of our own bundle (`.cjs`), which Node then runs. */
export async function createOracleCluster(kubectl: string): Promise<OracleCluster> {
  // The recordings' cluster had the definitions of Istio's resources and nothing else of Istio.
  // At the root of its address, as the recorded server was: behind the secret path of a session's gateway, `--raw` of
  // kubectl 1.32 would drop that path.
  const { url, dispose } = await listenWithCluster({ mesh: false });
  const root = await mkdtemp(join(tmpdir(), 'oracle-'));
  const [home, bin, temporary, directory] = ['home', 'bin', 'tmp', 'work'].map((name) => join(root, name)) as [
    string,
    string,
    string,
    string,
  ];
  for (const folder of [home, bin, temporary]) await mkdir(folder);
  await cp(join(RECORDINGS, 'manifests'), join(directory, 'manifests'), { recursive: true });
  const kubeconfig = join(root, 'kubeconfig');
  await writeFile(kubeconfig, renderKubeconfig(url), { mode: 0o600 });
  await putOnPath(join(bin, 'kubectl'), kubectl);
  return {
    names: { serverUrl: url, home, kubeconfig, temporary, directory },
    directory,
    env: {
      PATH: `${bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
      HOME: home,
      KUBECONFIG: kubeconfig,
      TMPDIR: temporary,
      LANG: 'C.UTF-8',
      TZ: 'UTC',
    },
    async dispose() {
      await dispose();
      await rm(root, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

async function putOnPath(file: string, kubectl: string): Promise<void> {
  if (!/\.c?js$/.test(kubectl)) return symlink(kubectl, file);
  await writeFile(file, `#!/bin/sh\nTALLER_COMMAND=kubectl exec '${process.execPath}' '${kubectl}' "$@"\n`);
  await chmod(file, 0o755);
}

function renderKubeconfig(server: string): string {
  const user = 'kubernetes-admin';
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'oracle', cluster: { server } }],
    contexts: [{ name: `${user}@oracle`, context: { cluster: 'oracle', user } }],
    'current-context': `${user}@oracle`,
    // Without credentials kubectl asks for some when the server cannot be reached.
    users: [{ name: user, user: { token: 'none' } }],
  });
}
