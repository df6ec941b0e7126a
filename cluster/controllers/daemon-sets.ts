/**
 * Keeps one pod on each node that will have it. Kubernetes 1.32, pkg/controller/daemon: daemon_controller.go, update.go.
 * Left out: that the wait before a pod that failed is made again grows: here it is a second each time.
 */
import { cloneJson, equalJson } from '../objects/json.ts';
import { type Pod, type PodSpec, type Toleration } from '../objects/kinds/pod-types.ts';
import { type DaemonSet, type PodTemplate } from '../objects/kinds/workload-types.ts';
import { DAEMON_SET, TEMPLATE_GENERATION } from '../objects/kinds/workloads.ts';
import { type KubernetesObject } from '../objects/object.ts';
import { type Controller, type ControllerDeps } from './controller.ts';
import { createRevisionHistory, REVISION_HASH, revisionHash } from './controller-revisions.ts';
import { resolveIntOrPercent } from './int-or-percent.ts';
import { affinityForNode, matchesNode } from './node-affinity.ts';
import { claimPods, createPodFrom, deletePodOf } from './owned-pods.ts';
import { availableAt, isAvailable, isReady } from './pod-readiness.ts';
import { toleratesTaint, type Taint } from './taints.ts';
import { watchOwned } from './watch-owned.ts';
import { createWorkQueue, queueKey, splitQueueKey } from './work-queue.ts';

const SOURCE = 'daemonset-controller';
const RESOURCE = 'daemonsets.apps';
const POD_GENERATION = 'pod-template-generation';
// FailedPodsBackoff of upstream begins with a second.
const RETRY_FAILED_MS = 1_000;

interface Node extends KubernetesObject {
  spec?: { taints?: Taint[]; unschedulable?: boolean };
}

