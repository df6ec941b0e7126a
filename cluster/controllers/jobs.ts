/**
 * Runs pods until enough of them have succeeded. Kubernetes 1.32, pkg/controller/job/job_controller.go.
 * Left out: policies for failed pods and for success, limits per index, and the finalizer by which upstream counts
 * pods that are deleted before their job is over: here they count no more.
 */
import { equalJson } from '../objects/json.ts';
import { type Pod } from '../objects/kinds/pod-types.ts';
import { type Condition, type Job } from '../objects/kinds/workload-types.ts';
import { JOB } from '../objects/kinds/workloads.ts';
import { timestamp } from '../objects/timestamp.ts';
import { type Controller, type ControllerDeps } from './controller.ts';
import { finishedCondition } from './job-conditions.ts';
import { COMPLETION_INDEX, indexesOf, indexOf, renderIndexes, withIndexVariable } from './job-indexes.ts';
import { claimPods, createPodFrom, deletePodOf, rankForDeletion } from './owned-pods.ts';
import { isActive, isReady } from './pod-readiness.ts';
import { watchOwned } from './watch-owned.ts';
import { createWorkQueue, queueKey, splitQueueKey } from './work-queue.ts';

const SOURCE = 'job-controller';
const RESOURCE = 'jobs.batch';
// Upstream doubles from 10 seconds with each failed pod, up to 10 minutes.
const FIRST_BACK_OFF_MS = 10_000;
const MAX_BACK_OFF_MS = 600_000;
// A look once a day costs nothing, and no timer need be longer.
const LONGEST_SLEEP_MS = 86_400_000;

/** The pods of a job by how far they are. */
interface Tally {
  active: readonly Pod[];
  failed: readonly Pod[];
  /** Pods that succeeded; of an indexed job, indexes that have. */
  succeeded: number;
  completedIndexes: readonly number[];
}

