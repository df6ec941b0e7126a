import { expect, test } from 'vitest';
import { POD } from '../../../cluster/objects/kinds/pod.ts';
import { PERSISTENT_VOLUME_CLAIM } from '../../../cluster/objects/kinds/storage.ts';
import { pod, startTestPlane, type TestPlane } from '../test-plane.ts';

const claim = (name: string, spec: Record<string, unknown> = {}) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace: 'default' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
});
const volume = (name: string, storage: string, spec: Record<string, unknown> = {}) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name },
  spec: {
    accessModes: ['ReadWriteOnce'],
    capacity: { storage },
    hostPath: { path: `/data/${name}` },
    storageClassName: 'manual',
    ...spec,
  },
});
const mounting = (name: string, claimName: string) =>
  pod(name, {}, { volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }] });
const phaseOf = (plane: TestPlane, resource: string, name: string) =>
  (
    plane.store.get(resource, resource === 'persistentvolumes' ? undefined : 'default', name)?.status as
      | { phase?: string }
      | undefined
  )?.phase;

test('a claim of the default class waits for a pod, gets a volume for it, and the pod runs', async () => {
  const plane = await startTestPlane();

  plane.apply(claim('data'));
  await plane.clock.run(100);
  const alone = phaseOf(plane, 'persistentvolumeclaims', 'data');
  plane.apply(mounting('web', 'data'));
  await plane.clock.run(500);

  const { spec, status } = plane.get('persistentvolumeclaims', 'data');
  const { volumeName } = spec as { volumeName: string };
  expect(alone).toBe('Pending');
  expect(spec).toMatchObject({ storageClassName: 'standard' });
  expect(status).toEqual({ phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' } });
  expect(plane.get('persistentvolumes', volumeName, '')).toMatchObject({
    spec: { claimRef: { name: 'data', namespace: 'default' }, persistentVolumeReclaimPolicy: 'Delete' },
    status: { phase: 'Bound' },
  });
  expect(phaseOf(plane, 'pods', 'web')).toBe('Running');
  expect(plane.events('data').map((text) => text.split(':')[0])).toEqual([
    'WaitForFirstConsumer',
    'ExternalProvisioning',
    'Provisioning',
    'ProvisioningSucceeded',
  ]);
});

test('a claim that a pod uses stays until the pod is gone, and its volume goes with it', async () => {
  const plane = await startTestPlane();
  plane.apply(claim('data'), mounting('web', 'data'));
  await plane.clock.run(500);

  plane.writer.remove(PERSISTENT_VOLUME_CLAIM, 'default', 'data');
  await plane.clock.run(500);
  const used = plane.names('persistentvolumeclaims');
  plane.writer.remove(POD, 'default', 'web');
  await plane.clock.run(5_000);

  expect(used).toEqual(['data']);
  expect(plane.names('persistentvolumeclaims')).toEqual([]);
  expect(plane.store.list('persistentvolumes')).toEqual([]);
});

test('a claim takes the smallest volume that has what it asks for; one that was used is kept and not given again', async () => {
  const plane = await startTestPlane();
  plane.apply(
    volume('small', '500Mi'),
    volume('large', '10Gi'),
    volume('fits', '2Gi'),
    volume('other', '1Gi', { storageClassName: 'x' }),
  );
  await plane.clock.run(100);

  plane.apply(claim('data', { storageClassName: 'manual' }));
  await plane.clock.run(100);
  const taken = (plane.get('persistentvolumeclaims', 'data').spec as { volumeName: string }).volumeName;
  plane.writer.remove(PERSISTENT_VOLUME_CLAIM, 'default', 'data');
  await plane.clock.run(500);

  expect(taken).toBe('fits');
  expect(['small', 'fits', 'other'].map((name) => phaseOf(plane, 'persistentvolumes', name))).toEqual([
    'Available',
    'Released',
    'Available',
  ]);
});

test.each([
  [
    { storageClassName: '' },
    'FailedBinding: no persistent volumes available for this claim and no storage class is set',
  ],
  [{ storageClassName: 'no' }, 'ProvisioningFailed: storageclass.storage.k8s.io "no" not found'],
])('a claim with %j says why it waits, and so does its pod', async (spec, message) => {
  const plane = await startTestPlane();

  plane.apply(claim('data', spec), mounting('web', 'data'), mounting('lost', 'gone'));
  await plane.clock.run(500);

  expect(plane.events('data')).toEqual([message]);
  expect(plane.events('web')[0]).toMatch(
    /^FailedScheduling: 0\/1 nodes are available: pod has unbound immediate PersistentVolumeClaims\. /,
  );
  expect(plane.events('lost')[0]).toMatch(
    /^FailedScheduling: 0\/1 nodes are available: persistentvolumeclaim "gone" not found\. /,
  );
});