export function createDaemonSetController(deps: ControllerDeps): Controller {
  const { store, writer, clock, events } = deps;
  const history = createRevisionHistory(deps);
  const queue = createWorkQueue(clock, (key) => {
    const set = store.get(RESOURCE, ...splitQueueKey(key)) as DaemonSet | undefined;
    if (!set) return;
    if (set.metadata.deletionTimestamp) return void claimPods(deps, set, set.spec.selector);
    const current = history.current(set);
    const hash = revisionHash(current);
    try {
      place(key, set, hash);
      if (set.spec.updateStrategy?.type === 'RollingUpdate') roll(set, hash);
    } finally {
      writeStatus(key, hash);
    }
    const live = claimPods(deps, set, set.spec.selector).map((pod) => pod.metadata.labels?.[REVISION_HASH] ?? '');
    const names = history.list(set).filter((one) => live.includes(revisionHash(one)) || one === current);
    history.truncate(set, new Set([...names.map(({ metadata }) => metadata.name), current.metadata.name]));
  });

  function podsByNode(set: DaemonSet): Map<string, Pod[]> {
    const groups = new Map<string, Pod[]>();
    for (const pod of claimPods(deps, set, set.spec.selector)) {
      const node = targetNode(pod);
      groups.set(node, [...(groups.get(node) ?? []), pod]);
    }
    return groups;
  }

  /** podsShouldBeOnNode: makes what is missing, and ends what failed, is double or should not be there. */
  function place(key: string, set: DaemonSet, hash: string): void {
    const groups = podsByNode(set);
    const nodes = store.list('nodes') as Node[];
    for (const node of nodes) {
      const pods = groups.get(node.metadata.name) ?? [];
      const { shouldRun, shouldContinue } = fit(set, node);
      const staying = pods.filter((pod) => !pod.metadata.deletionTimestamp);
      const ended = staying.filter((pod) => pod.status.phase === 'Failed' || pod.status.phase === 'Succeeded');
      for (const pod of ended) replaceEnded(key, set, node, pod);
      const running = staying.filter((pod) => !ended.includes(pod));
      // Nothing new before the old pod is gone: two would fight for ports and files of the node.
      if (shouldRun && pods.length === 0) createPod(set, node, hash);
      else if (!shouldContinue) for (const pod of running) deletePodOf(deps, SOURCE, set, pod);
      else if (shouldContinue && surgeOf(set, nodes.length) === 0) {
        const [, ...double] = running.toSorted(byAge);
        for (const pod of double) deletePodOf(deps, SOURCE, set, pod);
      }
    }
    const names = new Set(nodes.map(({ metadata }) => metadata.name));
    for (const [node, pods] of groups) {
      if (names.has(node)) continue;
      for (const pod of pods) if (!pod.metadata.deletionTimestamp) deletePodOf(deps, SOURCE, set, pod);
    }
  }

  function replaceEnded(key: string, set: DaemonSet, node: Node, pod: Pod): void {
    const failed = pod.status.phase === 'Failed';
    const since = Date.parse(pod.metadata.creationTimestamp ?? '') || 0;
    const wait = since + RETRY_FAILED_MS - clock.now();
    if (wait > 0) return queue.addAfter(key, wait);
    const place = `${pod.metadata.namespace}/${pod.metadata.name} on node ${node.metadata.name}`;
    events.record(SOURCE, set, {
      type: failed ? 'Warning' : 'Normal',
      reason: failed ? 'FailedDaemonPod' : 'SucceededDaemonPod',
      message: failed
        ? `Found failed daemon pod ${place}, will try to kill it`
        : `Found succeeded daemon pod ${place}, will try to delete it`,
    });
    deletePodOf(deps, SOURCE, set, pod);
  }

  function createPod(set: DaemonSet, node: Node, hash: string): void {
    const labels = {
      [REVISION_HASH]: hash,
      [POD_GENERATION]: set.metadata.annotations?.[TEMPLATE_GENERATION] ?? '1',
    };
    createPodFrom(deps, SOURCE, set, forNode(set.spec.template, node.metadata.name), { labels });
  }

  /** rollingUpdate: old pods go as far as maxUnavailable allows, or once their successor is there with maxSurge. */
  function roll(set: DaemonSet, hash: string): void {
    const nodes = (store.list('nodes') as Node[]).filter((node) => fit(set, node).shouldRun);
    const groups = podsByNode(set);
    const surge = surgeOf(set, nodes.length);
    const limit = resolveIntOrPercent(set.spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1, nodes.length, 'up');
    const old: Pod[] = [];
    let unavailable = 0;
    let surging = 0;
    const waiting: { node: Node; pod: Pod }[] = [];
    for (const node of nodes) {
      const pods = groups.get(node.metadata.name) ?? [];
      const isNew = (pod: Pod) => pod.metadata.labels?.[REVISION_HASH] === hash;
      const fresh = pods.find(isNew);
      const former = pods.find((pod) => !isNew(pod) && !pod.metadata.deletionTimestamp);
      const works = (pod: Pod | undefined) => pod !== undefined && isUsable(set, pod);
      if (!works(fresh) && !works(former)) unavailable += 1;
      if (fresh && former) surging += 1;
      if (!former) continue;
      if (surge === 0) old.push(former);
      else if (works(fresh)) deletePodOf(deps, SOURCE, set, former);
      else if (!fresh) waiting.push({ node, pod: former });
    }
    if (surge > 0) {
      for (const { node } of waiting.slice(0, Math.max(0, surge - surging))) createPod(set, node, hash);
      return;
    }
    // What does not work anyway costs nothing to replace.
    const broken = old.filter((pod) => !isUsable(set, pod));
    const working = old.filter((pod) => isUsable(set, pod));
    for (const pod of [...broken, ...working.slice(0, Math.max(0, limit - unavailable))]) {
      deletePodOf(deps, SOURCE, set, pod);
    }
  }

  function isUsable(set: DaemonSet, pod: Pod): boolean {
    return !pod.metadata.deletionTimestamp && isAvailable(pod, set.spec.minReadySeconds ?? 0, clock.now());
  }

  function writeStatus(key: string, hash: string): void {
    const set = store.get(RESOURCE, ...splitQueueKey(key)) as DaemonSet | undefined;
    if (!set) return;
    const groups = podsByNode(set);
    const now = clock.now();
    const minReady = set.spec.minReadySeconds ?? 0;
    const count = { desired: 0, current: 0, misscheduled: 0, ready: 0, updated: 0, available: 0 };
    for (const node of store.list('nodes') as Node[]) {
      const [pod] = (groups.get(node.metadata.name) ?? []).toSorted(byAge);
      if (!fit(set, node).shouldRun) {
        if (pod) count.misscheduled += 1;
        continue;
      }
      count.desired += 1;
      if (!pod) continue;
      count.current += 1;
      if (pod.metadata.labels?.[REVISION_HASH] === hash) count.updated += 1;
      if (!isReady(pod)) continue;
      count.ready += 1;
      if (isAvailable(pod, minReady, now)) count.available += 1;
      else queue.addAfter(key, Math.max(1, availableAt(pod, minReady) - now));
    }
    const unavailable = count.desired - count.available;
    const status = {
      currentNumberScheduled: count.current,
      desiredNumberScheduled: count.desired,
      ...(count.available > 0 ? { numberAvailable: count.available } : {}),
      numberMisscheduled: count.misscheduled,
      numberReady: count.ready,
      ...(unavailable > 0 ? { numberUnavailable: unavailable } : {}),
      observedGeneration: set.metadata.generation ?? 1,
      ...(count.updated > 0 ? { updatedNumberScheduled: count.updated } : {}),
    };
    if (!equalJson(status, set.status)) writer.update(DAEMON_SET, { ...set, status }, { subresource: 'status' });
  }

  const stops = [
    watchOwned(store, RESOURCE, 'DaemonSet', ({ namespace, name }) => queue.add(queueKey(namespace, name))),
    // A node that comes, goes or changes its labels or taints concerns every set.
    store.watch('nodes', () => {
      for (const { metadata } of store.list(RESOURCE)) queue.add(queueKey(metadata.namespace, metadata.name));
    }),
  ];
  return {
    dispose() {
      for (const stop of stops) stop();
      queue.dispose();
    },
  };
}

