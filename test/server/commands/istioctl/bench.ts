import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { Cluster, IstioVersion, KubernetesObject } from '../../../../cluster/index.ts';
import { renderKubeconfig } from '../../../../server/session/kubeconfig.ts';
import { listenWithCluster } from '../../../cluster/listening-cluster.ts';

export interface Outcome {
  exit: number;
  stdout: string;
  stderr: string;
}

export interface Bench {
  cluster: Cluster;
  folder: string;
  /** Runs the bundled istioctl to its end. */
  istioctl(words: readonly string[], options?: { stdin?: string; env?: Record<string, string> }): Promise<Outcome>;
  /** Applies YAML and waits until every pod of the cluster runs and is ready. */
  apply(yaml: string): Promise<void>;
  /** Name of the pod with a label, as `app=web`. */
  pod(namespace: string, label: string): string;
  dispose(): Promise<void>;
}

/** The bundle, a cluster with an Istio of its own on a free port, and a kubeconfig for it. */
export async function createBench(istio: IstioVersion = 'current', openshift = false): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'taller-istioctl-'));
  const bundle = join(folder, 'istioctl.cjs');
  const entryPoints = [new URL('../../../../server/commands/istioctl/main.ts', import.meta.url).pathname];
  await build({ entryPoints, bundle: true, platform: 'node', format: 'cjs', outfile: bundle, logLevel: 'error' });
  const { cluster, url, dispose } = await listenWithCluster({ istio, openshift });
  await writeFile(join(folder, 'config'), renderKubeconfig(url));
  const env = {
    PATH: '/usr/bin:/bin',
    HOME: folder,
    KUBECONFIG: join(folder, 'config'),
    TZ: 'UTC',
    TALLER_ISTIO: istio,
  };

  return {
    cluster,
    folder,
    istioctl: (words, options = {}) =>
      new Promise((resolve) => {
        const child = execFile(
          process.execPath,
          [bundle, ...words],
          { env: { ...env, ...options.env }, cwd: folder, maxBuffer: 64 * 1024 * 1024 },
          (error, stdout, stderr) => {
            const exit = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
            resolve({ exit, stdout, stderr });
          },
        );
        child.stdin?.end(options.stdin ?? '');
      }),
    async apply(yaml) {
      const objects = parseAllDocuments(yaml).map((document) => document.toJS() as KubernetesObject | null);
      cluster.apply(objects.filter((object) => object !== null));
      // Not expect.poll: it is refused outside of tests, as in beforeAll.
      await vi.waitFor(() => expect(waiting(cluster)).toEqual([]), { timeout: 30_000 });
    },
    pod(namespace, label) {
      const [key = '', value] = label.split('=');
      const found = cluster.list('pods', namespace).find(({ metadata }) => metadata.labels?.[key] === value);
      if (found === undefined) throw new Error(`no pod ${label} in ${namespace}`);
      return found.metadata.name;
    },
    async dispose() {
      await dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What is not ready yet. */
function waiting(cluster: Cluster): string[] {
  const ready = (object: KubernetesObject): boolean =>
    ((object['status'] as { conditions?: { type: string; status: string }[] } | undefined)?.conditions ?? []).some(
      ({ type, status }) => (type === 'Ready' || type === 'Available') && status === 'True',
    );
  return [...cluster.list('deployments.apps'), ...cluster.list('pods')]
    .filter((object) => !ready(object))
    .map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`);
}

/** Random parts of names and addresses as words; the same in each line. */
export function mask(text: string): string {
  return text
    .replace(/-[0-9a-f]{8,10}-[a-z0-9]{5}\b/g, '-RS-ID')
    .replace(/\b10\.244\.\d+\.\d+\b/g, 'POD_IP')
    .replace(/\b10\.\d+\.\d+\.\d+\b/g, 'SERVICE_IP');
}

/** Cells of a table by their columns, however wide they are. */
export function cells(text: string): string[][] {
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => line.trimEnd().split(/ {2,}/));
}
