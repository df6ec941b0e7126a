import { sinceText } from './columns.ts';
import { isRestartableInit, type ContainerStatus, type Pod } from './pod-types.ts';

export interface PodSummary {
  ready: string;
  status: string;
  restarts: string;
}

/**
 * The columns READY, STATUS and RESTARTS of a pod.
 * Kubernetes 1.32, pkg/printers/internalversion/printers.go, printPod.
 */
export function summarizePod(pod: Pod, now: number): PodSummary {
  const { spec, status = {} } = pod;
  const sidecars = new Set((spec.initContainers ?? []).filter(isRestartableInit).map((container) => container.name));
  const total = (spec.containers?.length ?? 0) + sidecars.size;
  let ready = 0;
  let restarts = 0;
  let sidecarRestarts = 0;
  let lastRestart = 0;
  let lastSidecarRestart = 0;
  let reason = status.reason || status.phase || '';
  const finishedAt = (one: ContainerStatus) => Date.parse(one.lastState?.terminated?.finishedAt ?? '') || 0;

  if (status.conditions?.some(({ type, reason: why }) => type === 'PodScheduled' && why === 'SchedulingGated')) {
    reason = 'SchedulingGated';
  }
  let initializing = false;
  for (const [index, one] of (status.initContainerStatuses ?? []).entries()) {
    restarts += one.restartCount;
    lastRestart = Math.max(lastRestart, finishedAt(one));
    if (sidecars.has(one.name)) {
      sidecarRestarts += one.restartCount;
      lastSidecarRestart = Math.max(lastSidecarRestart, finishedAt(one));
    }
    const { terminated, waiting } = one.state;
    if (terminated && terminated.exitCode === 0) continue;
    if (sidecars.has(one.name) && one.started) {
      if (one.ready) ready += 1;
      continue;
    }
    if (initializing) continue;
    initializing = true;
    if (terminated) {
      reason = `Init:${terminated.reason || (terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode}`)}`;
    } else if (waiting?.reason && waiting.reason !== 'PodInitializing') {
      reason = `Init:${waiting.reason}`;
    } else {
      reason = `Init:${index}/${spec.initContainers?.length ?? 0}`;
    }
  }
  if (!initializing || isInitialized(pod)) {
    restarts = sidecarRestarts;
    lastRestart = lastSidecarRestart;
    let hasRunning = false;
    for (const one of (status.containerStatuses ?? []).toReversed()) {
      restarts += one.restartCount;
      lastRestart = Math.max(lastRestart, finishedAt(one));
      const { terminated, waiting, running } = one.state;
      if (waiting?.reason) {
        reason = waiting.reason;
      } else if (terminated) {
        reason =
          terminated.reason || (terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode}`);
      } else if (one.ready && running) {
        hasRunning = true;
        ready += 1;
      }
    }
    if (reason === 'Completed' && hasRunning) {
      const isReady = status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True');
      reason = isReady ? 'Running' : 'NotReady';
    }
  }
  if (pod.metadata.deletionTimestamp) {
    if (status.reason === 'NodeLost') reason = 'Unknown';
    else if (status.phase !== 'Succeeded' && status.phase !== 'Failed') reason = 'Terminating';
  }
  return {
    ready: `${ready}/${total}`,
    status: reason,
    restarts:
      restarts > 0 && lastRestart > 0
        ? `${restarts} (${sinceText(new Date(lastRestart).toISOString(), now)} ago)`
        : String(restarts),
  };
}

function isInitialized(pod: Pod): boolean {
  return pod.status.conditions?.some(({ type, status }) => type === 'Initialized' && status === 'True') ?? false;
}
