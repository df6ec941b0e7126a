/** Who must be looked at when an owner, or a pod of one, has changed: the event handlers of a workload controller. */
import { type KubernetesObject, type ObjectMeta, type ResourceKey } from '../objects/object.ts';
import { matchesLabelSelectorObject } from '../objects/selector.ts';
import { type ObjectStore } from '../objects/store.ts';
import { type Selector } from '../objects/kinds/workload-types.ts';
import { controllerOf } from './pod-readiness.ts';

type Name = Pick<ObjectMeta, 'namespace' | 'name'>;

/**
 * Calls back for every owner that exists, then for those that change, whose pods change, and whose selector a pod
 * without an owner matches. @param kind of the owners @returns stops it
 */
export function watchOwned(
  store: ObjectStore,
  resource: ResourceKey,
  kind: string,
  look: (owner: Name) => void,
): () => void {
  const stops = [
    store.watch(resource, ({ object }) => look(object.metadata)),
    store.watchChanges('pods', ({ type, object, previous }) => {
      const { namespace } = object.metadata;
      for (const pod of [object, previous]) {
        const owner = pod && controllerOf(pod);
        if (owner?.kind === kind) return look({ namespace, name: owner.name });
      }
      if (controllerOf(object) || type === 'DELETED') return;
      for (const one of store.list(resource, namespace)) {
        const { selector } = (one as KubernetesObject & { spec: { selector?: Selector } }).spec;
        if (selector && matchesLabelSelectorObject(selector, object.metadata.labels)) look(one.metadata);
      }
    }),
  ];
  for (const { metadata } of store.list(resource)) look(metadata);
  return () => {
    for (const stop of stops) stop();
  };
}
