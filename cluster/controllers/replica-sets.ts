/** Keeps as many pods as a ReplicaSet asks for. Kubernetes 1.32, pkg/controller/replicaset/replica_set.go. */
import { equalJson } from '../objects/json.ts';
import { REPLICA_SET } from '../objects/kinds/workloads.ts';
import { type Pod } from '../objects/kinds/pod-types.ts';
import { type ReplicaSet } from '../objects/kinds/workload-types.ts';
import { matchesLabelSelectorObject } from '../objects/selector.ts';
import { type Controller, type ControllerDeps } from './controller.ts';
import { claimPods, createPodFrom, deletePodOf, rankForDeletion } from './owned-pods.ts';
import { availableAt, controllerOf, isActive, isAvailable, isReady } from './pod-readiness.ts';
import { createWorkQueue, queueKey, splitQueueKey } from './work-queue.ts';

const SOURCE = 'replicaset-controller';
const RESOURCE = 'replicasets.apps';
// BurstReplicas of upstream: at most this many pods are made or deleted in one go.
const BURST = 500;

export function createReplicaSetController(deps: ControllerDeps): Controller {
  const { store, writer, clock } = deps;
  const queue = createWorkQueue(clock, (key) => {
    const replicaSet = store.get(RESOURCE, ...splitQueueKey(key)) as ReplicaSet | undefined;
    if (!replicaSet) return;
    const { selector, template, replicas } = replicaSet.spec;
    let pods = claimPods(deps, replicaSet, selector).filter(isActive);
    if (!replicaSet.metadata.deletionTimestamp) {
      const missing = replicas - pods.length;
      try {
        for (let i = 0; i < Math.min(missing, BURST); i += 1) createPodFrom(deps, SOURCE, replicaSet, template);
        for (const pod of rankForDeletion(pods).slice(0, Math.max(0, -missing)))
          deletePodOf(deps, SOURCE, replicaSet, pod);
      } finally {
        // The status says what is there, also when the API refused a pod.
        pods = claimPods(deps, replicaSet, selector).filter(isActive);
        writeStatus(key, pods);
      }
      if (missing > BURST) queue.add(key);
      return;
    }
    writeStatus(key, pods);
  });

  function writeStatus(key: string, pods: readonly Pod[]): void {
    const replicaSet = store.get(RESOURCE, ...splitQueueKey(key)) as ReplicaSet | undefined;
    if (!replicaSet) return;
    const minReady = replicaSet.spec.minReadySeconds ?? 0;
    const now = clock.now();
    const ready = pods.filter(isReady);
    const labels = replicaSet.spec.template.metadata?.labels;
    const terminating = store
      .list('pods', replicaSet.metadata.namespace)
      .filter((pod) => pod.metadata.deletionTimestamp && controllerOf(pod)?.uid === replicaSet.metadata.uid);
    const status: ReplicaSet['status'] = {
      replicas: pods.length,
      terminatingReplicas: terminating.length,
      fullyLabeledReplicas: pods.filter((pod) =>
        matchesLabelSelectorObject({ matchLabels: labels ?? {} }, pod.metadata.labels),
      ).length,
      readyReplicas: ready.length,
      availableReplicas: ready.filter((pod) => isAvailable(pod, minReady, now)).length,
      observedGeneration: replicaSet.metadata.generation ?? 1,
    };
    for (const field of ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'] as const) {
      if (!status[field]) delete status[field];
    }
    if (!equalJson(status, replicaSet.status))
      writer.update(REPLICA_SET, { ...replicaSet, status }, { subresource: 'status' });
    const pending = ready
      .filter((pod) => !isAvailable(pod, minReady, now))
      .map((pod) => availableAt(pod, minReady) - now);
    if (pending.length > 0) queue.addAfter(key, Math.max(1, Math.min(...pending)));
  }

  const stops = [
    store.watch(RESOURCE, ({ object }) => queue.add(queueKey(object.metadata.namespace, object.metadata.name))),
    store.watch('pods', ({ type, object }) => {
      const owner = controllerOf(object);
      if (owner?.kind === 'ReplicaSet') return queue.add(queueKey(object.metadata.namespace, owner.name));
      if (owner || type === 'DELETED') return;
      for (const one of store.list(RESOURCE, object.metadata.namespace)) {
        if (matchesLabelSelectorObject((one as ReplicaSet).spec.selector, object.metadata.labels)) {
          queue.add(queueKey(one.metadata.namespace, one.metadata.name));
        }
      }
    }),
    // A pod that changed its labels away from its owner's selector.
    store.watchChanges('pods', ({ object, previous }) => {
      const before = previous && controllerOf(previous);
      if (before?.kind === 'ReplicaSet' && !controllerOf(object))
        queue.add(queueKey(object.metadata.namespace, before.name));
    }),
  ];
  for (const one of store.list(RESOURCE)) queue.add(queueKey(one.metadata.namespace, one.metadata.name));
  return {
    dispose() {
      for (const stop of stops) stop();
      queue.dispose();
    },
  };
}
