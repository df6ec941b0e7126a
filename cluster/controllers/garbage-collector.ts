/**
 * Deletes what belongs to what is gone, and does what the finalizers `orphan` and `foregroundDeletion` stand for.
 * Kubernetes 1.32, pkg/controller/garbagecollector/garbagecollector.go.
 */
import { resourceKeyOf, type Kind } from '../objects/kinds/kind.ts';
import { type KubernetesObject } from '../objects/object.ts';
import { type Change } from '../objects/store.ts';
import { type Controller, type ControllerDeps } from './controller.ts';
import { createWorkQueue } from './work-queue.ts';

export function createGarbageCollector({ store, writer, kinds, clock }: ControllerDeps): Controller {
  const isStored = (kind: Kind) => (kind.verbs ?? ['delete']).includes('delete');
  // Objects by the uid of each of their owners, kept current by the watch below.
  const dependents = new Map<string, Map<string, { kind: Kind; namespace: string | undefined; name: string }>>();
  // Asked anew each time: definitions add kinds.
  const kindOf = (resource: string) => {
    const kind = kinds.byResource(resource);
    return kind && isStored(kind) ? kind : undefined;
  };

  function index(kind: Kind, object: KubernetesObject, add: boolean): void {
    const { uid = '', namespace, name, ownerReferences } = object.metadata;
    for (const owner of ownerReferences ?? []) {
      const known = dependents.get(owner.uid) ?? new Map();
      if (add) known.set(uid, { kind, namespace, name });
      else known.delete(uid);
      if (known.size > 0) dependents.set(owner.uid, known);
      else dependents.delete(owner.uid);
    }
  }

  function dependentsOf(uid: string): { kind: Kind; object: KubernetesObject }[] {
    return [...(dependents.get(uid)?.values() ?? [])].flatMap(({ kind, namespace, name }) => {
      const object = store.get(resourceKeyOf(kind), namespace, name);
      return object ? [{ kind, object }] : [];
    });
  }

  function ownerExists(uid: string, object: KubernetesObject): boolean {
    return (object.metadata.ownerReferences ?? []).some((owner) => {
      if (owner.uid !== uid) return false;
      const kind = kinds.byObject(owner.apiVersion, owner.kind);
      const found =
        kind && store.get(resourceKeyOf(kind), kind.namespaced ? object.metadata.namespace : undefined, owner.name);
      return found?.metadata.uid === uid;
    });
  }

  function withoutOwner(kind: Kind, object: KubernetesObject, uid: string): void {
    const ownerReferences = (object.metadata.ownerReferences ?? []).filter((owner) => owner.uid !== uid);
    store.replace(resourceKeyOf(kind), { ...object, metadata: { ...object.metadata, ownerReferences } });
  }

  /** The owner with this uid is gone. */
  function collect(uid: string): void {
    for (const { kind, object } of dependentsOf(uid)) {
      if (object.metadata.deletionTimestamp) continue;
      const others = (object.metadata.ownerReferences ?? []).filter((owner) => owner.uid !== uid);
      if (others.some((owner) => ownerExists(owner.uid, object))) withoutOwner(kind, object, uid);
      else writer.remove(kind, object.metadata.namespace, object.metadata.name, { propagationPolicy: 'Background' });
    }
  }

  /** The object waits for one of our finalizers. */
  function finalize(kind: Kind, object: KubernetesObject): void {
    const { uid = '', finalizers = [] } = object.metadata;
    let done: string | undefined;
    if (finalizers.includes('orphan')) {
      for (const one of dependentsOf(uid)) withoutOwner(one.kind, one.object, uid);
      done = 'orphan';
    } else if (finalizers.includes('foregroundDeletion')) {
      const blocking = dependentsOf(uid);
      for (const { kind: own, object: dependent } of blocking) {
        if (!dependent.metadata.deletionTimestamp) {
          writer.remove(own, dependent.metadata.namespace, dependent.metadata.name, {
            propagationPolicy: 'Foreground',
          });
        }
      }
      if (dependentsOf(uid).length > 0) return;
      done = 'foregroundDeletion';
    }
    if (!done) return;
    const current = store.get(resourceKeyOf(kind), object.metadata.namespace, object.metadata.name);
    if (!current) return;
    writer.update(kind, {
      ...current,
      metadata: { ...current.metadata, finalizers: finalizers.filter((finalizer) => finalizer !== done) },
    });
  }

  const queue = createWorkQueue(clock, (key) => {
    const [verb, ...rest] = key.split('\0');
    if (verb === 'collect') return collect(rest[0] ?? '');
    const [resource = '', namespace, name = ''] = rest;
    const kind = kindOf(resource);
    const object = kind && store.get(resource, kind.namespaced ? namespace : undefined, name);
    if (kind && object) finalize(kind, object);
  });

  const wait = (resource: string, { metadata }: KubernetesObject) =>
    queue.add(['finalize', resource, metadata.namespace ?? '', metadata.name].join('\0'));

  const stop = store.watchAll((change: Change) => {
    const { resource, type, object, previous } = change;
    const kind = kindOf(resource);
    if (!kind) return;
    if (previous) index(kind, previous, false);
    if (type !== 'DELETED') {
      index(kind, object, true);
      if (object.metadata.deletionTimestamp && (object.metadata.finalizers?.length ?? 0) > 0) wait(resource, object);
      return;
    }
    if (dependents.has(object.metadata.uid ?? '')) queue.add(`collect\0${object.metadata.uid}`);
    for (const owner of object.metadata.ownerReferences ?? []) {
      const ownerKind = kinds.byObject(owner.apiVersion, owner.kind);
      const found = ownerKind && store.get(resourceKeyOf(ownerKind), object.metadata.namespace, owner.name);
      if (ownerKind && found?.metadata.finalizers?.includes('foregroundDeletion'))
        wait(resourceKeyOf(ownerKind), found);
    }
  });
  for (const kind of kinds.kinds.filter(isStored))
    for (const object of store.list(resourceKeyOf(kind))) index(kind, object, true);

  return {
    dispose() {
      stop();
      queue.dispose();
    },
  };
}
