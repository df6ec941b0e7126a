/**
 * Makes a Job whenever a CronJob is due. Kubernetes 1.32, pkg/controller/cronjob: cronjob_controllerv2.go, utils.go.
 * One timer per CronJob, set to when it is due next.
 */
import { ApiError } from '../objects/api-error.ts';
import { parseCronSchedule, type CronSchedule } from '../objects/cron-schedule.ts';
import { cloneJson, equalJson } from '../objects/json.ts';
import { type CronJob, type Job } from '../objects/kinds/workload-types.ts';
import { CRON_JOB, JOB } from '../objects/kinds/workloads.ts';
import { timestamp } from '../objects/timestamp.ts';
import { type Controller, type ControllerDeps } from './controller.ts';
import { finishedCondition } from './job-conditions.ts';
import { controllerOf, controllerReference } from './pod-readiness.ts';
import { createWorkQueue, queueKey, splitQueueKey } from './work-queue.ts';

const SOURCE = 'cronjob-controller';
const RESOURCE = 'cronjobs.batch';
const JOBS = 'jobs.batch';
const SCHEDULED_AT = 'batch.kubernetes.io/cronjob-scheduled-timestamp';
// nextScheduleDelta of upstream: after the second, so that the time has surely come.
const DELTA_MS = 100;
// Timers of Node end at 2^31 ms; a look once a day costs nothing.
const LONGEST_SLEEP_MS = 86_400_000;
const MANY_MISSED = 100;

type Status = NonNullable<CronJob['status']>;

