/**
 * Runs pods until enough of them have succeeded. Kubernetes 1.32, pkg/controller/job/job_controller.go.
 * Left out: indexed jobs, pod failure policies, success policies.
 */
import { equalJson } from '../objects/json.ts';
import { type Pod } from '../objects/kinds/pod-types.ts';
import { type Condition, type Job } from '../objects/kinds/workload-types.ts';
import { JOB } from '../objects/kinds/workloads.ts';
import { timestamp } from '../objects/timestamp.ts';
import { type Controller, type ControllerDeps } from './controller.ts';
import { claimPods, createPodFrom, deletePodOf } from './owned-pods.ts';
import { controllerOf, isActive, isReady } from './pod-readiness.ts';
import { createWorkQueue, queueKey, splitQueueKey } from './work-queue.ts';

const SOURCE = 'job-controller';
const RESOURCE = 'jobs.batch';
// Upstream doubles from 10 seconds with each failed pod, up to 10 minutes.
const FIRST_BACK_OFF_MS = 10_000;
const MAX_BACK_OFF_MS = 600_000;

export function createJobController(deps: ControllerDeps): Controller {
  const { store, writer, clock, events } = deps;
  const queue = createWorkQueue(clock, (key) => {
    const job = store.get(RESOURCE, ...splitQueueKey(key)) as Job | undefined;
    if (!job || job.metadata.deletionTimestamp) return;
    if (isFinished(job)) return removeWhenDue(key, job);
    const pods = claimPods(deps, job, job.spec.selector ?? {});
    const active = pods.filter(isActive);
    const succeeded = pods.filter((pod) => pod.status.phase === 'Succeeded').length;
    const failed = pods.filter((pod) => pod.status.phase === 'Failed');
    const wanted = job.spec.completions ?? 1;
    const tooMany = failed.length > (job.spec.backoffLimit ?? 6) || restartsOf(pods) > (job.spec.backoffLimit ?? 6);
    if (tooMany)
      return finish(job, pods, 'Failed', 'BackoffLimitExceeded', 'Job has reached the specified backoff limit');
    if (isLate(key, job)) {
      return finish(job, pods, 'Failed', 'DeadlineExceeded', 'Job was active longer than specified deadline');
    }
    if (succeeded >= wanted)
      return finish(job, pods, 'Complete', 'CompletionsReached', 'Reached expected number of succeeded pods');
    if (job.spec.suspend) {
      for (const pod of active) deletePodOf(deps, SOURCE, job, pod);
    } else {
      const missing = Math.min(job.spec.parallelism ?? 1, wanted - succeeded) - active.length;
      const wait = backOff(failed);
      if (missing > 0 && wait > 0) queue.addAfter(key, wait);
      else for (let i = 0; i < missing; i += 1) createPodFrom(deps, SOURCE, job, job.spec.template);
      for (const pod of active.slice(0, Math.max(0, -missing))) deletePodOf(deps, SOURCE, job, pod);
    }
    writeStatus(job, claimPods(deps, job, job.spec.selector ?? {}), []);
  });

  function backOff(failed: readonly Pod[]): number {
    if (failed.length === 0) return 0;
    const last = Math.max(...failed.map((pod) => finishedAt(pod)));
    const delay = Math.min(FIRST_BACK_OFF_MS * 2 ** (failed.length - 1), MAX_BACK_OFF_MS);
    return Math.max(0, last + delay - clock.now());
  }

  function isLate(key: string, job: Job): boolean {
    const { activeDeadlineSeconds } = job.spec;
    if (activeDeadlineSeconds === undefined || !job.status?.startTime) return false;
    const left = Date.parse(job.status.startTime) + activeDeadlineSeconds * 1000 - clock.now();
    if (left > 0) queue.addAfter(key, left);
    return left <= 0;
  }

  function finish(job: Job, pods: readonly Pod[], type: 'Complete' | 'Failed', reason: string, message: string): void {
    for (const pod of pods.filter(isActive)) deletePodOf(deps, SOURCE, job, pod);
    const now = timestamp(clock.now());
    const make = (name: string): Condition => ({
      lastProbeTime: now,
      lastTransitionTime: now,
      message,
      reason,
      status: 'True',
      type: name,
    });
    // The first says what the end will be, the second that it has come (JobSuccessPolicy, JobPodReplacementPolicy).
    writeStatus(job, pods, [make(type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget'), make(type)]);
    events.record(SOURCE, job, {
      type: type === 'Complete' ? 'Normal' : 'Warning',
      reason: type === 'Complete' ? 'Completed' : reason,
      message: type === 'Complete' ? 'Job completed' : message,
    });
  }

  function writeStatus(job: Job, pods: readonly Pod[], conditions: readonly Condition[]): void {
    const current = store.get(RESOURCE, job.metadata.namespace, job.metadata.name) as Job | undefined;
    if (!current) return;
    const over = conditions.length > 0;
    const active = over ? [] : pods.filter(isActive);
    const succeeded = pods.filter((pod) => pod.status.phase === 'Succeeded').length;
    const failed = pods.filter((pod) => pod.status.phase === 'Failed' || (over && isActive(pod))).length;
    const complete = conditions.some(({ type }) => type === 'Complete');
    const status: NonNullable<Job['status']> = {
      ...(active.length > 0 ? { active: active.length } : {}),
      ...(complete ? { completionTime: timestamp(clock.now()) } : {}),
      ...(over ? { conditions: [...conditions] } : {}),
      ...(failed > 0 ? { failed } : {}),
      ready: active.filter(isReady).length,
      startTime: current.status?.startTime ?? timestamp(clock.now()),
      ...(succeeded > 0 ? { succeeded } : {}),
      terminating: 0,
      uncountedTerminatedPods: {},
    };
    if (!equalJson(status, current.status)) writer.update(JOB, { ...current, status }, { subresource: 'status' });
  }

  function removeWhenDue(key: string, job: Job): void {
    const { ttlSecondsAfterFinished } = job.spec;
    if (ttlSecondsAfterFinished === undefined) return;
    const end = Math.max(...(job.status?.conditions ?? []).map((one) => Date.parse(one.lastTransitionTime ?? '') || 0));
    const left = end + ttlSecondsAfterFinished * 1000 - clock.now();
    if (left > 0) queue.addAfter(key, left);
    else writer.remove(JOB, job.metadata.namespace, job.metadata.name, { propagationPolicy: 'Background' });
  }

  const stops = [
    store.watch(RESOURCE, ({ object }) => queue.add(queueKey(object.metadata.namespace, object.metadata.name))),
    store.watch('pods', ({ object }) => {
      const owner = controllerOf(object);
      if (owner?.kind === 'Job') queue.add(queueKey(object.metadata.namespace, owner.name));
    }),
  ];
  for (const { metadata } of store.list(RESOURCE)) queue.add(queueKey(metadata.namespace, metadata.name));
  return {
    dispose() {
      for (const stop of stops) stop();
      queue.dispose();
    },
  };
}

function isFinished(job: Job): boolean {
  return (job.status?.conditions ?? []).some(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  );
}

/** With OnFailure a pod fails by restarting. */
function restartsOf(pods: readonly Pod[]): number {
  return pods
    .filter((pod) => pod.spec.restartPolicy === 'OnFailure')
    .flatMap((pod) => pod.status.containerStatuses ?? [])
    .reduce((sum, one) => sum + one.restartCount, 0);
}

function finishedAt(pod: Pod): number {
  const times = (pod.status.containerStatuses ?? []).map(
    (one) => Date.parse(one.state.terminated?.finishedAt ?? '') || 0,
  );
  return Math.max(0, ...times);
}
