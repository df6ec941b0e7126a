import type { Clock, RandomBytes } from '../clock.ts';
import type { IstioVersion } from '../istio-version.ts';
import { eraOf } from '../mesh/era.ts';
import { createMesh, type Mesh } from '../mesh/mesh.ts';
import { createNetwork, type Network } from '../network/network.ts';
import type { ObjectReader } from '../objects/object.ts';
import { createServiceAccountTokens, type ServiceAccountTokens } from '../service-account-tokens.ts';
import type { AuthorImage } from './images/author-image.ts';
import type { NodeFolders } from './files/volume-folders.ts';
import { createImageCatalogue } from './images/catalogue.ts';
import type { ContainerRuntime } from './runtime.ts';
import { createSandbox } from './sandbox.ts';

/** The runtime with what lies below it, for those who forward ports or show the mesh. */
export interface SimulatedRuntime extends ContainerRuntime {
  readonly network: Network;
  readonly mesh: Mesh;
  /** Ends all pods' connections and every watch. Safe to call twice. */
  dispose(): void;
}

/** Containers, network and mesh of one cluster. Reads objects, never writes them. */
export function createContainerRuntime(deps: {
  objects: ObjectReader;
  clock: Clock;
  randomBytes: RandomBytes;
  /** In addition to those that every cluster has. Default none. */
  images?: readonly AuthorImage[];
  /** As in `ClusterOptions`. Default `current`. */
  istio?: IstioVersion;
  /** Who signs what is mounted into pods. Default one of its own, which no API knows. */
  tokens?: ServiceAccountTokens;
}): SimulatedRuntime {
  const catalogue = createImageCatalogue(deps.images);
  const { tokens = createServiceAccountTokens(deps) } = deps;
  const network = createNetwork(deps);
  const nodeFolders: NodeFolders = new Map();
  const mesh = createMesh({ ...deps, network, era: eraOf(deps.istio) });
  return {
    network,
    mesh,
    hasImage: (image) => catalogue.find(image) !== undefined,
    inspectImage(reference) {
      const image = catalogue.find(reference);
      return image && { exposes: image.exposes ?? [], uid: image.user?.uid ?? 0 };
    },
    createSandbox: (pod, ip) => createSandbox({ ...deps, catalogue, network, mesh, tokens, nodeFolders }, pod, ip),
    dispose() {
      mesh.dispose();
      network.dispose();
    },
  };
}
