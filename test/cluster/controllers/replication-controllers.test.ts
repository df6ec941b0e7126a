import { expect, test } from 'vitest';
import { POD } from '../../../cluster/objects/kinds/pod.ts';
import { startTestPlane } from '../test-plane.ts';

const controller = (spec: Record<string, unknown> = {}) => ({
  apiVersion: 'v1',
  kind: 'ReplicationController',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas: 2,
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'nginx:1.27' }] } },
    ...spec,
  },
});

test('a replication controller takes selector and labels from its template and makes its pods', async () => {
  const plane = await startTestPlane();

  plane.apply(controller());
  await plane.clock.run(500);

  const made = plane.get('replicationcontrollers', 'web');
  expect(made.metadata.labels).toEqual({ app: 'web' });
  expect(made.spec).toMatchObject({ selector: { app: 'web' } });
  expect(made.status).toEqual({
    replicas: 2,
    fullyLabeledReplicas: 2,
    readyReplicas: 2,
    availableReplicas: 2,
    observedGeneration: 1,
  });
  expect(plane.names('pods')).toHaveLength(2);
});

test('a pod of a replication controller that is deleted comes again, and none is left when it is scaled to zero', async () => {
  const plane = await startTestPlane();
  plane.apply(controller());
  await plane.clock.run(500);
  const [first = ''] = plane.names('pods');

  plane.writer.remove(POD, 'default', first, { gracePeriodSeconds: 0 });
  await plane.clock.run(500);
  const after = plane.names('pods');
  plane.apply(controller({ replicas: 0 }));
  await plane.clock.run(60_000);

  expect(after).toHaveLength(2);
  expect(after).not.toContain(first);
  expect(plane.names('pods')).toEqual([]);
});

test('a replication controller whose template lacks the labels of its selector is refused', async () => {
  const plane = await startTestPlane();

  expect(() => plane.apply(controller({ selector: { app: 'shop' } }))).toThrow(
    /`selector` does not match template `labels`/,
  );
});
