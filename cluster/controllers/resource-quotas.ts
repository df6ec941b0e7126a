/**
 * Keeps the status of quotas: what they allow and what of it is used.
 * Kubernetes 1.36, pkg/controller/resourcequota/resource_quota_controller.go.
 */
import { equalJson } from '../objects/json.ts';
import { usedOf, type ResourceQuota } from '../objects/quota.ts';
import { type Controller, type ControllerDeps } from './controller.ts';
import { createWorkQueue } from './work-queue.ts';

export function createResourceQuotaController({ store, writer, kinds, clock }: ControllerDeps): Controller {
  const kind = kinds.byResource('resourcequotas');
  if (!kind) throw new Error('no kind for resourcequotas');
  // By namespace: whatever changes in it may change what its quotas count.
  const queue = createWorkQueue(clock, (namespace) => {
    for (const object of store.list('resourcequotas', namespace)) {
      const quota = object as ResourceQuota;
      const status = { hard: quota.spec.hard ?? {}, used: usedOf(store, quota) };
      if (equalJson(quota.status, status)) continue;
      const { resourceVersion: _, ...metadata } = quota.metadata;
      writer.update(kind, { ...quota, metadata, status }, { subresource: 'status' });
    }
  });
  const stop = store.watchAll(({ object }) => {
    const { namespace } = object.metadata;
    if (namespace !== undefined && store.list('resourcequotas', namespace).length > 0) queue.add(namespace);
  });
  return {
    dispose() {
      stop();
      queue.dispose();
    },
  };
}
