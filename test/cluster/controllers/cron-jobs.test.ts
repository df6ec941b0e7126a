import { expect, test } from 'vitest';
import { startTestPlane, type TestPlane } from '../test-plane.ts';

// The manual clock starts at 2026-01-01T00:00:00Z.
const cronJob = (spec: Record<string, unknown> = {}) => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name: 'tick', namespace: 'default' },
  spec: {
    schedule: '*/5 * * * *',
    jobTemplate: {
      spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox:1.36' }] } } },
    },
    ...spec,
  },
});

const MINUTE = 60_000;

async function endAll(plane: TestPlane, code: number): Promise<void> {
  for (const key of plane.node.running()) {
    if (key.startsWith('tick-')) plane.node.exit(key.slice(0, key.indexOf('/')), 'main', code);
  }
  await plane.clock.run(100);
}

const jobs = (plane: TestPlane) => plane.names('jobs.batch');
const statusOf = (plane: TestPlane) => plane.get('cronjobs.batch', 'tick').status;

test('a job is made when the schedule says so, named after the minute', async () => {
  const plane = await startTestPlane();
  plane.apply(cronJob());

  await plane.clock.run(4 * MINUTE);
  const early = jobs(plane);
  await plane.clock.run(MINUTE + 1_000);

  expect(early).toEqual([]);
  expect(jobs(plane)).toEqual([`tick-${Date.UTC(2026, 0, 1, 0, 5) / MINUTE}`]);
  expect(plane.get('jobs.batch', jobs(plane)[0] ?? '').metadata).toMatchObject({
    annotations: { 'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T00:05:00Z' },
    ownerReferences: [{ kind: 'CronJob', name: 'tick', controller: true }],
  });
  expect(statusOf(plane)).toMatchObject({
    active: [{ kind: 'Job', name: jobs(plane)[0] }],
    lastScheduleTime: '2026-01-01T00:05:00Z',
  });
  expect(plane.events('tick')).toEqual([`SuccessfulCreate: Created job ${jobs(plane)[0]}`]);
});

test('a job that is done is seen, and only so many are kept', async () => {
  const plane = await startTestPlane();
  plane.apply(cronJob({ successfulJobsHistoryLimit: 1 }));

  for (let round = 0; round < 3; round += 1) {
    await plane.clock.run(5 * MINUTE);
    await endAll(plane, 0);
  }

  expect(jobs(plane)).toEqual([`tick-${Date.UTC(2026, 0, 1, 0, 15) / MINUTE}`]);
  expect(statusOf(plane)).toEqual({
    lastScheduleTime: '2026-01-01T00:15:00Z',
    lastSuccessfulTime: expect.stringMatching(/^2026-01-01T00:15/) as unknown,
  });
  const last = jobs(plane)[0];
  expect(plane.events('tick')).toContain(`SawCompletedJob: Saw completed job: ${last}, condition: Complete`);
  expect(plane.events('tick').filter((text) => text.startsWith('SuccessfulDelete'))).toHaveLength(2);
});

test('Allow lets jobs run side by side, Forbid leaves one out, Replace ends the old one', async () => {
  const counts: Record<string, [number, string]> = {};
  for (const concurrencyPolicy of ['Allow', 'Forbid', 'Replace']) {
    const plane = await startTestPlane();
    plane.apply(cronJob({ concurrencyPolicy }));

    await plane.clock.run(11 * MINUTE);

    counts[concurrencyPolicy] = [jobs(plane).length, plane.events('tick').at(-1) ?? ''];
  }

  const second = `tick-${Date.UTC(2026, 0, 1, 0, 10) / MINUTE}`;
  expect(counts).toEqual({
    Allow: [2, `SuccessfulCreate: Created job ${second}`],
    Forbid: [
      1,
      'JobAlreadyActive: Not starting job because prior execution is running and concurrency policy is Forbid',
    ],
    Replace: [1, `SuccessfulCreate: Created job ${second}`],
  });
});

test('a suspended one starts nothing; resumed, it starts what is due last', async () => {
  const plane = await startTestPlane();
  plane.apply(cronJob({ suspend: true }));
  await plane.clock.run(31 * MINUTE);
  const suspended = jobs(plane);

  plane.apply(cronJob({ suspend: false }));
  await plane.clock.run(1_000);

  expect(suspended).toEqual([]);
  expect(jobs(plane)).toEqual([`tick-${Date.UTC(2026, 0, 1, 0, 30) / MINUTE}`]);
});

test('a start that comes later than startingDeadlineSeconds is left out', async () => {
  const plane = await startTestPlane();
  plane.apply(cronJob({ suspend: true, startingDeadlineSeconds: 30 }));
  await plane.clock.run(6 * MINUTE);

  plane.apply(cronJob({ suspend: false, startingDeadlineSeconds: 30 }));
  await plane.clock.run(1_000);
  const late = jobs(plane);
  await plane.clock.run(4 * MINUTE);

  expect(late).toEqual([]);
  expect(jobs(plane)).toEqual([`tick-${Date.UTC(2026, 0, 1, 0, 10) / MINUTE}`]);
});

test('after a long sleep with many starts missed, one job makes up for them', async () => {
  const plane = await startTestPlane();
  plane.apply(cronJob({ schedule: '* * * * *', suspend: true }));
  await plane.clock.run(500 * MINUTE);

  plane.apply(cronJob({ schedule: '* * * * *', suspend: false }));
  await plane.clock.run(1_000);

  expect(jobs(plane)).toEqual([`tick-${Date.UTC(2026, 0, 1, 8, 20) / MINUTE}`]);
  expect(plane.events('tick')).toContain(
    'TooManyMissedTimes: too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew',
  );
});

test('the schedule is that of its time zone', async () => {
  const plane = await startTestPlane();
  plane.apply(cronJob({ schedule: '30 5 * * *', timeZone: 'Asia/Kolkata' }));

  // 05:30 in Kolkata is 00:00 in UTC: next day.
  await plane.clock.run(24 * 60 * MINUTE + 1_000);

  expect(statusOf(plane)).toMatchObject({ lastScheduleTime: '2026-01-02T00:00:00Z' });
});

test('a schedule that cannot be read is refused in the words of its parser', async () => {
  const plane = await startTestPlane();

  expect(() => plane.apply(cronJob({ schedule: '61 * * * *' }))).toThrow(
    'spec.schedule: Invalid value: "61 * * * *": end of range (61) above maximum (59): 61',
  );
});
