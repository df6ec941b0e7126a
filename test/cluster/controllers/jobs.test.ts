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
