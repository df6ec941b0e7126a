/** A Kubernetes object as JSON. Everything beyond the metadata depends on the kind. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  // Kinds differ in everything else; readers of a kind declare the part that they need.
  [field: string]: unknown;
}

export interface ObjectMeta {
  name: string;
  namespace?: string;
  generateName?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  /** RFC 3339 in seconds, as Kubernetes prints it. */
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  managedFields?: unknown[];
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/**
 * Plural name and group as in a CRD's name: `pods`, `deployments.apps`,
 * `peerauthentications.security.istio.io`.
 */
export type ResourceKey = string;

export interface StoreEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: KubernetesObject;
}

/** What the mesh, the network and the containers need of the object store: to read it and to follow it. */
export interface ObjectReader {
  get(resource: ResourceKey, namespace: string | undefined, name: string): KubernetesObject | undefined;
  /** In the order of namespace and name. Objects are frozen: copy before changing one. */
  list(resource: ResourceKey, namespace?: string): readonly KubernetesObject[];
  /** Calls back after each change from now on, in the order of resourceVersions. @returns stops it. */
  watch(resource: ResourceKey, listener: (event: StoreEvent) => void): () => void;
}