export function createJobController(deps: ControllerDeps): Controller {
  const { store, writer, clock, events } = deps;
  const queue = createWorkQueue(clock, (key) => {
    const job = store.get(RESOURCE, ...splitQueueKey(key)) as Job | undefined;
    if (!job || job.metadata.deletionTimestamp) return;
    if (finishedCondition(job)) return removeWhenDue(key, job);
    const pods = claimPods(deps, job, job.spec.selector ?? {});
    const tally = count(job, pods);
    const limit = job.spec.backoffLimit ?? 6;
    if (tally.failed.length > limit || restartsExceed(pods, limit)) {
      return finish(job, tally, 'Failed', 'BackoffLimitExceeded', 'Job has reached the specified backoff limit');
    }
    if (isLate(key, job)) {
      return finish(job, tally, 'Failed', 'DeadlineExceeded', 'Job was active longer than specified deadline');
    }
    if (isComplete(job, tally)) {
      return finish(job, tally, 'Complete', 'CompletionsReached', 'Reached expected number of succeeded pods');
    }
    try {
      if (job.spec.suspend) for (const pod of tally.active) deletePodOf(deps, SOURCE, job, pod);
      else managePods(key, job, tally);
    } finally {
      writeStatus(job, count(job, claimPods(deps, job, job.spec.selector ?? {})), suspension(job));
    }
  });

  /** manageJob: as many pods at work as are allowed and still of use. */
  function managePods(key: string, job: Job, tally: Tally): void {
    const { active, failed, succeeded } = tally;
    const { parallelism = 1, completions } = job.spec;
    // Without a number of completions, one pod that has done it says that there is nothing left to begin.
    const left = completions === undefined ? (succeeded > 0 ? active.length : parallelism) : completions - succeeded;
    const missing = Math.min(parallelism, left) - active.length;
    for (const pod of surplus(job, tally, -missing)) deletePodOf(deps, SOURCE, job, pod);
    if (missing <= 0) return;
    const wait = backOff(failed);
    if (wait > 0) return queue.addAfter(key, wait);
    if (!isIndexed(job)) {
      for (let i = 0; i < missing; i += 1) createPodFrom(deps, SOURCE, job, job.spec.template);
      return;
    }
    for (const index of freeIndexes(job, tally).slice(0, missing)) createIndexedPod(job, index);
  }

  function createIndexedPod(job: Job, index: number): void {
    const name = `${job.metadata.name}-${index}`;
    const mark = { [COMPLETION_INDEX]: String(index) };
    createPodFrom(deps, SOURCE, job, withIndexVariable(job.spec.template), {
      generateName: `${name}-`,
      hostname: name,
      labels: mark,
      annotations: mark,
    });
  }

  /** Milliseconds until the next pod may be made. */
  function backOff(failed: readonly Pod[]): number {
    if (failed.length === 0) return 0;
    const last = Math.max(...failed.map((pod) => finishedAt(pod)));
    const delay = Math.min(FIRST_BACK_OFF_MS * 2 ** (failed.length - 1), MAX_BACK_OFF_MS);
    return Math.max(0, last + delay - clock.now());
  }

  function isLate(key: string, job: Job): boolean {
    const { activeDeadlineSeconds, suspend } = job.spec;
    if (activeDeadlineSeconds === undefined || suspend || !job.status?.startTime) return false;
    const left = Date.parse(job.status.startTime) + activeDeadlineSeconds * 1000 - clock.now();
    if (left > 0) queue.addAfter(key, Math.min(left, LONGEST_SLEEP_MS));
    return left <= 0;
  }

  function condition(type: string, reason: string, message: string, status: Condition['status'] = 'True'): Condition {
    const now = timestamp(clock.now());
    return { lastProbeTime: now, lastTransitionTime: now, message, reason, status, type };
  }

  function finish(job: Job, tally: Tally, type: 'Complete' | 'Failed', reason: string, message: string): void {
    for (const pod of tally.active) deletePodOf(deps, SOURCE, job, pod);
    // The first says what the end will be, the second that it has come (JobSuccessPolicy, JobPodReplacementPolicy).
    const early = type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget';
    const before = (job.status?.conditions ?? []).filter((one) => one.type === 'Suspended');
    const conditions = [...before, condition(early, reason, message), condition(type, reason, message)];
    const failed = [...tally.failed, ...tally.active];
    writeStatus(job, { ...tally, active: [], failed }, conditions, type === 'Complete');
    events.record(SOURCE, job, {
      type: type === 'Complete' ? 'Normal' : 'Warning',
      reason: type === 'Complete' ? 'Completed' : reason,
      message: type === 'Complete' ? 'Job completed' : message,
    });
  }

  /** The condition that says whether the job waits, once it has ever done so. */
  function suspension(job: Job): Condition[] {
    const conditions = job.status?.conditions ?? [];
    const known = conditions.find(({ type }) => type === 'Suspended');
    const others = conditions.filter(({ type }) => type !== 'Suspended');
    const waits = job.spec.suspend === true;
    if (!known && !waits) return [...conditions];
    if (known && (known.status === 'True') === waits) return [...conditions];
    events.record(SOURCE, job, {
      type: 'Normal',
      reason: waits ? 'Suspended' : 'Resumed',
      message: waits ? 'Job suspended' : 'Job resumed',
    });
    return waits
      ? [...others, condition('Suspended', 'JobSuspended', 'Job suspended')]
      : [...others, condition('Suspended', 'JobResumed', 'Job resumed', 'False')];
  }

  function writeStatus(job: Job, tally: Tally, conditions: readonly Condition[], complete = false): void {
    const current = store.get(RESOURCE, job.metadata.namespace, job.metadata.name) as Job | undefined;
    if (!current) return;
    const { active, failed, succeeded, completedIndexes } = tally;
    const now = timestamp(clock.now());
    // The time that a job was suspended does not count: a resumed one starts anew.
    const startTime = job.spec.suspend ? undefined : (current.status?.startTime ?? now);
    const status: NonNullable<Job['status']> = {
      ...(active.length > 0 ? { active: active.length } : {}),
      ...(completedIndexes.length > 0 ? { completedIndexes: renderIndexes(completedIndexes) } : {}),
      ...(complete ? { completionTime: now } : {}),
      ...(conditions.length > 0 ? { conditions: [...conditions] } : {}),
      ...(failed.length > 0 ? { failed: failed.length } : {}),
      ready: active.filter(isReady).length,
      ...(startTime === undefined ? {} : { startTime }),
      ...(succeeded > 0 ? { succeeded } : {}),
      terminating: 0,
      uncountedTerminatedPods: {},
    };
    if (!equalJson(status, current.status)) writer.update(JOB, { ...current, status }, { subresource: 'status' });
  }

  function removeWhenDue(key: string, job: Job): void {
    const { ttlSecondsAfterFinished } = job.spec;
    if (ttlSecondsAfterFinished === undefined) return;
    const end = Date.parse(finishedCondition(job)?.lastTransitionTime ?? '') || 0;
    const left = end + ttlSecondsAfterFinished * 1000 - clock.now();
    if (left > 0) queue.addAfter(key, Math.min(left, LONGEST_SLEEP_MS));
    else writer.remove(JOB, job.metadata.namespace, job.metadata.name, { propagationPolicy: 'Background' });
  }

  const stop = watchOwned(store, RESOURCE, 'Job', ({ namespace, name }) => queue.add(queueKey(namespace, name)));
  return {
    dispose() {
      stop();
      queue.dispose();
    },
  };
}

