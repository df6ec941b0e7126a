/** What a pod's status says of its containers. Kubernetes 1.32, pkg/kubelet/kubelet_pods.go and status/generate.go. */
import {
  isRestartableInit,
  type ContainerStatus,
  type Pod,
  type PodCondition,
  type PodStatus,
} from '../../objects/kinds/pod-types.ts';
import { timestamp } from '../../objects/timestamp.ts';
import { fullImageName, imageDigest } from './image-puller.ts';
import { isOver, restartsAfter, type PodContainer } from './pod-container.ts';

/** How far the kubelet has come with a pod. */
export interface PodProgress {
  /** As it was when it came to the node. */
  pod: Pod;
  inits: readonly PodContainer[];
  mains: readonly PodContainer[];
  ephemerals: readonly PodContainer[];
  ip: string;
  nodeIp: string;
  /** RFC 3339. */
  startTime: string;
  /** It has an address, and its containers may start. */
  hasSandbox: boolean;
  /** The init containers have done their part. */
  isInitialized: boolean;
  isTerminating: boolean;
}

/**
 * @param current the pod as the store has it, whose conditions keep their times while they keep their status
 * @param now milliseconds since 1970
 */
export function podStatus(progress: PodProgress, current: Pod, now: number): PodStatus {
  const { inits, mains, ephemerals, ip, nodeIp } = progress;
  const phase = phaseOf(progress);
  return {
    conditions: conditionsOf(progress, current, phase, now),
    containerStatuses: mains.map(statusOf).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    ...(ephemerals.length > 0 ? { ephemeralContainerStatuses: ephemerals.map(ephemeralStatusOf) } : {}),
    hostIP: nodeIp,
    hostIPs: [{ ip: nodeIp }],
    ...(inits.length > 0 ? { initContainerStatuses: inits.map(statusOf) } : {}),
    observedGeneration: current.metadata.generation ?? 1,
    phase,
    ...(progress.hasSandbox ? { podIP: ip, podIPs: [{ ip }] } : {}),
    qosClass: current.status.qosClass,
    startTime: progress.startTime,
  };
}

function phaseOf({ pod, inits, mains, isInitialized, isTerminating }: PodProgress): PodStatus['phase'] {
  const restarts = (one: PodContainer, code: number) => !isTerminating && restartsAfter(one, code, pod);
  const failedInit = inits.some(
    (one) => !isRestartableInit(one.spec) && isOver(one) && one.state.terminated?.exitCode !== 0 && !restarts(one, 1),
  );
  if (failedInit) return 'Failed';
  const over = mains.filter((one) => isOver(one) && !restarts(one, one.state.terminated?.exitCode ?? 0));
  if (mains.length > 0 && over.length === mains.length) {
    return over.every((one) => one.state.terminated?.exitCode === 0) ? 'Succeeded' : 'Failed';
  }
  // A container that has run at least once makes the pod Running, also while it waits for its next start.
  const begun = mains.every((one) => one.state.running || one.state.terminated || one.lastState.terminated);
  return begun && isInitialized ? 'Running' : 'Pending';
}

function statusOf(one: PodContainer): ContainerStatus {
  return {
    ...(one.containerId ? { containerID: one.containerId } : {}),
    image: one.containerId ? fullImageName(one.spec.image ?? '') : (one.spec.image ?? ''),
    imageID: one.containerId ? imageDigest(one.spec.image ?? '') : '',
    lastState: one.lastState,
    name: one.spec.name,
    ready: one.ready,
    ...(one.containerId ? { resources: one.spec.resources ?? {} } : {}),
    restartCount: one.restarts,
    started: one.started,
    state: one.state,
  };
}

/** They are never started again, and nothing asks them whether they are well. */
function ephemeralStatusOf(one: PodContainer): ContainerStatus {
  const { started: _, ...status } = statusOf(one);
  return { ...status, ready: false };
}

function conditionsOf(progress: PodProgress, current: Pod, phase: PodStatus['phase'], now: number): PodCondition[] {
  const { inits, mains, ephemerals, hasSandbox, isInitialized, isTerminating } = progress;
  const old = current.status.conditions ?? [];
  const unready = [...inits.filter((one) => isRestartableInit(one.spec)), ...mains].filter((one) => !one.ready);
  const unfinished = inits.filter((one) =>
    isRestartableInit(one.spec) ? !one.started : one.state.terminated?.exitCode !== 0,
  );
  const names = (list: readonly PodContainer[]) => `[${list.map((one) => one.spec.name).join(' ')}]`;
  const set = (type: string, ok: boolean, reason: string, message: string): PodCondition => {
    const before = old.find((one) => one.type === type);
    const status = ok ? 'True' : 'False';
    return {
      lastProbeTime: null,
      lastTransitionTime: before?.status === status ? before.lastTransitionTime : timestamp(now),
      observedGeneration: current.metadata.generation ?? 1,
      ...(ok && !(phase === 'Succeeded' && type === 'Initialized')
        ? {}
        : { ...(message ? { message } : {}), ...(reason ? { reason } : {}) }),
      status,
      type,
    };
  };
  const done = phase === 'Succeeded' || phase === 'Failed';
  const why = done ? (phase === 'Succeeded' ? 'PodCompleted' : 'PodFailed') : 'ContainersNotReady';
  const text = done ? '' : `containers with unready status: ${names(unready)}`;
  const ready = !done && unready.length === 0 && isInitialized;
  const result = [
    set(
      'PodReadyToStartContainers',
      hasSandbox && !done && !(isTerminating && [...inits, ...mains, ...ephemerals].every((one) => !one.running)),
      '',
      '',
    ),
    set(
      'Initialized',
      unfinished.length === 0,
      phase === 'Succeeded' ? 'PodCompleted' : 'ContainersNotInitialized',
      phase === 'Succeeded' ? '' : `containers with incomplete status: ${names(unfinished)}`,
    ),
    set('Ready', ready, why, text),
    set('ContainersReady', ready, why, text),
  ];
  const scheduled = old.find(({ type }) => type === 'PodScheduled');
  return scheduled ? [...result, { observedGeneration: current.metadata.generation ?? 1, ...scheduled }] : result;
}
