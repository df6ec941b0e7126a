import { expect, test } from 'vitest';
import { deployment, startTestPlane, type TestPlane } from '../test-plane.ts';

const sizes = (plane: TestPlane) =>
  plane.store
    .list('replicasets.apps', 'default')
    .map((one) => (one.spec as { replicas: number }).replicas)
    .toSorted((a, b) => a - b);

test('a deployment without probes is ready within 150 ms', async () => {
  const plane = await startTestPlane();

  plane.apply(deployment('web', { replicas: 3 }));
  await plane.clock.run(150);

  expect(plane.get('deployments.apps', 'web').status).toMatchObject({
    observedGeneration: 1,
    replicas: 3,
    updatedReplicas: 3,
    readyReplicas: 3,
    availableReplicas: 3,
    conditions: [
      { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable' },
      { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' },
    ],
  });
  expect(plane.node.running().filter((key) => key.startsWith('web'))).toHaveLength(3);
});

test('a rolling update never has more pods than maxSurge or fewer available than maxUnavailable allows', async () => {
  const plane = await startTestPlane();
  plane.apply(deployment('web', { replicas: 4 }));
  await plane.clock.run(500);
  let most = 0;
  let fewest = 4;
  plane.store.watch('deployments.apps', () => {
    const pods = plane.store.list('pods', 'default').filter((one) => !one.metadata.deletionTimestamp);
    most = Math.max(most, pods.length);
    const available =
      (plane.get('deployments.apps', 'web').status as { availableReplicas?: number }).availableReplicas ?? 0;
    fewest = Math.min(fewest, available);
  });

  plane.apply(deployment('web', { replicas: 4 }, { image: 'nginx:1.28' }));
  await plane.clock.run(5_000);

  expect(sizes(plane)).toEqual([0, 4]);
  expect(most).toBe(5);
  expect(fewest).toBe(3);
  expect(
    plane.store
      .list('pods', 'default')
      .map((one) => (one.spec as { containers: { image: string }[] }).containers[0]?.image),
  ).toEqual(Array.from({ length: 4 }, () => 'nginx:1.28'));
});

test('an update that cannot start leaves the old pods serving', async () => {
  const plane = await startTestPlane();
  plane.apply(deployment('web', { replicas: 4 }));
  await plane.clock.run(500);

  plane.apply(deployment('web', { replicas: 4 }, { image: 'missing:1' }));
  await plane.clock.run(20_000);

  expect(sizes(plane)).toEqual([2, 3]);
  expect(plane.get('deployments.apps', 'web').status).toMatchObject({ availableReplicas: 3, updatedReplicas: 2 });
});

test('a rollout that makes no progress says so after its deadline', async () => {
  const plane = await startTestPlane();

  plane.apply(deployment('slow', { progressDeadlineSeconds: 4 }, { image: 'missing:1' }));
  await plane.clock.run(10_000);

  expect(plane.get('deployments.apps', 'slow').status).toMatchObject({
    conditions: [
      { type: 'Available', status: 'False' },
      { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' },
    ],
  });
});

test('the template of an older revision takes its ReplicaSet up again under a new revision', async () => {
  const plane = await startTestPlane();
  plane.apply(deployment('web'));
  await plane.clock.run(500);
  const [first] = plane.names('replicasets.apps');
  plane.apply(deployment('web', {}, { image: 'nginx:1.28' }));
  await plane.clock.run(3_000);

  plane.apply(deployment('web'));
  await plane.clock.run(3_000);

  expect(plane.names('replicasets.apps')).toHaveLength(2);
  expect(plane.get('deployments.apps', 'web').metadata.annotations).toMatchObject({
    'deployment.kubernetes.io/revision': '3',
  });
  expect(plane.get('replicasets.apps', first ?? '').spec).toMatchObject({ replicas: 1 });
});

test('Recreate starts nothing before the last old pod is gone', async () => {
  const plane = await startTestPlane();
  plane.apply(deployment('web', { replicas: 2, strategy: { type: 'Recreate' } }));
  await plane.clock.run(500);
  const images = new Set<string>();
  plane.store.watch('pods', () => {
    images.add(
      [
        ...new Set(
          plane.store
            .list('pods', 'default')
            .map((one) => (one.spec as { containers: { image: string }[] }).containers[0]?.image),
        ),
      ].join(' '),
    );
  });

  plane.apply(deployment('web', { replicas: 2, strategy: { type: 'Recreate' } }, { image: 'nginx:1.28' }));
  await plane.clock.run(5_000);

  expect(images).toContain('nginx:1.28');
  expect(images).not.toContain('nginx:1.27 nginx:1.28');
  expect(images).not.toContain('nginx:1.28 nginx:1.27');
});

test('a paused deployment follows its size but not its template', async () => {
  const plane = await startTestPlane();
  plane.apply(deployment('web', { paused: false }));
  await plane.clock.run(500);

  plane.apply(deployment('web', { paused: true, replicas: 3 }, { image: 'nginx:1.28' }));
  await plane.clock.run(2_000);

  expect(sizes(plane)).toEqual([3]);
});

test('only as many old ReplicaSets stay as revisionHistoryLimit says', async () => {
  const plane = await startTestPlane();
  for (const version of ['1', '2', '3', '4']) {
    plane.apply(deployment('web', { revisionHistoryLimit: 1 }, { image: `nginx:${version}` }));
    await plane.clock.run(3_000);
  }

  expect(sizes(plane)).toEqual([0, 1]);
});
