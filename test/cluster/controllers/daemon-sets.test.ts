import { expect, test } from 'vitest';
import { startTestPlane, type TestPlane } from '../test-plane.ts';

const set = (spec: Record<string, unknown> = {}, image = 'nginx:1.27') => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'agent', namespace: 'default' },
  spec: {
    selector: { matchLabels: { app: 'agent' } },
    template: { metadata: { labels: { app: 'agent' } }, spec: { containers: [{ name: 'main', image }] } },
    ...spec,
  },
});

function setTaints(plane: TestPlane, taints: unknown[]): void {
  const node = plane.get('nodes', 'node-1', '');
  plane.store.replace('nodes', { ...node, spec: { ...(node.spec as object), taints } });
}

const statusOf = (plane: TestPlane) => plane.get('daemonsets.apps', 'agent').status;

test('each node gets one pod, which tolerates what ails the node', async () => {
  const plane = await startTestPlane();

  plane.apply(set());
  await plane.clock.run(1_000);

  const [pod] = plane.store.list('pods', 'default');
  expect(plane.names('pods')).toHaveLength(1);
  expect(pod?.spec).toMatchObject({ nodeName: 'node-1' });
  expect((pod?.spec as { tolerations?: { key: string }[] } | undefined)?.tolerations?.map(({ key }) => key)).toContain(
    'node.kubernetes.io/unschedulable',
  );
  expect(statusOf(plane)).toEqual({
    currentNumberScheduled: 1,
    desiredNumberScheduled: 1,
    numberAvailable: 1,
    numberMisscheduled: 0,
    numberReady: 1,
    observedGeneration: 1,
    updatedNumberScheduled: 1,
  });
  expect(plane.events('agent')).toEqual([`SuccessfulCreate: Created pod: ${pod?.metadata.name}`]);
});

test('a node that is added gets a pod, one that goes loses it', async () => {
  const plane = await startTestPlane();
  plane.apply(set());
  await plane.clock.run(100);
  const node = plane.get('nodes', 'node-1', '');

  const added = plane.store.insert('nodes', { ...node, metadata: { ...node.metadata, name: 'node-2', uid: 'two' } });
  await plane.clock.run(100);
  const nodes = plane.store.list('pods', 'default').map((pod) => (pod.spec as { nodeName?: string }).nodeName);
  plane.store.remove('nodes', added);
  await plane.clock.run(100);

  expect(nodes.toSorted()).toEqual(['node-1', 'node-2']);
  expect(statusOf(plane)).toMatchObject({ desiredNumberScheduled: 1 });
});

test('a taint that is not tolerated keeps new pods away; NoExecute ends the one that runs', async () => {
  const plane = await startTestPlane();
  plane.apply(set());
  await plane.clock.run(1_000);

  setTaints(plane, [{ key: 'dedicated', value: 'gpu', effect: 'NoSchedule' }]);
  await plane.clock.run(1_000);
  const tainted = plane.names('pods').length;
  setTaints(plane, [{ key: 'dedicated', value: 'gpu', effect: 'NoExecute' }]);
  await plane.clock.run(40_000);

  expect(tainted).toBe(1);
  expect(plane.names('pods')).toEqual([]);
  expect(statusOf(plane)).toMatchObject({ desiredNumberScheduled: 0 });
});

test('a node selector chooses the nodes', async () => {
  const plane = await startTestPlane();

  plane.apply(
    set({
      template: {
        metadata: { labels: { app: 'agent' } },
        spec: { nodeSelector: { disk: 'ssd' }, containers: [{ name: 'main', image: 'nginx:1.27' }] },
      },
    }),
  );
  await plane.clock.run(1_000);

  expect(plane.names('pods')).toEqual([]);
  expect(statusOf(plane)).toMatchObject({ desiredNumberScheduled: 0, numberReady: 0 });
});

test('an update replaces the pod and raises the generation of the template', async () => {
  const plane = await startTestPlane();
  plane.apply(set());
  await plane.clock.run(1_000);
  const [old] = plane.names('pods');

  plane.apply(set({}, 'nginx:1.28'));
  await plane.clock.run(40_000);

  const [pod] = plane.store.list('pods', 'default');
  expect(pod?.metadata.name).not.toBe(old);
  expect(pod?.spec).toMatchObject({ containers: [{ image: 'nginx:1.28' }] });
  expect(pod?.metadata.labels?.['pod-template-generation']).toBe('2');
  expect(plane.store.list('controllerrevisions.apps')).toHaveLength(2);
});

test('with maxSurge the old pod stays until the new one is ready', async () => {
  const plane = await startTestPlane();
  const surge = { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } };
  plane.apply(set(surge));
  await plane.clock.run(1_000);
  let fewest = 1;
  plane.store.watch('daemonsets.apps', ({ object }) => {
    fewest = Math.min(fewest, Number((object.status as { numberAvailable?: number }).numberAvailable ?? 0));
  });

  plane.apply(set(surge, 'nginx:1.28'));
  await plane.clock.run(40_000);

  expect(fewest).toBe(1);
  expect(plane.store.list('pods', 'default').map((pod) => pod.spec)).toMatchObject([
    { containers: [{ image: 'nginx:1.28' }] },
  ]);
});
