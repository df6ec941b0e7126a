/** What every namespace has, and how one goes away. */
import { CONFIG_MAP, SERVICE_ACCOUNT } from '../objects/kinds/config.ts';
import { resourceKeyOf, type Kind } from '../objects/kinds/kind.ts';
import { type JsonObject } from '../objects/json.ts';
import { type Controller, type ControllerDeps } from './controller.ts';
import { createWorkQueue } from './work-queue.ts';

/**
 * The service account `default` and the config map `kube-root-ca.crt` of each namespace.
 * Kubernetes 1.32, pkg/controller/serviceaccount/serviceaccounts_controller.go and certificates/rootcacertpublisher.
 * @param configMaps further config maps that each namespace gets, by name
 */
export function createNamespaceContents(
  { store, writer, clock }: ControllerDeps,
  configMaps: Readonly<Record<string, () => Record<string, string>>>,
): Controller {
  const queue = createWorkQueue(clock, (name) => {
    const namespace = store.get('namespaces', undefined, name);
    if (!namespace || namespace.metadata.deletionTimestamp) return;
    if (!store.get('serviceaccounts', name, 'default')) {
      writer.create(SERVICE_ACCOUNT, {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: 'default', namespace: name },
      });
    }
    for (const [configMap, data] of Object.entries(configMaps)) {
      if (store.get('configmaps', name, configMap)) continue;
      writer.create(CONFIG_MAP, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: configMap, namespace: name },
        data: data(),
      });
    }
  });
  const stops = [
    store.watch('namespaces', ({ object }) => queue.add(object.metadata.name)),
    // Deleted by hand, they come back.
    ...['serviceaccounts', 'configmaps'].map((resource) =>
      store.watch(resource, ({ type, object }) => {
        if (type === 'DELETED') queue.add(object.metadata.namespace ?? '');
      }),
    ),
  ];
  for (const namespace of store.list('namespaces')) queue.add(namespace.metadata.name);
  return {
    dispose() {
      for (const stop of stops) stop();
      queue.dispose();
    },
  };
}

/**
 * Empties a namespace that is being deleted, then lets it go.
 * Kubernetes 1.32, pkg/controller/namespace/deletion/namespaced_resources_deleter.go.
 */
// Upstream takes seconds to find and delete everything. Clients rely on the moment: `kubectl delete -f` names the
// namespace first and then what is in it.
const EMPTY_DELAY_MS = 500;

export function createNamespaceDeletion({ store, writer, kinds, clock }: ControllerDeps): Controller {
  const namespaced = () =>
    kinds.kinds.filter((kind) => kind.namespaced && (kind.verbs ?? ['delete']).includes('delete'));
  // Namespaces whose contents are being deleted.
  const begun = new Set<string>();
  const queue = createWorkQueue(clock, (name) => {
    const namespace = store.get('namespaces', undefined, name);
    if (!namespace?.metadata.deletionTimestamp) return;
    begun.add(namespace.metadata.uid ?? '');
    let left = 0;
    for (const kind of namespaced()) left += empty(kind, name);
    // The rest, such as pods that stop, brings the namespace back here when it goes.
    if (left > 0) return;
    const current = store.get('namespaces', undefined, name);
    if (!current) return;
    const bare = { ...current, spec: { ...(current.spec as JsonObject), finalizers: [] } };
    if ((current.metadata.finalizers ?? []).length > 0) store.replace('namespaces', bare);
    else store.remove('namespaces', bare);
  });

  function empty(kind: Kind, namespace: string): number {
    const resource = resourceKeyOf(kind);
    for (const { metadata } of store.list(resource, namespace)) {
      if (!metadata.deletionTimestamp && store.get(resource, namespace, metadata.name)) {
        writer.remove(kind, namespace, metadata.name, { propagationPolicy: 'Background' });
      }
    }
    return store.list(resource, namespace).length;
  }

  const isBegun = (name: string) => begun.has(store.get('namespaces', undefined, name)?.metadata.uid ?? '');
  const stop = store.watchAll(({ resource, type, object }) => {
    if (resource === 'namespaces') {
      if (type === 'DELETED') begun.delete(object.metadata.uid ?? '');
      else if (object.metadata.deletionTimestamp && !isBegun(object.metadata.name))
        queue.addAfter(object.metadata.name, EMPTY_DELAY_MS);
    } else if (type === 'DELETED' && object.metadata.namespace && isBegun(object.metadata.namespace)) {
      queue.add(object.metadata.namespace);
    }
  });
  return {
    dispose() {
      stop();
      queue.dispose();
    },
  };
}
