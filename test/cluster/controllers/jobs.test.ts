import { expect, test } from 'vitest';
import { startTestPlane, type TestPlane } from '../test-plane.ts';

const job = (spec: Record<string, unknown>) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'sum', namespace: 'default' },
  spec: {
    ...spec,
    template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox:1.36' }] } },
  },
});

async function endNext(plane: TestPlane, code: number): Promise<void> {
  const [next = ''] = plane.node.running().filter((key) => key.startsWith('sum-'));
  plane.node.exit(next.slice(0, next.indexOf('/')), 'main', code);
  await plane.clock.run(100);
}

test('a job runs one pod after the other until enough have succeeded', async () => {
  const plane = await startTestPlane();
  plane.apply(job({ completions: 2, parallelism: 1 }));
  await plane.clock.run(100);

  const first = plane.names('pods').length;
  await endNext(plane, 0);
  const second = plane.names('pods').length;
  await endNext(plane, 0);

  expect([first, second]).toEqual([1, 2]);
  expect(plane.get('jobs.batch', 'sum').status).toMatchObject({
    succeeded: 2,
    conditions: [{ type: 'SuccessCriteriaMet' }, { type: 'Complete', status: 'True', reason: 'CompletionsReached' }],
  });
  expect(plane.events('sum').at(-1)).toBe('Completed: Job completed');
});

test('a job tries again after 10 seconds, and fails beyond its backoffLimit', async () => {
  const plane = await startTestPlane();
  plane.apply(job({ backoffLimit: 1 }));
  await plane.clock.run(100);

  await endNext(plane, 1);
  const early = plane.names('pods').length;
  await plane.clock.run(10_000);
  const later = plane.names('pods').length;
  await endNext(plane, 1);

  expect([early, later]).toEqual([1, 2]);
  expect(plane.get('jobs.batch', 'sum').status).toMatchObject({
    failed: 2,
    conditions: [{ type: 'FailureTarget' }, { type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' }],
  });
});

const indexes = (plane: TestPlane) =>
  plane.store
    .list('pods', 'default')
    .map((pod) => pod.metadata.annotations?.['batch.kubernetes.io/job-completion-index'] ?? '')
    .toSorted();

test('an indexed job gives each pod its piece of the work, and makes only what failed again', async () => {
  const plane = await startTestPlane();
  plane.apply(job({ completionMode: 'Indexed', completions: 4, parallelism: 3 }));
  await plane.clock.run(100);

  const first = indexes(plane);
  const failing = plane.node.running().find((key) => key.startsWith('sum-1-')) ?? '';
  plane.node.exit(failing.slice(0, failing.indexOf('/')), 'main', 1);
  for (const start of ['sum-0-', 'sum-2-']) {
    const key = plane.node.running().find((one) => one.startsWith(start)) ?? '';
    plane.node.exit(key.slice(0, key.indexOf('/')), 'main', 0);
  }
  await plane.clock.run(11_000);
  const midway = plane.get('jobs.batch', 'sum').status;
  for (const key of plane.node.running().filter((one) => one.startsWith('sum-'))) {
    plane.node.exit(key.slice(0, key.indexOf('/')), 'main', 0);
  }
  await plane.clock.run(100);

  expect(first).toEqual(['0', '1', '2']);
  expect(midway).toMatchObject({ completedIndexes: '0,2', active: 2, failed: 1, succeeded: 2 });
  expect(indexes(plane)).toEqual(['0', '1', '1', '2', '3']);
  expect(plane.get('jobs.batch', 'sum').status).toMatchObject({ completedIndexes: '0-3', succeeded: 4 });
});

test('the pod of an index is told it by host name and variable', async () => {
  const plane = await startTestPlane();
  plane.apply(job({ completionMode: 'Indexed', completions: 1 }));
  await plane.clock.run(100);

  const [pod] = plane.store.list('pods', 'default');

  expect(pod?.metadata.name).toMatch(/^sum-0-[a-z0-9]{5}$/);
  expect(pod?.spec).toMatchObject({
    hostname: 'sum-0',
    containers: [
      {
        env: [
          {
            name: 'JOB_COMPLETION_INDEX',
            valueFrom: { fieldRef: { fieldPath: "metadata.labels['batch.kubernetes.io/job-completion-index']" } },
          },
        ],
      },
    ],
  });
});

test('an indexed job without completions is refused', async () => {
  const plane = await startTestPlane();

  expect(() => plane.apply(job({ completionMode: 'Indexed', parallelism: 2 }))).toThrow(
    'spec.completions: Required value: when completion mode is Indexed',
  );
});

test('a suspended job ends its pods and says so; resumed, it begins again', async () => {
  const plane = await startTestPlane();
  plane.apply(job({ parallelism: 2, completions: 2 }));
  await plane.clock.run(100);

  plane.apply(job({ parallelism: 2, completions: 2, suspend: true }));
  await plane.clock.run(40_000);
  const suspended = { pods: plane.names('pods'), status: plane.get('jobs.batch', 'sum').status };
  plane.apply(job({ parallelism: 2, completions: 2, suspend: false }));
  await plane.clock.run(100);

  expect(suspended).toMatchObject({
    pods: [],
    status: { conditions: [{ type: 'Suspended', status: 'True', reason: 'JobSuspended' }] },
  });
  expect(suspended.status).not.toHaveProperty('startTime');
  expect(plane.names('pods')).toHaveLength(2);
  expect(plane.get('jobs.batch', 'sum').status).toMatchObject({
    active: 2,
    conditions: [{ type: 'Suspended', status: 'False', reason: 'JobResumed' }],
  });
  expect(plane.events('sum')).toEqual(expect.arrayContaining(['Suspended: Job suspended', 'Resumed: Job resumed']));
});

test('without completions the first success begins nothing new, and the job ends with the last pod', async () => {
  const plane = await startTestPlane();
  plane.apply(job({ parallelism: 2 }));
  await plane.clock.run(100);

  await endNext(plane, 0);
  const midway = plane.get('jobs.batch', 'sum').status;
  await endNext(plane, 0);

  expect(midway).toMatchObject({ active: 1, succeeded: 1 });
  expect(midway).not.toHaveProperty('conditions');
  expect(plane.names('pods')).toHaveLength(2);
  expect(plane.get('jobs.batch', 'sum').status).toMatchObject({
    succeeded: 2,
    conditions: [{}, { type: 'Complete' }],
  });
});

test('a job that takes longer than activeDeadlineSeconds fails', async () => {
  const plane = await startTestPlane();
  plane.apply(job({ activeDeadlineSeconds: 30 }));

  await plane.clock.run(29_000);
  const early = plane.get('jobs.batch', 'sum').status;
  await plane.clock.run(2_000);

  expect(early).not.toHaveProperty('conditions');
  expect(plane.get('jobs.batch', 'sum').status).toMatchObject({
    failed: 1,
    conditions: [{ type: 'FailureTarget' }, { type: 'Failed', reason: 'DeadlineExceeded' }],
  });
  expect(plane.events('sum').at(-1)).toBe('DeadlineExceeded: Job was active longer than specified deadline');
});

test('a finished job and its pods go after ttlSecondsAfterFinished', async () => {
  const plane = await startTestPlane();
  plane.apply(job({ ttlSecondsAfterFinished: 60 }));
  await plane.clock.run(100);
  await endNext(plane, 0);

  await plane.clock.run(58_000);
  const before = plane.names('jobs.batch');
  await plane.clock.run(4_000);

  expect(before).toEqual(['sum']);
  expect([plane.names('jobs.batch'), plane.names('pods')]).toEqual([[], []]);
});
