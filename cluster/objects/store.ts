import { freezeJson } from './json.ts';
import { type KubernetesObject, type ObjectReader, type ResourceKey, type StoreEvent } from './object.ts';

/** A change as the store remembers it. */
export interface Change extends StoreEvent {
  revision: number;
  resource: ResourceKey;
  /** The object before the change, for watches whose selector it enters or leaves. */
  previous: KubernetesObject | undefined;
}

/**
 * All objects of one cluster, in memory, under one counter of revisions (the role of etcd). It knows nothing of
 * kinds: rules live in `writer.ts`.
 */
export interface ObjectStore extends ObjectReader {
  /** The revision of the latest change; starts at 1. */
  readonly revision: number;
  /** Puts an object that is not there yet, under the next revision. @returns the frozen object as stored. */
  insert(resource: ResourceKey, object: KubernetesObject): KubernetesObject;
  /** Replaces the object with the same namespace and name, under the next revision. */
  replace(resource: ResourceKey, object: KubernetesObject): KubernetesObject;
  /** Removes it and tells watchers its last state, under the next revision. */
  remove(resource: ResourceKey, object: KubernetesObject): KubernetesObject;
  /** Changes of the resource after `revision`, oldest first; undefined when they are no longer known (HTTP 410). */
  changesSince(resource: ResourceKey, revision: number): readonly Change[] | undefined;
  watchChanges(resource: ResourceKey, listener: (change: Change) => void): () => void;
  /** Changes of all resources, for those who look after owners and namespaces. */
  watchAll(listener: (change: Change) => void): () => void;
  /** Resources that hold or held objects. */
  resources(): readonly ResourceKey[];
  dispose(): void;
}

// A watch that falls further behind than this lists again, as with etcd after compaction. 4,000 changes are about
// 200 rollouts of a small deployment, and share most of their memory with each other.
const HISTORY_LENGTH = 4_000;

export function createStore(): ObjectStore {
  const tables = new Map<ResourceKey, Map<string, KubernetesObject>>();
  const sortedTables = new Map<ResourceKey, readonly KubernetesObject[]>();
  const listeners = new Map<ResourceKey, Set<(change: Change) => void>>();
  const allListeners = new Set<(change: Change) => void>();
  const pending: Change[] = [];
  let history: Change[] = [];
  let forgotten = 0;
  let revision = 1;
  let delivering = false;

  // A listener may write, so changes queue up: everyone sees them in the order of revisions.
  function deliver(): void {
    if (delivering) return;
    delivering = true;
    try {
      for (let change = pending.shift(); change; change = pending.shift()) {
        for (const listener of listeners.get(change.resource) ?? []) listener(change);
        for (const listener of allListeners) listener(change);
      }
    } finally {
      delivering = false;
    }
  }

  function record(
    type: StoreEvent['type'],
    resource: ResourceKey,
    object: KubernetesObject,
    previous?: KubernetesObject,
  ) {
    revision += 1;
    const stored = freezeJson({
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(revision) },
    });
    const table = tables.get(resource) ?? new Map<string, KubernetesObject>();
    tables.set(resource, table);
    if (type === 'DELETED') table.delete(keyOf(object));
    else table.set(keyOf(object), stored);
    sortedTables.delete(resource);
    const change: Change = { type, resource, object: stored, previous, revision };
    history.push(change);
    if (history.length > HISTORY_LENGTH * 1.25) {
      const excess = history.length - HISTORY_LENGTH;
      forgotten = history[excess - 1]?.revision ?? forgotten;
      history = history.slice(excess);
    }
    pending.push(change);
    deliver();
    return stored;
  }

  function sorted(resource: ResourceKey): readonly KubernetesObject[] {
    const known = sortedTables.get(resource);
    if (known) return known;
    const entries = [...(tables.get(resource) ?? [])].sort(([left], [right]) => (left < right ? -1 : 1));
    const objects = Object.freeze(entries.map(([, object]) => object));
    sortedTables.set(resource, objects);
    return objects;
  }

  function watchChanges(resource: ResourceKey, listener: (change: Change) => void): () => void {
    const set = listeners.get(resource) ?? new Set();
    listeners.set(resource, set);
    // A wrapper, so that one function may watch twice and each can be stopped alone.
    const entry = (change: Change) => listener(change);
    set.add(entry);
    return () => void set.delete(entry);
  }

  return {
    get revision() {
      return revision;
    },
    get: (resource, namespace, name) => tables.get(resource)?.get(`${namespace ?? ''}\0${name}`),
    list(resource, namespace) {
      const all = sorted(resource);
      return namespace === undefined ? all : all.filter((object) => object.metadata.namespace === namespace);
    },
    watch: watchChanges,
    watchChanges,
    watchAll(listener) {
      allListeners.add(listener);
      return () => void allListeners.delete(listener);
    },
    resources: () => [...tables.keys()],
    insert: (resource, object) => record('ADDED', resource, object),
    replace: (resource, object) => record('MODIFIED', resource, object, tables.get(resource)?.get(keyOf(object))),
    remove: (resource, object) => record('DELETED', resource, object, tables.get(resource)?.get(keyOf(object))),
    changesSince(resource, since) {
      if (since < forgotten || since > revision) return undefined;
      return history.filter((change) => change.revision > since && change.resource === resource);
    },
    dispose() {
      listeners.clear();
      allListeners.clear();
      pending.length = 0;
    },
  };
}

// The separator sorts before every character of a name, so keys sort by namespace and then by name.
function keyOf(object: KubernetesObject): string {
  return `${object.metadata.namespace ?? ''}\0${object.metadata.name}`;
}
