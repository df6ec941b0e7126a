import { expect, test } from 'vitest';
import { startTestPlane, type TestPlane } from '../test-plane.ts';

const set = (spec: Record<string, unknown> = {}, image = 'nginx:1.27') => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas: 3,
    serviceName: 'web',
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [
          {
            name: 'main',
            image,
            readinessProbe: { tcpSocket: { port: 80 }, periodSeconds: 1, initialDelaySeconds: 5 },
          },
        ],
      },
    },
    ...spec,
  },
});

const images = (plane: TestPlane) =>
  plane.store
    .list('pods', 'default')
    .map((pod) => (pod.spec as { containers: { image: string }[] }).containers[0]?.image ?? '');

test('pods are made in order, each once the one before it is ready', async () => {
  const plane = await startTestPlane();
  plane.apply(set());
  await plane.clock.run(1_000);

  const first = plane.names('pods');
  await plane.clock.run(6_000);
  const second = plane.names('pods');
  await plane.clock.run(12_000);

  expect([first, second, plane.names('pods')]).toEqual([['web-0'], ['web-0', 'web-1'], ['web-0', 'web-1', 'web-2']]);
  expect(plane.events('web')).toEqual([
    'SuccessfulCreate: create Pod web-0 in StatefulSet web successful',
    'SuccessfulCreate: create Pod web-1 in StatefulSet web successful',
    'SuccessfulCreate: create Pod web-2 in StatefulSet web successful',
  ]);
});

test('a pod has its own name as host name, the service as subdomain, and labels that say which it is', async () => {
  const plane = await startTestPlane();
  plane.apply(set({ replicas: 1 }));
  await plane.clock.run(8_000);

  const pod = plane.get('pods', 'web-0');

  expect(pod.spec).toMatchObject({ hostname: 'web-0', subdomain: 'web' });
  expect(pod.metadata.labels).toMatchObject({
    app: 'web',
    'apps.kubernetes.io/pod-index': '0',
    'statefulset.kubernetes.io/pod-name': 'web-0',
    'controller-revision-hash': plane.names('controllerrevisions.apps')[0],
  });
});

test('with Parallel all pods are made at once', async () => {
  const plane = await startTestPlane();
  plane.apply(set({ podManagementPolicy: 'Parallel' }));

  await plane.clock.run(100);

  expect(plane.names('pods')).toEqual(['web-0', 'web-1', 'web-2']);
});

test('a smaller set loses its last pods first, one at a time', async () => {
  const plane = await startTestPlane();
  plane.apply(set());
  await plane.clock.run(25_000);
  let most = 0;
  plane.store.watch('pods', () => {
    const going = plane.store.list('pods', 'default').filter((pod) => pod.metadata.deletionTimestamp);
    most = Math.max(most, going.length);
  });

  plane.apply(set({ replicas: 1 }));
  await plane.clock.run(10_000);

  expect(most).toBe(1);
  expect(plane.names('pods')).toEqual(['web-0']);
  expect(plane.events('web').slice(-2)).toEqual([
    'SuccessfulDelete: delete Pod web-2 in StatefulSet web successful',
    'SuccessfulDelete: delete Pod web-1 in StatefulSet web successful',
  ]);
});

test('a pod that is deleted comes back under its name', async () => {
  const plane = await startTestPlane();
  plane.apply(set({ replicas: 1 }));
  await plane.clock.run(8_000);
  const { uid } = plane.get('pods', 'web-0').metadata;

  plane.store.remove('pods', plane.get('pods', 'web-0'));
  await plane.clock.run(8_000);

  expect(plane.get('pods', 'web-0').metadata.uid).not.toBe(uid);
});

test('an update goes from the last pod to the first, and makes a new revision', async () => {
  const plane = await startTestPlane();
  plane.apply(set());
  await plane.clock.run(25_000);

  plane.apply(set({}, 'nginx:1.28'));
  await plane.clock.run(9_000);
  const midway = images(plane);
  await plane.clock.run(30_000);

  expect(midway.slice(0, 1)).toEqual(['nginx:1.27']);
  expect(midway.at(-1)).toBe('nginx:1.28');
  expect(images(plane)).toEqual(['nginx:1.28', 'nginx:1.28', 'nginx:1.28']);
  const { currentRevision, updateRevision, ...status } = plane.get('statefulsets.apps', 'web').status as Record<
    string,
    unknown
  >;
  expect(currentRevision).toBe(updateRevision);
  expect(status).toMatchObject({ replicas: 3, readyReplicas: 3, currentReplicas: 3, updatedReplicas: 3 });
  const revisions = plane.store.list('controllerrevisions.apps').map((one) => one.revision);
  expect(revisions.toSorted()).toEqual([1, 2]);
});

test('pods below the partition keep the old template, also when they are made again', async () => {
  const plane = await startTestPlane();
  plane.apply(set());
  await plane.clock.run(25_000);

  plane.apply(set({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } }, 'nginx:1.28'));
  await plane.clock.run(20_000);
  plane.store.remove('pods', plane.get('pods', 'web-0'));
  await plane.clock.run(10_000);

  expect(images(plane)).toEqual(['nginx:1.27', 'nginx:1.27', 'nginx:1.28']);
});

test('OnDelete leaves pods as they are until they are deleted', async () => {
  const plane = await startTestPlane();
  plane.apply(set({ updateStrategy: { type: 'OnDelete' } }));
  await plane.clock.run(25_000);

  plane.apply(set({ updateStrategy: { type: 'OnDelete' } }, 'nginx:1.28'));
  await plane.clock.run(20_000);
  const before = images(plane);
  plane.store.remove('pods', plane.get('pods', 'web-1'));
  await plane.clock.run(10_000);

  expect(before).toEqual(['nginx:1.27', 'nginx:1.27', 'nginx:1.27']);
  expect(images(plane)).toEqual(['nginx:1.27', 'nginx:1.28', 'nginx:1.27']);
});

test('each pod gets a claim of its own, which outlives it', async () => {
  const plane = await startTestPlane();
  const claim = {
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  };
  const template = {
    metadata: { labels: { app: 'web' } },
    spec: { containers: [{ name: 'main', image: 'nginx:1.27', volumeMounts: [{ name: 'data', mountPath: '/data' }] }] },
  };
  plane.apply(set({ replicas: 2, template, volumeClaimTemplates: [claim] }));
  await plane.clock.run(20_000);

  plane.apply(set({ replicas: 0, template, volumeClaimTemplates: [claim] }));
  await plane.clock.run(10_000);

  expect(plane.names('pods')).toEqual([]);
  expect(plane.names('persistentvolumeclaims')).toEqual(['data-web-0', 'data-web-1']);
  expect(plane.store.list('persistentvolumes').map(({ status }) => (status as { phase: string }).phase)).toEqual([
    'Bound',
    'Bound',
  ]);
  expect(plane.events('web')[0]).toBe('SuccessfulCreate: create Claim data-web-0 Pod web-0 in StatefulSet web success');
});