export function createCronJobController(deps: ControllerDeps): Controller {
  const { store, writer, clock, events } = deps;
  const queue = createWorkQueue(clock, (key) => {
    const cronJob = store.get(RESOURCE, ...splitQueueKey(key)) as CronJob | undefined;
    if (!cronJob) return queue.cancelAfter(key);
    if (cronJob.metadata.deletionTimestamp) return;
    const status = cloneJson(cronJob.status ?? {});
    const jobs = (store.list(JOBS, cronJob.metadata.namespace) as Job[]).filter(
      (job) => controllerOf(job)?.uid === cronJob.metadata.uid,
    );
    try {
      lookAfter(cronJob, jobs, status);
      cleanUp(cronJob, jobs);
      // A time that was set for another schedule must not stay.
      queue.cancelAfter(key);
      if (!cronJob.spec.suspend) start(key, cronJob, jobs, status);
    } finally {
      writeStatus(key, status);
    }
  });

  const say = (cronJob: CronJob, type: 'Normal' | 'Warning', reason: string, message: string) =>
    events.record(SOURCE, cronJob, { type, reason, message });

  /** Follows the jobs that were started: what has finished or is gone is active no more. */
  function lookAfter(cronJob: CronJob, jobs: readonly Job[], status: Status): void {
    const active = status.active ?? [];
    for (const job of jobs) {
      const isKnown = active.some(({ uid }) => uid === job.metadata.uid);
      const end = finishedCondition(job);
      if (!end && !isKnown) {
        const text = `Saw a job that the controller did not create or forgot: ${job.metadata.name}`;
        say(cronJob, 'Warning', 'UnexpectedJob', text);
      }
      if (end && isKnown) {
        status.active = (status.active ?? []).filter(({ uid }) => uid !== job.metadata.uid);
        say(cronJob, 'Normal', 'SawCompletedJob', `Saw completed job: ${job.metadata.name}, condition: ${end.type}`);
      }
      const completed = end?.type === 'Complete' ? job.status?.completionTime : undefined;
      if (completed && completed > (status.lastSuccessfulTime ?? '')) status.lastSuccessfulTime = completed;
    }
    for (const { uid, name } of active) {
      if (jobs.some((job) => job.metadata.uid === uid)) continue;
      status.active = (status.active ?? []).filter((one) => one.uid !== uid);
      say(cronJob, 'Normal', 'MissingJob', `Active job went missing: ${name}`);
    }
  }

  function cleanUp(cronJob: CronJob, jobs: readonly Job[]): void {
    const { successfulJobsHistoryLimit, failedJobsHistoryLimit } = cronJob.spec;
    const limits = { Complete: successfulJobsHistoryLimit, Failed: failedJobsHistoryLimit };
    for (const [type, limit] of Object.entries(limits)) {
      if (limit === undefined) continue;
      const ended = jobs
        .filter((job) => finishedCondition(job)?.type === type)
        .toSorted((a, b) => ((a.status?.startTime ?? '') < (b.status?.startTime ?? '') ? -1 : 1));
      for (const job of ended.slice(0, Math.max(0, ended.length - limit))) removeJob(cronJob, job);
    }
  }

  function removeJob(cronJob: CronJob, { metadata }: Pick<Job, 'metadata'>): void {
    if (!store.get(JOBS, metadata.namespace, metadata.name)) return;
    writer.remove(JOB, metadata.namespace, metadata.name, { propagationPolicy: 'Background' });
    say(cronJob, 'Normal', 'SuccessfulDelete', `Deleted job ${metadata.name}`);
  }

  /** syncCronJob from the schedule on. */
  function start(key: string, cronJob: CronJob, jobs: readonly Job[], status: Status): void {
    const { spec } = cronJob;
    const schedule = parseCronSchedule(spec.schedule, spec.timeZone);
    const now = clock.now();
    const next = schedule.next(now);
    if (next !== undefined) queue.addAfter(key, Math.min(next - now + DELTA_MS, LONGEST_SLEEP_MS));
    const { due, missed } = lastDue(schedule, earliestStart(cronJob, now), now);
    if (missed > MANY_MISSED) {
      const advice = 'Set or decrease .spec.startingDeadlineSeconds or check clock skew';
      say(cronJob, 'Warning', 'TooManyMissedTimes', `too many missed start times. ${advice}`);
    }
    if (due === undefined) return;
    const at = timestamp(due);
    if (status.lastScheduleTime === at) return;
    const deadline = spec.startingDeadlineSeconds;
    if (deadline !== undefined && due + deadline * 1_000 < now) {
      say(cronJob, 'Warning', 'MissSchedule', `Missed scheduled time to start a job: ${rfc1123(due)}`);
      return;
    }
    const name = `${cronJob.metadata.name}-${Math.floor(due / 60_000)}`;
    if (jobs.some(({ metadata }) => metadata.name === name)) return;
    if (spec.concurrencyPolicy === 'Forbid' && (status.active ?? []).length > 0) {
      const why = 'because prior execution is running and concurrency policy is Forbid';
      say(cronJob, 'Normal', 'JobAlreadyActive', `Not starting job ${why}`);
      return;
    }
    if (spec.concurrencyPolicy === 'Replace') {
      for (const active of status.active ?? []) removeJob(cronJob, { metadata: active });
      status.active = [];
    }
    const job = createJob(cronJob, name, due);
    status.active = [...(status.active ?? []), referenceTo(job)];
    status.lastScheduleTime = at;
  }

  function createJob(cronJob: CronJob, name: string, due: number): Job {
    const { metadata, spec } = cronJob.spec.jobTemplate;
    try {
      const job = writer.create(JOB, {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: {
          name,
          namespace: cronJob.metadata.namespace ?? 'default',
          ...(metadata?.labels ? { labels: { ...metadata.labels } } : {}),
          annotations: { ...metadata?.annotations, [SCHEDULED_AT]: timestamp(due) },
          ownerReferences: [controllerReference(cronJob)],
        },
        spec: cloneJson(spec),
      }) as Job;
      say(cronJob, 'Normal', 'SuccessfulCreate', `Created job ${name}`);
      return job;
    } catch (error) {
      if (error instanceof ApiError) say(cronJob, 'Warning', 'FailedCreate', `Error creating job: ${error.message}`);
      throw error;
    }
  }

  function writeStatus(key: string, status: Status): void {
    const cronJob = store.get(RESOURCE, ...splitQueueKey(key)) as CronJob | undefined;
    if (!cronJob) return;
    if (status.active?.length === 0) delete status.active;
    if (!equalJson(status, cronJob.status ?? {})) {
      writer.update(CRON_JOB, { ...cronJob, status }, { subresource: 'status' });
    }
  }

  const stops = [
    store.watch(RESOURCE, ({ object }) => queue.add(queueKey(object.metadata.namespace, object.metadata.name))),
    store.watch(JOBS, ({ object }) => {
      const owner = controllerOf(object);
      if (owner?.kind === 'CronJob') queue.add(queueKey(object.metadata.namespace, owner.name));
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

/** From when on a time that was missed still counts. Milliseconds since 1970. */
function earliestStart({ metadata, spec, status }: CronJob, now: number): number {
  const since = Date.parse(status?.lastScheduleTime ?? metadata.creationTimestamp ?? '') || 0;
  const { startingDeadlineSeconds } = spec;
  return startingDeadlineSeconds === undefined ? since : Math.max(since, now - startingDeadlineSeconds * 1_000);
}

/** The latest time due after `earliest` and not after `now`, and how many there were, at most one more than matters. */
function lastDue(schedule: CronSchedule, earliest: number, now: number): { due: number | undefined; missed: number } {
  const first = schedule.next(earliest);
  if (first === undefined || first > now) return { due: undefined, missed: 0 };
  const second = schedule.next(first);
  if (second === undefined || second > now) return { due: first, missed: 1 };
  // Counting them one by one would take long after a month of sleep: begin near the end, widening until one is found.
  let from = earliest;
  for (let back = second - first; now - back > earliest; back *= 2) {
    const near = schedule.next(now - back);
    if (near !== undefined && near <= now) {
      from = now - back;
      break;
    }
  }
  let due = first;
  for (let time = schedule.next(from); time !== undefined && time <= now; time = schedule.next(time)) due = time;
  return { due, missed: Math.max(2, Math.floor((due - first) / (second - first)) + 1) };
}

function referenceTo({ metadata }: Job): NonNullable<Status['active']>[number] {
  const { name, namespace = 'default', uid = '', resourceVersion } = metadata;
  return { apiVersion: 'batch/v1', kind: 'Job', name, namespace, uid, ...(resourceVersion ? { resourceVersion } : {}) };
}

/** As Go's RFC1123Z: `Mon, 05 Jan 2026 03:15:00 +0000`. */
function rfc1123(time: number): string {
  return new Date(time).toUTCString().replace('GMT', '+0000');
}
