/** Replica sets, scheduling, endpoints, namespaces and garbage: each as the others see it. */
import { expect, test } from 'vitest';
import { NAMESPACE } from '../../../cluster/objects/kinds/cluster-kinds.ts';
import { POD } from '../../../cluster/objects/kinds/pod.ts';
import { DEPLOYMENT, REPLICA_SET } from '../../../cluster/objects/kinds/workloads.ts';
import { deployment, pod, startTestPlane } from '../test-plane.ts';

test('a deleted pod of a ReplicaSet is replaced', async () => {
  const plane = await startTestPlane();
  plane.apply(deployment('web', { replicas: 2 }));
  await plane.clock.run(200);
  const [first = '', second = ''] = plane.names('pods');

  plane.writer.remove(POD, 'default', first);
  await plane.clock.run(200);

  expect(plane.names('pods')).toHaveLength(2);
  expect(plane.names('pods')).toContain(second);
  expect(plane.names('pods')).not.toContain(first);
});

test('a pod whose labels are taken away leaves its ReplicaSet, which makes another', async () => {
  const plane = await startTestPlane();
  plane.apply(deployment('web'));
  await plane.clock.run(200);
  const [name = ''] = plane.names('pods');
  const old = plane.get('pods', name);

  plane.writer.update(POD, { ...old, metadata: { ...old.metadata, labels: { app: 'other' } } });
  await plane.clock.run(200);

  expect(plane.names('pods')).toHaveLength(2);
  expect(plane.get('pods', name).metadata.ownerReferences).toBeUndefined();
});

test('deleting a deployment deletes its ReplicaSets and pods; orphaning keeps them', async () => {
  const plane = await startTestPlane();
  plane.apply(deployment('web'), deployment('kept'));
  await plane.clock.run(200);

  plane.writer.remove(DEPLOYMENT, 'default', 'web', { propagationPolicy: 'Background' });
  plane.writer.remove(DEPLOYMENT, 'default', 'kept', { propagationPolicy: 'Orphan' });
  await plane.clock.run(2_000);

  expect(plane.names('deployments.apps')).toEqual([]);
  expect(plane.names('replicasets.apps')).toEqual([expect.stringMatching(/^kept-/)]);
  expect(plane.names('pods')).toEqual([expect.stringMatching(/^kept-/)]);
  expect(plane.store.list('replicasets.apps', 'default')[0]?.metadata.ownerReferences).toEqual([]);
});

test('deleting in the foreground keeps the owner until its pods are gone', async () => {
  const plane = await startTestPlane();
  plane.apply(deployment('web'));
  await plane.clock.run(200);
  const [replicaSet = ''] = plane.names('replicasets.apps');
  const uidNow = () => plane.store.get('replicasets.apps', 'default', replicaSet)?.metadata.uid;
  const uid = uidNow();
  plane.node.stopsOnTerm = false;

  plane.writer.remove(REPLICA_SET, 'default', replicaSet, { propagationPolicy: 'Foreground' });
  await plane.clock.run(100);
  const during = uidNow();
  plane.node.exit(plane.names('pods')[0] ?? '', 'main', 137);
  await plane.clock.run(1_000);

  expect(during).toBe(uid);
  // Its deployment made another of the same name.
  expect(uidNow()).not.toBe(uid);
});

test('a namespace gets its service account and config maps, and goes with everything in it', async () => {
  const plane = await startTestPlane();
  plane.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } });
  await plane.clock.run(10);
  const contents = [plane.names('serviceaccounts', 'team'), plane.names('configmaps', 'team')];
  plane.apply({ ...deployment('web'), metadata: { name: 'web', namespace: 'team' } });
  await plane.clock.run(200);

  plane.writer.remove(NAMESPACE, undefined, 'team');
  const phase = plane.get('namespaces', 'team', '').status;
  await plane.clock.run(3_000);

  expect(contents).toEqual([['default'], ['istio-ca-root-cert', 'kube-root-ca.crt']]);
  expect(phase).toEqual({ phase: 'Terminating' });
  expect(plane.store.get('namespaces', undefined, 'team')).toBeUndefined();
  for (const resource of plane.store.resources()) expect(plane.names(resource, 'team')).toEqual([]);
});

test('a service has the addresses of its ready pods, with named ports resolved', async () => {
  const plane = await startTestPlane();
  plane.node.listening = (name) => name !== 'two';
  const container = { ports: [{ name: 'http', containerPort: 8080 }], readinessProbe: { tcpSocket: { port: 'http' } } };
  const labelled = (name: string) => ({
    ...pod(name, container),
    metadata: { name, namespace: 'default', labels: { app: 'web' } },
  });
  plane.apply(
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'default' },
      spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] },
    },
    labelled('one'),
    labelled('two'),
  );
  await plane.clock.run(2_000);

  const [slice] = plane.store
    .list('endpointslices.discovery.k8s.io', 'default')
    .filter((one) => one.metadata.name.startsWith('web-'));
  expect(slice).toMatchObject({
    addressType: 'IPv4',
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
    endpoints: [
      { conditions: { ready: true, serving: true, terminating: false }, targetRef: { name: 'one' } },
      { conditions: { ready: false, serving: false, terminating: false }, targetRef: { name: 'two' } },
    ],
  });
  expect(plane.get('endpoints', 'web')).toMatchObject({
    subsets: [
      {
        addresses: [{ targetRef: { name: 'one' } }],
        notReadyAddresses: [{ targetRef: { name: 'two' } }],
        ports: [{ port: 8080 }],
      },
    ],
  });
});

test('a pod that asks for more than the node has waits, and says why', async () => {
  const plane = await startTestPlane();

  plane.apply(pod('big', { resources: { requests: { cpu: '64' } } }));
  await plane.clock.run(100);

  expect(plane.get('pods', 'big').status).toMatchObject({
    phase: 'Pending',
    conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }],
  });
  expect(plane.events('big')).toEqual([
    expect.stringMatching(/^FailedScheduling: 0\/1 nodes are available: 1 Insufficient cpu\./),
  ]);
});

test('an idle cluster schedules nothing', async () => {
  const plane = await startTestPlane();
  await plane.clock.run(60_000);

  expect(plane.clock.pending).toBe(0);
});
