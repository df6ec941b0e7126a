import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock, RandomBytes } from './clock.ts';
import type { AuthorImage } from './containers/images/author-image.ts';
import type { IstioVersion } from './istio-version.ts';
import type { MeshGraph } from './mesh/telemetry/mesh-graph.ts';
import type { Verdict } from './mesh/verdict-log.ts';
import type { KubernetesObject, ResourceKey, StoreEvent } from './objects/object.ts';

export type { Clock, RandomBytes } from './clock.ts';
export type { AuthorAnswer, AuthorImage, AuthorPort } from './containers/images/author-image.ts';
export type { MeshEdge, MeshGraph, MeshNode, NodePoints } from './mesh/telemetry/mesh-graph.ts';
export type { MutualTlsStatus, NamespaceMutualTls, ScopeMutualTls } from './mesh/telemetry/mtls-status.ts';
export type { Party, Verdict, VerdictCode } from './mesh/verdict-log.ts';
export type { KubernetesObject, ObjectMeta, ResourceKey, StoreEvent } from './objects/object.ts';

export { createCluster } from './cluster.ts';

/** Which images pods can run, without a cluster. */
export { createImageCatalogue, IMAGES } from './containers/images/catalogue.ts';

export { ISTIO_VERSIONS, type IstioVersion } from './istio-version.ts';

export interface ClusterOptions {
  clock: Clock;
  randomBytes: RandomBytes;
  /**
   * Whether Istio is installed: its namespace, istiod, the ingress gateway, and sidecars for pods that ask for one.
   * Without it the definitions of Istio's resources are still served, and nothing acts upon them. Default true.
   */
  mesh?: boolean;
  /** Which Istio it is: its kinds, defaults, injection and texts. Default `current`. */
  istio?: IstioVersion;
  /**
   * Whether it is an OpenShift cluster: with Projects beside namespaces, Routes that get a host and are admitted, and
   * Users. Clients are then `kube:admin`, or `system:admin` with Istio 1.0 and 1.1, which ran on OpenShift 3. Default
   * false.
   */
  openshift?: boolean;
  /** Container images in addition to those of the catalogue; before one of the same name. Default none. */
  images?: readonly AuthorImage[];
}

/** One simulated cluster with its mesh. Costs next to nothing until it is used. */
export interface Cluster {
  /**
   * Serves one API request. `request.url` is the path below the server's root, as `/api/v1/pods?watch=1`.
   * Always answers, whatever the request holds.
   */
  handleRequest(request: IncomingMessage, response: ServerResponse): void;
  /** Serves exec, attach and their like: a WebSocket upgrade. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /**
   * Creates or replaces objects as `kubectl apply` would, in order.
   * @throws Error with the API server's message when one is refused.
   */
  apply(objects: readonly KubernetesObject[]): void;
  get(resource: ResourceKey, namespace: string | undefined, name: string): KubernetesObject | undefined;
  list(resource: ResourceKey, namespace?: string): readonly KubernetesObject[];
  /** The resources of which there are or were objects. */
  resources(): readonly ResourceKey[];
  watch(resource: ResourceKey, listener: (event: StoreEvent) => void): () => void;
  /**
   * The resource that a word of the command line names: kind, plural, singular or short name, with or without
   * group, in any case (`PeerAuthentication`, `pa`, `deploy`, `deployments.apps`). Undefined when there is none.
   */
  findResource(word: string): { resource: ResourceKey; kind: string; namespaced: boolean } | undefined;
  /**
   * A TCP connection from outside of the mesh, as from a machine beside the node. `host` is an address (of a pod, a
   * service, a load balancer, or of the node for node ports) or a name that the world's DNS would lead here: a host of
   * a Route, a Gateway, or a VirtualService at one (`*` alone leads nowhere).
   * @returns null when the name or address is none of the cluster's.
   * @throws Error with code ECONNREFUSED, ETIMEDOUT (after 127 s), or ECANCELED when the signal aborts.
   */
  dial(host: string, port: number, signal?: AbortSignal): Promise<Duplex> | null;
  /** Address of the ingress gateway's load balancer; null while there is none. */
  ingressAddress(): string | null;
  /**
   * Who has talked to whom in the mesh, how it went and why it failed, over a window that ends now.
   * @param windowSeconds 5 to 600, in steps of 5; what lies outside is taken as the nearest
   * @returns null for a cluster without a mesh
   */
  meshGraph(windowSeconds: number): MeshGraph | null;
  /**
   * Calls back for each connection or request that the mesh refuses or fails from now on, with the rule that decided.
   * Never without a mesh. @returns stops it
   */
  onVerdict(listener: (verdict: Verdict) => void): () => void;
  /** What the mesh's proxies have counted, in Prometheus' text format with Istio's names; empty without a mesh. */
  metrics(): string;
  /** Ends all pods, watches and connections. Safe to call twice. */
  dispose(): void;
}
