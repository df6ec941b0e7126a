import type { KubernetesObject, ObjectReader, ResourceKey } from '../objects/object.ts';

/** Objects of one kind by a key of the caller's, kept current by a watch that starts with the first question. */
export interface ObjectIndex {
  get(key: string): readonly KubernetesObject[];
  dispose(): void;
}

/** @param keysOf the keys under which an object is found; none hides it. */
export function createObjectIndex(
  objects: ObjectReader,
  resource: ResourceKey,
  keysOf: (object: KubernetesObject) => readonly string[],
): ObjectIndex {
  const byKey = new Map<string, Map<string, KubernetesObject>>();
  const keysByObject = new Map<string, readonly string[]>();
  let stop: (() => void) | null = null;

  const remove = (id: string): void => {
    for (const key of keysByObject.get(id) ?? []) {
      const bucket = byKey.get(key);
      bucket?.delete(id);
      if (bucket?.size === 0) byKey.delete(key);
    }
    keysByObject.delete(id);
  };
  const add = (id: string, object: KubernetesObject): void => {
    const keys = keysOf(object);
    keysByObject.set(id, keys);
    for (const key of keys) {
      const bucket = byKey.get(key);
      if (bucket === undefined) byKey.set(key, new Map([[id, object]]));
      else bucket.set(id, object);
    }
  };

  const start = (): void => {
    stop = objects.watch(resource, (event) => {
      const id = idOf(event.object);
      remove(id);
      if (event.type !== 'DELETED') add(id, event.object);
    });
    for (const object of objects.list(resource)) add(idOf(object), object);
  };

  return {
    get(key) {
      if (stop === null) start();
      const bucket = byKey.get(key);
      return bucket === undefined ? [] : [...bucket.values()];
    },
    dispose() {
      stop?.();
      stop = null;
      byKey.clear();
      keysByObject.clear();
    },
  };
}

function idOf({ metadata }: KubernetesObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}
