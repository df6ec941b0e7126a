import { randomBytes } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AuthorImage, type Clock, createCluster, type Cluster, type IstioVersion } from '../../cluster/index.ts';
import { systemClock } from '../clock.ts';
import { UserError } from '../errors.ts';
import type { ToolChoice } from '../tool-choice.ts';
import type { ClusterGateway } from './cluster-gateway.ts';
import { renderKubeconfig } from './kubeconfig.ts';
import { applyManifests } from './manifests.ts';

/** What a learner works in: a cluster, a home on disk, and the variables of a shell there. */
export interface Environment {
  cluster: Cluster;
  /** Address of the cluster's API, its secret included, without a slash at the end. */
  apiUrl: string;
  /** The learner's home; also where commands start. */
  home: string;
  /** Beside the home, for the server alone: shell integration, and the kubeconfig that checks use. */
  privateDirectory: string;
  /** Variables of the learner's shells. Nothing of the server's own environment but LANG and TZ. */
  shellEnv: Record<string, string>;
  /** The same for commands that the server runs: what the learner can write plays no part in it. */
  checkEnv: Record<string, string>;
  /** Label below `localhost` where browsers find the cluster's ingress, see `ingress.ts`. */
  ingressName: string;
  dispose(): Promise<void>;
}

export interface EnvironmentOptions {
  gateway: ClusterGateway;
  /** Folders are made in here. */
  root: string;
  /** Folder with `kubectl` and `oc`, see `tools.ts`. */
  toolsDirectory: string;
  /** Makes the folder with the machine's own tools; asked for only where those go first. */
  systemToolsDirectory?: () => Promise<string>;
  /** Whose tools go first on PATH. Default `bundled`, ours. */
  tools?: ToolChoice;
  /** Goes before `tools`. Default none. */
  forcedTools?: ToolChoice | undefined;
  /** Container images in addition to those of every cluster. Default none. */
  images?: readonly AuthorImage[];
  /** The cluster's Istio; the tools stand for their versions of that time. Default `current`. */
  istio?: IstioVersion;
  /** Whether it is an OpenShift cluster. Default false. */
  openshift?: boolean;
  /** The cluster's time. Default real time. */
  clock?: Clock;
  /** Manifests applied before anything else, absolute paths. */
  setup: readonly string[];
  /** Folder whose content is copied to the home; it need not exist. */
  files: string | null;
  /** Folder with what the lesson ships of the web, by host and path; it need not exist. Default none. */
  urls?: string | null;
  /** Where a browser shows the mesh of this session. Default none. */
  meshViewUrl?: string | undefined;
}

const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Leaves nothing behind when it fails.
 * @throws UserError MANIFEST_INVALID, FILES_UNREADABLE
 */
export async function createEnvironment(options: EnvironmentOptions): Promise<Environment> {
  const istio = options.istio ?? 'current';
  const directory = await mkdtemp(join(options.root, 'session-'));
  const home = join(directory, 'home');
  const privateDirectory = join(directory, 'private');
  const cluster = createCluster({
    clock: options.clock ?? systemClock,
    randomBytes: (length) => randomBytes(length),
    images: options.images ?? [],
    istio,
    openshift: options.openshift ?? false,
  });
  const address = options.gateway.add(cluster);
  let disposed: Promise<void> | undefined;
  const dispose = () => {
    disposed ??= (async () => {
      address.remove();
      cluster.dispose();
      // A shell that was hung up still writes its history.
      await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
    })();
    return disposed;
  };

  try {
    for (const file of options.setup) await applyManifests(cluster, file);
    const kubeconfig = renderKubeconfig(address.url);
    await mkdir(join(home, '.kube'), { recursive: true });
    await mkdir(join(privateDirectory, 'home'), { recursive: true, mode: 0o700 });
    await writeFile(join(home, '.kube', 'config'), kubeconfig, { mode: 0o600 });
    await writeFile(join(privateDirectory, 'kubeconfig'), kubeconfig, { mode: 0o600 });
    if (options.files !== null) await copyFolder(options.files, home);
  } catch (error) {
    await dispose();
    throw error;
  }

  const shared = {
    PATH: `${await toolFolders(options)}:${SYSTEM_PATH}`,
    LANG: process.env.LANG ?? 'C.UTF-8',
    TALLER_ISTIO: istio,
    ...(options.meshViewUrl ? { TALLER_MESH_VIEW_URL: options.meshViewUrl } : {}),
    ...(options.urls ? { TALLER_URLS: options.urls } : {}),
    // curl and its like reach the cluster's addresses through these; the API and forwarded ports are on loopback.
    http_proxy: address.proxyUrl,
    https_proxy: address.proxyUrl,
    no_proxy: 'localhost,127.0.0.1,::1',
    ...(process.env.TZ === undefined ? {} : { TZ: process.env.TZ }),
  };
  return {
    cluster,
    apiUrl: address.url,
    ingressName: address.ingressName,
    home,
    privateDirectory,
    shellEnv: {
      ...shared,
      HOME: home,
      USER: 'learner',
      LOGNAME: 'learner',
      SHELL: '/bin/bash',
      KUBECONFIG: join(home, '.kube', 'config'),
    },
    checkEnv: { ...shared, HOME: join(privateDirectory, 'home'), KUBECONFIG: join(privateDirectory, 'kubeconfig') },
    dispose,
  };
}

/** The folders of tools, the first one first. */
async function toolFolders(options: EnvironmentOptions): Promise<string> {
  const { toolsDirectory, systemToolsDirectory, forcedTools, tools = 'bundled' } = options;
  if ((forcedTools ?? tools) === 'bundled' || !systemToolsDirectory) return toolsDirectory;
  return `${await systemToolsDirectory()}:${toolsDirectory}`;
}

async function copyFolder(from: string, to: string): Promise<void> {
  const entries = await readdir(from).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  for (const entry of entries) {
    try {
      await cp(join(from, entry), join(to, entry), { recursive: true });
    } catch (error) {
      // A pipe, a socket, or what the one who started us may not read.
      const what = `${join(from, entry)} cannot be copied to the learner's home: ${(error as Error).message}`;
      throw new UserError('FILES_UNREADABLE', what, { cause: error });
    }
  }
}