function isIndexed({ spec }: Job): boolean {
  return spec.completionMode === 'Indexed';
}

function count(job: Job, pods: readonly Pod[]): Tally {
  const done = pods.filter(({ status }) => status.phase === 'Succeeded');
  const completedIndexes = isIndexed(job) ? indexesOf(done).filter((index) => index < (job.spec.completions ?? 0)) : [];
  return {
    active: pods.filter(isActive),
    failed: pods.filter(({ status }) => status.phase === 'Failed'),
    succeeded: isIndexed(job) ? completedIndexes.length : done.length,
    completedIndexes,
  };
}

function isComplete({ spec }: Job, { active, succeeded }: Tally): boolean {
  if (spec.completions === undefined) return succeeded > 0 && active.length === 0;
  return succeeded >= spec.completions;
}

/** The lowest indexes that no pod works on or has done. */
function freeIndexes({ spec }: Job, { active, completedIndexes }: Tally): number[] {
  const taken = new Set([...completedIndexes, ...indexesOf(active)]);
  return Array.from({ length: spec.completions ?? 0 }, (_, index) => index).filter((index) => !taken.has(index));
}

/** Pods that are too many: those whose index is done or taken first, then as upstream ranks them. */
function surplus(job: Job, { active, completedIndexes }: Tally, excess: number): Pod[] {
  if (!isIndexed(job)) return rankForDeletion(active).slice(0, Math.max(0, excess));
  const taken = new Set(completedIndexes);
  const useless: Pod[] = [];
  const useful: Pod[] = [];
  for (const pod of active) {
    const index = indexOf(pod);
    const isFree = index !== undefined && index < (job.spec.completions ?? 0) && !taken.has(index);
    (isFree ? useful : useless).push(pod);
    if (index !== undefined) taken.add(index);
  }
  const more = Math.max(0, excess - useless.length);
  const byIndex = useful.toSorted((a, b) => (indexOf(b) ?? 0) - (indexOf(a) ?? 0));
  return [...useless, ...byIndex.slice(0, more)];
}

/** With OnFailure a pod fails by restarting: pastBackoffLimitOnFailure. */
function restartsExceed(pods: readonly Pod[], limit: number): boolean {
  const restarts = pods
    .filter((pod) => pod.spec.restartPolicy === 'OnFailure' && isActive(pod))
    .flatMap((pod) => [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])])
    .reduce((sum, one) => sum + one.restartCount, 0);
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

function finishedAt(pod: Pod): number {
  const times = (pod.status.containerStatuses ?? []).map(
    (one) => Date.parse(one.state.terminated?.finishedAt ?? '') || 0,
  );
  return Math.max(0, ...times);
}
