import { randomBytes } from 'node:crypto';
import { type AuthorImage, type Clock, createCluster, type Cluster, type IstioVersion } from '../../cluster/index.ts';
import { systemClock } from '../clock.ts';
import type { ClusterGateway } from './cluster-gateway.ts';
import type { Environment, ObjectReader } from './environment.ts';
import { renderKubeconfig } from './kubeconfig.ts';
import { type FolderOptions, makeLearnerFolder } from './learner-folder.ts';
import { applyManifests } from './manifests.ts';

/** The environment of a lesson whose cluster lives in this process. */
export interface EmbeddedEnvironment extends Environment {
  cluster: Cluster;
  /** Address of the cluster's API, its secret included, without a slash at the end. */
  apiUrl: string;
}

export interface EmbeddedOptions extends FolderOptions {
  gateway: ClusterGateway;
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
  /** Where a browser shows the mesh of this session. Default none. */
  meshViewUrl?: string | undefined;
}

/**
 * Leaves nothing behind when it fails.
 * @throws UserError MANIFEST_INVALID, FILES_UNREADABLE
 */
export async function createEmbeddedEnvironment(options: EmbeddedOptions): Promise<EmbeddedEnvironment> {
  const istio = options.istio ?? 'current';
  const cluster = createLessonCluster(options);
  const address = options.gateway.add(cluster);
  const end = () => {
    address.remove();
    cluster.dispose();
  };
  try {
    for (const file of options.setup) await applyManifests(cluster, file);
    const folder = await makeLearnerFolder(options, renderKubeconfig(address.url), {
      TALLER_ISTIO: istio,
      ...(options.meshViewUrl ? { TALLER_MESH_VIEW_URL: options.meshViewUrl } : {}),
      // curl and its like reach the cluster's addresses through these; the API and forwarded ports are on loopback.
      http_proxy: address.proxyUrl,
      https_proxy: address.proxyUrl,
      no_proxy: 'localhost,127.0.0.1,::1',
    });
    let disposed: Promise<void> | undefined;
    return {
      ...folder,
      cluster,
      objects: readerOf(cluster),
      apiUrl: address.url,
      ingressName: address.ingressName,
      exclusive: false,
      meshGraph: (windowSeconds) => cluster.meshGraph(windowSeconds),
      onVerdict: (listener) => cluster.onVerdict(listener),
      dispose() {
        disposed ??= (async () => {
          end();
          await folder.remove();
        })();
        return disposed;
      },
    };
  } catch (error) {
    end();
    throw error;
  }
}

/** A cluster as a lesson asks for it, its setup still to be applied. */
export function createLessonCluster(
  options: Pick<EmbeddedOptions, 'images' | 'istio' | 'openshift' | 'clock'>,
): Cluster {
  return createCluster({
    clock: options.clock ?? systemClock,
    randomBytes: (length) => randomBytes(length),
    images: options.images ?? [],
    istio: options.istio ?? 'current',
    openshift: options.openshift ?? false,
  });
}

/** Whether the cluster of an environment lives in this process. */
export function isEmbedded(environment: Environment): environment is EmbeddedEnvironment {
  return 'cluster' in environment;
}

/** What checks read of a cluster in this process. */
export function readerOf(cluster: Pick<Cluster, 'findResource' | 'get'>): ObjectReader {
  return {
    read(word, namespace, name) {
      const found = cluster.findResource(word);
      if (!found) {
        const what = `the cluster has no resource type "${word}". Mend "object", or have its definition applied before`;
        return Promise.reject(new Error(what));
      }
      const place = found.namespaced ? (namespace ?? 'default') : undefined;
      return Promise.resolve(cluster.get(found.resource, place, name));
    },
  };
}
