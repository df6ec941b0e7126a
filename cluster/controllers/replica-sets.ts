/** Keeps as many pods as a ReplicaSet asks for. Kubernetes 1.32, pkg/controller/replicaset/replica_set.go. */
import { equalJson } from '../objects/json.ts';
import { type Kind } from '../objects/kinds/kind.ts';
import { REPLICA_SET } from '../objects/kinds/workloads.ts';
import { type Pod } from '../objects/kinds/pod-types.ts';
import { type ReplicaSet, type Selector } from '../objects/kinds/workload-types.ts';
import { type KubernetesObject, type ResourceKey } from '../objects/object.ts';
import { matchesLabelSelectorObject } from '../objects/selector.ts';
import { type Controller, type ControllerDeps } from './controller.ts';
import { claimPods, createPodFrom, deletePodOf, rankForDeletion } from './owned-pods.ts';
import { availableAt, controllerOf, isActive, isAvailable, isReady } from './pod-readiness.ts';
import { createWorkQueue, queueKey, splitQueueKey } from './work-queue.ts';

/** Whose pods are counted: ReplicaSets, or what is like them but for its selector. */
export interface ReplicaFlavour {
  kind: Kind;
  resource: ResourceKey;
  /** The component that events name. */
  source: string;
  selectorOf(object: KubernetesObject): Selector;
  /** Whether the status counts pods on their way out. */
  countsTerminating: boolean;
}

// BurstReplicas of upstream: at most this many pods are made or deleted in one go.
const BURST = 500;

export function createReplicaSetController(deps: ControllerDeps): Controller {
  return createReplicaController(deps, {
    kind: REPLICA_SET,
    resource: 'replicasets.apps',
    source: 'replicaset-controller',
    selectorOf: (object) => (object as ReplicaSet).spec.selector,
    countsTerminating: true,
  });
}

export function createReplicaController(deps: ControllerDeps, flavour: ReplicaFlavour): Controller {
  const { store, writer, clock } = deps;
  const { kind, resource, source, selectorOf } = flavour;
  const queue = createWorkQueue(clock, (key) => {
    const replicaSet = store.get(resource, ...splitQueueKey(key)) as ReplicaSet | undefined;
    if (!replicaSet) return;
    const { template, replicas } = replicaSet.spec;
    const selector = selectorOf(replicaSet);
    let pods = claimPods(deps, replicaSet, selector).filter(isActive);
    if (!replicaSet.metadata.deletionTimestamp) {
      const missing = replicas - pods.length;
      try {
        for (let i = 0; i < Math.min(missing, BURST); i += 1) createPodFrom(deps, source, replicaSet, template);
        for (const pod of rankForDeletion(pods).slice(0, Math.max(0, -missing)))
          deletePodOf(deps, source, replicaSet, pod);
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
    const replicaSet = store.get(resource, ...splitQueueKey(key)) as ReplicaSet | undefined;
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
      ...(flavour.countsTerminating ? { terminatingReplicas: terminating.length } : {}),
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
      writer.update(kind, { ...replicaSet, status }, { subresource: 'status' });
    const pending = ready
      .filter((pod) => !isAvailable(pod, minReady, now))
      .map((pod) => availableAt(pod, minReady) - now);
    if (pending.length > 0) queue.addAfter(key, Math.max(1, Math.min(...pending)));
  }

  const stops = [
    store.watch(resource, ({ object }) => queue.add(queueKey(object.metadata.namespace, object.metadata.name))),
    store.watch('pods', ({ type, object }) => {
      const owner = controllerOf(object);
      if (owner?.kind === kind.kind) return queue.add(queueKey(object.metadata.namespace, owner.name));
      if (owner || type === 'DELETED') return;
      for (const one of store.list(resource, object.metadata.namespace)) {
        if (matchesLabelSelectorObject(selectorOf(one), object.metadata.labels)) {
          queue.add(queueKey(one.metadata.namespace, one.metadata.name));
        }
      }
    }),
    // A pod that changed its labels away from its owner's selector.
    store.watchChanges('pods', ({ object, previous }) => {
      const before = previous && controllerOf(previous);
      if (before?.kind === kind.kind && !controllerOf(object))
        queue.add(queueKey(object.metadata.namespace, before.name));
    }),
  ];
  for (const one of store.list(resource)) queue.add(queueKey(one.metadata.namespace, one.metadata.name));
  return {
    dispose() {
      for (const stop of stops) stop();
      queue.dispose();
    },
  };
}
