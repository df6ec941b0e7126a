/**
 * Puts pods on nodes: by schedulability, taints, node selector and requests; the first node that fits.
 * Kubernetes 1.32, pkg/scheduler. Left out: affinity between pods, spreading, preemption.
 */
import { equalJson } from '../objects/json.ts';
import { POD } from '../objects/kinds/pod.ts';
import { type Pod } from '../objects/kinds/pod-types.ts';
import { type KubernetesObject } from '../objects/object.ts';
import { parseQuantity } from '../objects/quantity.ts';
import { timestamp } from '../objects/timestamp.ts';
import { type Controller, type ControllerDeps } from './controller.ts';
import { matchesNode } from './node-affinity.ts';
import { toleratesTaint, type Taint } from './taints.ts';
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
    const refusals = nodes.map((node) => ({ node, why: refusal(node, pod) }));
    const fit = refusals.find(({ why }) => why === undefined);
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
    refuse(
      pod,
      refusals.map(({ why }) => why ?? ''),
    );
  });

  function refuse(pod: Pod, reasons: readonly string[]): void {
    const counts = new Map<string, number>();
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
    const texts = [...counts].map(([reason, count]) => `${count} ${reason}`).toSorted();
    const total = reasons.length;
    const message = `0/${total} nodes are available${total > 0 ? `: ${texts.join(', ')}` : ''}. no new claims to deallocate, preemption: 0/${total} nodes are available: ${total} Preemption is not helpful for scheduling.`;
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
    store.watch('nodes', () => {
      for (const key of pending) queue.add(key);
    }),
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
