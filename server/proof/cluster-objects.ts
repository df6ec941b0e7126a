import type { Cluster, KubernetesObject, ResourceKey } from '../../cluster/index.ts';

/** An object and the resource that it is of. */
export interface Found {
  resource: ResourceKey;
  object: KubernetesObject;
}

/** By a key that is the same in every cluster. */
export type Objects = ReadonlyMap<string, Found>;

/** What reports on other objects, and what stands for the machines. */
const REPORTS = new Set([
  'events',
  'events.events.k8s.io',
  'endpoints',
  'endpointslices.discovery.k8s.io',
  'leases.coordination.k8s.io',
  'nodes',
]);

/** The objects that people make: no reports, and nothing that a controller makes again by itself. */
export function listObjects(cluster: Cluster): Objects {
  const objects = new Map<string, Found>();
  for (const resource of cluster.resources()) {
    if (REPORTS.has(resource)) continue;
    for (const object of cluster.list(resource)) {
      if (object.metadata.ownerReferences?.some((owner) => owner.controller)) continue;
      objects.set(keyOf(resource, object), { resource, object });
    }
  }
  return objects;
}

export function keyOf(resource: ResourceKey, { metadata }: KubernetesObject): string {
  return `${resource} ${metadata.namespace ?? ''} ${metadata.name}`;
}

/** Where the API serves the collection that the object is in. */
export function collectionPath({ resource, object }: Found): string {
  const { apiVersion, metadata } = object;
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const namespace = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
  return `${group}${namespace}/${resource.split('.')[0]}`;
}

/**
 * What somebody wants of the object: without its status, and without what each cluster gives out anew. Two clusters
 * that were treated alike have objects whose wishes are equal.
 */
export function wishOf(object: KubernetesObject): KubernetesObject {
  const known = wishes.get(object);
  if (known) return known;
  const wish = makeWish(object);
  wishes.set(object, wish);
  return wish;
}

/** Objects of a cluster are replaced, never changed: most are asked for at every restoring. */
const wishes = new WeakMap<KubernetesObject, KubernetesObject>();

function makeWish(object: KubernetesObject): KubernetesObject {
  const { status: _status, ...rest } = structuredClone(object);
  const { name, namespace, labels, annotations, finalizers } = rest.metadata;
  delete annotations?.['deployment.kubernetes.io/revision'];
  const metadata = { name, namespace, labels, annotations: emptyToNone(annotations), finalizers };
  const wish: KubernetesObject = { ...rest, metadata: withoutUndefined(metadata) };
  if (wish.kind === 'Service') forgetAddresses(wish.spec as ServiceSpec);
  if (wish.kind === 'Pod') forgetPlace(wish.spec as PodSpec);
  return wish;
}

interface ServiceSpec {
  clusterIP?: string;
  clusterIPs?: string[];
  ports?: { nodePort?: number }[];
}

function forgetAddresses(spec: ServiceSpec): void {
  // "None" is a wish; an address is not.
  if (spec.clusterIP !== 'None') {
    delete spec.clusterIP;
    delete spec.clusterIPs;
  }
  for (const port of spec.ports ?? []) delete port.nodePort;
}

interface PodSpec {
  nodeName?: string;
  volumes?: { name: string }[];
  containers?: { volumeMounts?: { name: string }[] }[];
  initContainers?: { volumeMounts?: { name: string }[] }[];
}

/** The token's volume has a random name. */
const TOKEN_VOLUME = /^kube-api-access-/;

function forgetPlace(spec: PodSpec): void {
  delete spec.nodeName;
  spec.volumes = spec.volumes?.filter(({ name }) => !TOKEN_VOLUME.test(name));
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) {
    container.volumeMounts = container.volumeMounts?.filter(({ name }) => !TOKEN_VOLUME.test(name));
  }
}

function emptyToNone<T extends object>(map: T | undefined): T | undefined {
  return map === undefined || Object.keys(map).length === 0 ? undefined : map;
}

function withoutUndefined<T extends object>(map: T): T {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== undefined)) as T;
}
