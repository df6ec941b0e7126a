import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createCluster } from '../../cluster/index.ts';
import { createManualClock, settle } from './manual-clock.ts';
import { createKubectl, hasKubectl, serveCluster } from './serve-cluster.ts';

const create = (clock = createManualClock()) => createCluster({ clock, randomBytes: (length) => randomBytes(length) });

test('a cluster that nobody asks anything sets no timer', async () => {
  const clock = createManualClock();
  const cluster = create(clock);

  await settle();

  expect(clock.pending).toBe(0);
  cluster.dispose();
  cluster.dispose();
});

test('a new cluster has its namespaces, its node and Istio', async () => {
  const clock = createManualClock();
  const cluster = create(clock);

  const namespaces = cluster.list('namespaces').map(({ metadata }) => metadata.name);
  await clock.run(2_000);

  expect(namespaces).toEqual(['default', 'istio-system', 'kube-node-lease', 'kube-public', 'kube-system']);
  expect(cluster.list('nodes').map(({ metadata }) => metadata.name)).toEqual(['node-1']);
  expect(
    cluster
      .list('deployments.apps', 'istio-system')
      .map(({ metadata, status }) => `${metadata.name} ${(status as { readyReplicas?: number }).readyReplicas}`),
  ).toEqual(['istio-egressgateway 1', 'istio-ingressgateway 1', 'istiod 1']);
  expect(cluster.get('services', 'default', 'kubernetes')?.spec).toMatchObject({ clusterIP: '10.96.0.1' });
  cluster.dispose();
});

test.each([
  ['PeerAuthentication', 'peerauthentications.security.istio.io', 'PeerAuthentication'],
  ['pa', 'peerauthentications.security.istio.io', 'PeerAuthentication'],
  ['deploy', 'deployments.apps', 'Deployment'],
  ['deployments.apps', 'deployments.apps', 'Deployment'],
  ['deployments.v1.apps', 'deployments.apps', 'Deployment'],
  ['Pods', 'pods', 'Pod'],
  ['svc', 'services', 'Service'],
])('the word %s names %s', (word, resource, kind) => {
  const cluster = create();

  expect(cluster.findResource(word)).toMatchObject({ resource, kind, namespaced: true });
  expect(cluster.findResource('nosuch')).toBeUndefined();
  expect(cluster.findResource('pods.apps')).toBeUndefined();
});

test('applied objects are there at once, and a second apply changes them', () => {
  const cluster = create();
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' } };
  const seen: string[] = [];
  cluster.watch('configmaps', ({ type, object: { metadata } }) => metadata.name === 'a' && seen.push(type));

  cluster.apply([{ ...object, data: { k: '1', gone: 'x' } }]);
  cluster.apply([{ ...object, data: { k: '2' } }]);

  expect(cluster.get('configmaps', 'default', 'a')?.data).toEqual({ k: '2' });
  expect(seen).toEqual(['ADDED', 'MODIFIED']);
  expect(() => cluster.apply([{ ...object, metadata: { name: 'A_b' } }])).toThrow(
    'ConfigMap "A_b" is invalid: metadata.name',
  );
  expect(() => cluster.apply([{ ...object, kind: 'Nosuch' }])).toThrow('no matches for kind "Nosuch" in version "v1"');
  cluster.dispose();
});

const POD = `
apiVersion: v1
kind: Pod
metadata: {name: client, labels: {app: client}}
spec:
  containers:
  - {name: main, image: curlimages/curl, command: [sh, -c, "echo started; sleep 3600"]}
`;

test.skipIf(!hasKubectl())('the real kubectl works with it', async () => {
  const { url } = await serveCluster();
  const kubectl = createKubectl(url);
  const out = async (...args: string[]) => (await kubectl(args)).stdout;

  expect(await out('create', 'namespace', 'team')).toBe('namespace/team created\n');
  expect(await out('label', 'ns', 'team', 'tier=a')).toBe('namespace/team labeled\n');
  expect((await kubectl(['apply', '-f', '-'], POD)).stdout).toBe('pod/client created\n');
  expect((await kubectl(['apply', '-f', '-'], POD)).stdout).toBe('pod/client unchanged\n');
  expect((await kubectl(['apply', '-f', '-'], POD.replace('app: client', 'app: other'))).stdout).toBe(
    'pod/client configured\n',
  );
  expect(await out('wait', '--for=condition=Ready', 'pod/client', '--timeout=60s')).toBe('pod/client condition met\n');
  expect(await out('get', 'pods', '--no-headers')).toMatch(/^client +1\/1 +Running +0 +\d+s\n$/);
  expect(await out('get', 'pod', 'client', '-o', 'jsonpath={.spec.containers[0].image}')).toBe('curlimages/curl');
  expect(await out('logs', 'client')).toBe('started\n');
  expect(await kubectl(['exec', 'client', '--', 'sh', '-c', 'echo out; echo err >&2; exit 56'])).toEqual({
    stdout: 'out\n',
    stderr: 'err\ncommand terminated with exit code 56\n',
    exit: 56,
  });
  expect((await kubectl(['exec', '-i', 'client', '--', 'cat'], 'typed\n')).stdout).toBe('typed\n');
  expect(await out('describe', 'pod', 'client')).toMatch(/^Name: +client\n/);
  expect(await out('delete', 'pod', 'client')).toBe('pod "client" deleted\n');
  expect(await kubectl(['get', 'pod', 'client'])).toEqual({
    stdout: '',
    stderr: 'Error from server (NotFound): pods "client" not found\n',
    exit: 1,
  });
  expect(
    await out('create', 'deployment', 'web', '--image=curlimages/curl', '--replicas=2', '--', 'sleep', '3600'),
  ).toBe('deployment.apps/web created\n');
  expect(await out('rollout', 'status', 'deployment/web', '--timeout=60s')).toMatch(/successfully rolled out\n$/);
  expect(await out('scale', 'deployment', 'web', '--replicas=1')).toBe('deployment.apps/web scaled\n');
  expect(await out('delete', 'namespace', 'team')).toBe('namespace "team" deleted\n');
});