function byAge(a: Pod, b: Pod): number {
  return (
    Number(isReady(b)) - Number(isReady(a)) || Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion)
  );
}

function surgeOf({ spec }: DaemonSet, nodes: number): number {
  return resolveIntOrPercent(spec.updateStrategy?.rollingUpdate?.maxSurge ?? 0, nodes, 'up');
}

/** The node that the pod is on, or that its affinity waits for. */
function targetNode({ spec }: Pod): string {
  if (spec.nodeName) return spec.nodeName;
  const affinity = spec.affinity as ReturnType<typeof affinityForNode> & {
    nodeAffinity?: {
      requiredDuringSchedulingIgnoredDuringExecution?: {
        nodeSelectorTerms?: { matchFields?: { values?: string[] }[] }[];
      };
    };
  };
  const [term] = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  return term?.matchFields?.[0]?.values?.[0] ?? '';
}

/** NodeShouldRunDaemonPod. */
function fit(set: DaemonSet, node: Node): { shouldRun: boolean; shouldContinue: boolean } {
  const { spec } = set.spec.template;
  if ((spec.nodeName && spec.nodeName !== node.metadata.name) || !matchesNode({ spec }, node)) {
    return { shouldRun: false, shouldContinue: false };
  }
  const tolerations = [...(spec.tolerations ?? []), ...TOLERATIONS];
  const untolerated = (node.spec?.taints ?? []).filter((taint) => !toleratesTaint(tolerations, taint));
  return {
    shouldRun: !untolerated.some(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute'),
    // What runs already is only driven away by NoExecute.
    shouldContinue: !untolerated.some(({ effect }) => effect === 'NoExecute'),
  };
}

/** pkg/controller/daemon/util/daemonset_util.go, AddOrUpdateDaemonPodTolerations. */
const TOLERATIONS: readonly Toleration[] = [
  { effect: 'NoExecute', key: 'node.kubernetes.io/not-ready', operator: 'Exists' },
  { effect: 'NoExecute', key: 'node.kubernetes.io/unreachable', operator: 'Exists' },
  { effect: 'NoSchedule', key: 'node.kubernetes.io/disk-pressure', operator: 'Exists' },
  { effect: 'NoSchedule', key: 'node.kubernetes.io/memory-pressure', operator: 'Exists' },
  { effect: 'NoSchedule', key: 'node.kubernetes.io/pid-pressure', operator: 'Exists' },
  { effect: 'NoSchedule', key: 'node.kubernetes.io/unschedulable', operator: 'Exists' },
];
const HOST_NETWORK: Toleration = {
  effect: 'NoSchedule',
  key: 'node.kubernetes.io/network-unavailable',
  operator: 'Exists',
};

function forNode(template: PodTemplate, nodeName: string): PodTemplate {
  const spec: PodSpec = cloneJson(template.spec);
  spec.affinity = affinityForNode(nodeName, spec.affinity);
  spec.tolerations = [...(spec.tolerations ?? []), ...TOLERATIONS, ...(spec.hostNetwork ? [HOST_NETWORK] : [])];
  return { ...template, spec };
}
