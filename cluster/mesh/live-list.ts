import type { KubernetesObject, ObjectReader, ResourceKey } from '../objects/object.ts';
import { byAge } from './age.ts';

/** All objects of one kind, oldest first, and what was computed of them until one changes. */
export interface LiveList<T extends KubernetesObject> {
  all(): readonly T[];
  /** What `compute` says, asked again only after an object of the kind has changed. */
  cached<Result>(key: string, compute: (all: readonly T[]) => Result): Result;
  dispose(): void;
}

/** Starts to watch with the first question. */
export function createLiveList<T extends KubernetesObject>(objects: ObjectReader, resource: ResourceKey): LiveList<T> {
  let list: readonly T[] | null = null;
  let stop: (() => void) | null = null;
  const results = new Map<string, unknown>();

  const all = (): readonly T[] => {
    stop ??= objects.watch(resource, () => {
      list = null;
      results.clear();
    });
    list ??= ([...objects.list(resource)] as T[]).sort(byAge);
    return list;
  };
  return {
    all,
    cached<Result>(key: string, compute: (all: readonly T[]) => Result): Result {
      const current = all();
      if (!results.has(key)) results.set(key, compute(current));
      return results.get(key) as Result;
    },
    dispose() {
      stop?.();
      stop = null;
      list = null;
      results.clear();
    },
  };
}
