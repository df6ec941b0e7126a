/**
 * Puts pods on nodes: by schedulability, taints, node selector and requests; the first node that fits.
 * Kubernetes 1.32, pkg/scheduler. Left out: affinity between pods, spreading, preemption.
 */
import { equalJson } from '../objects/json.ts';
import { POD } from '../objects/kinds/pod.ts';
import { type Pod } from '../objects/kinds/pod-types.ts';
import { PERSISTENT_VOLUME_CLAIM, type Claim } from '../objects/kinds/storage.ts';
import { type KubernetesObject } from '../objects/object.ts';
import { parseQuantity } from '../objects/quantity.ts';
import { timestamp } from '../objects/timestamp.ts';
import { type Controller, type ControllerDeps } from './controller.ts';
import { matchesNode } from './node-affinity.ts';
import { toleratesTaint, type Taint } from './taints.ts';
import { claimNames, SELECTED_NODE } from './volumes.ts';
import { createWorkQueue, queueKey, splitQueueKey } from './work-queue.ts';

interface Node extends KubernetesObject {
  spec?: { unschedulable?: boolean; taints?: Taint[] };
  status?: { allocatable?: Record<string, string> };
}

const SOURCE = 'default-scheduler';

export function createScheduler({ store, writer, clock, events }: ControllerDeps): Controller {
  const pending = new Set<string>();
  const queue = createWorkQueue(clock, (key) => {
    const pod = store.get('pods', ...splitQueueKey(key)) as Pod | undefined;
    if (!pod || pod.spec.nodeName || pod.metadata.deletionTimestamp) return void pending.delete(key);
    const nodes = store.list('nodes') as Node[];
    const claims = claimsOf(pod);
    if (typeof claims === 'string') {
      pending.add(key);
      return refuse(pod, nodes.length, claims);
    }
    const refusals = nodes.map((node) => ({ node, why: refusal(node, pod) }));
    const fit = refusals.find(({ why }) => why === undefined);
    const unbound = claims.filter(({ status }) => status.phase === 'Pending');
    if (fit && unbound.length > 0) {
      // The pod comes back when its volumes have been made for that node.
      pending.add(key);
      for (const claim of unbound) select(claim, fit.node.metadata.name);
      return;
    }
    if (fit) {
      pending.delete(key);
      // Before the binding: the kubelet's own events follow it at once.
      events.record(SOURCE, pod, {
        type: 'Normal',
        reason: 'Scheduled',
        message: `Successfully assigned ${pod.metadata.namespace}/${pod.metadata.name} to ${fit.node.metadata.name}`,
      });
      writer.bind(pod, fit.node.metadata.name);
      return;
    }
    pending.add(key);
    const counts = new Map<string, number>();
    for (const { why = '' } of refusals) counts.set(why, (counts.get(why) ?? 0) + 1);
    const texts = [...counts].map(([reason, count]) => `${count} ${reason}`).toSorted();
    refuse(pod, nodes.length, texts.join(', '));
  });

  /** What stands between a pod and its volumes, or its claims. plugins/volumebinding/volume_binding.go, PreFilter. */
  function claimsOf(pod: Pod): string | Claim[] {
    const claims: Claim[] = [];
    for (const name of claimNames(pod)) {
      const claim = store.get('persistentvolumeclaims', pod.metadata.namespace, name) as Claim | undefined;
      const text = `persistentvolumeclaim ${JSON.stringify(name)}`;
      if (!claim) return `${text} not found`;
      if (claim.metadata.deletionTimestamp) return `${text} is being deleted`;
      claims.push(claim);
    }
    const waits = ({ spec, status }: Claim) => {
      const storageClass = store.get('storageclasses.storage.k8s.io', undefined, spec.storageClassName ?? '');
      return status.phase !== 'Bound' && storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
    };
    const blocked = claims.some((claim) => claim.status.phase !== 'Bound' && !waits(claim));
    return blocked ? 'pod has unbound immediate PersistentVolumeClaims' : claims;
  }

  function select(claim: Claim, node: string): void {
    const annotations = { ...claim.metadata.annotations, [SELECTED_NODE]: node };
    writer.update(PERSISTENT_VOLUME_CLAIM, { ...claim, metadata: { ...claim.metadata, annotations } });
  }

  function refuse(pod: Pod, total: number, why: string): void {
    const message = `0/${total} nodes are available${why === '' ? '' : `: ${why}`}. no new claims to deallocate, preemption: 0/${total} nodes are available: ${total} Preemption is not helpful for scheduling.`;
    const condition = {
      lastProbeTime: null,
      lastTransitionTime: timestamp(clock.now()),
      message,
      reason: 'Unschedulable',
      status: 'False',
      type: 'PodScheduled',
    };
    const others = (pod.status.conditions ?? []).filter(({ type }) => type !== 'PodScheduled');
    const before = pod.status.conditions?.find(({ type }) => type === 'PodScheduled');
    if (before && equalJson({ ...condition, lastTransitionTime: before.lastTransitionTime }, before)) return;
    events.record(SOURCE, pod, { type: 'Warning', reason: 'FailedScheduling', message });
    writer.update(
      POD,
      { ...pod, status: { ...pod.status, conditions: [...others, condition] } },
      { subresource: 'status' },
    );
  }

  function refusal(node: Node, pod: Pod): string | undefined {
    if (
      node.spec?.unschedulable &&
      !toleratesTaint(pod.spec.tolerations, { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' })
    ) {
      return 'node(s) were unschedulable';
    }
    const taint = node.spec?.taints?.find(
      (one) =>
        one.effect !== 'PreferNoSchedule' &&
        one.key !== 'node.kubernetes.io/unschedulable' &&
        !toleratesTaint(pod.spec.tolerations, one),
    );
    if (taint) return `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`;
    if (!matchesNode(pod, node)) return "node(s) didn't match Pod's node affinity/selector";
    const allocatable = node.status?.allocatable ?? {};
    const running = (store.list('pods') as Pod[]).filter(
      (one) =>
        one.spec.nodeName === node.metadata.name && one.status.phase !== 'Succeeded' && one.status.phase !== 'Failed',
    );
    if (running.length >= Number(allocatable.pods ?? 110)) return 'Too many pods';
    for (const resource of ['cpu', 'memory']) {
      const asked = requestOf(pod, resource);
      if (asked === 0) continue;
      const used = running.reduce((sum, one) => sum + requestOf(one, resource), 0);
      if (used + asked > parseQuantity(allocatable[resource] ?? '0')) return `Insufficient ${resource}`;
    }
    return undefined;
  }

  const add = ({ metadata }: KubernetesObject) => queue.add(queueKey(metadata.namespace, metadata.name));
  const stops = [
    store.watch('pods', ({ type, object }) => {
      const pod = object as Pod;
      if (type === 'ADDED' && !pod.spec.nodeName) add(pod);
      // Room that a pod leaves may be enough for one that waits.
      if (type === 'DELETED' || pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed')
        for (const key of pending) queue.add(key);
    }),
    ...(['nodes', 'persistentvolumeclaims'] as const).map((resource) =>
      store.watch(resource, () => {
        for (const key of pending) queue.add(key);
      }),
    ),
  ];
  for (const pod of store.list('pods')) if (!(pod as Pod).spec.nodeName) add(pod);
  return {
    dispose() {
      for (const stop of stops) stop();
      queue.dispose();
    },
  };
}

function requestOf(pod: Pod, resource: string): number {
  return pod.spec.containers.reduce(
    (sum, container) => sum + (parseQuantity(container.resources?.requests?.[resource] ?? '0') || 0),
    0,
  );
}
