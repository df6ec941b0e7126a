import { expect, test } from 'vitest';
import { pod, startTestPlane, type TestPlane } from '../test-plane.ts';
import { POD } from '../../../cluster/objects/kinds/pod.ts';
import { summarizePod } from '../../../cluster/objects/kinds/pod-status-text.ts';
import type { Pod } from '../../../cluster/objects/kinds/pod-types.ts';

const shown = (plane: TestPlane, name: string) =>
  Object.values(summarizePod(plane.get('pods', name) as unknown as Pod, plane.clock.now())).join(' ');

test('a pod is started and ready, and its events tell so', async () => {
  const plane = await startTestPlane();

  plane.apply(pod('web'));
  plane.apply(pod('pulled', { imagePullPolicy: 'Always' }));
  await plane.clock.run(10);
  const early = shown(plane, 'web');
  await plane.clock.run(100);

  expect(early).toBe('0/1 ContainerCreating 0');
  expect(shown(plane, 'web')).toBe('1/1 Running 0');
  expect(plane.get('pods', 'web').status).toMatchObject({
    podIP: expect.stringMatching(/^10\.244\./) as string,
    hostIP: '172.18.0.2',
  });
  expect(plane.events('web')).toEqual([
    'Scheduled: Successfully assigned default/web to node-1',
    'Pulled: Container image "nginx:1.27" already present on machine and can be accessed by the pod',
    'Created: Container created',
    'Started: Container started',
  ]);
  expect(plane.events('pulled').slice(1, 3)).toEqual([
    'Pulling: Pulling image "nginx:1.27"',
    expect.stringMatching(/^Pulled: Successfully pulled image "nginx:1.27" in 30ms /),
  ]);
});

test('an image that is not there ends in ErrImagePull and then ImagePullBackOff', async () => {
  const plane = await startTestPlane();

  plane.apply(pod('gone', { image: 'missing:1' }));
  await plane.clock.run(100);
  const first = shown(plane, 'gone');
  await plane.clock.run(3_000);

  expect(first).toBe('0/1 ErrImagePull 0');
  expect(shown(plane, 'gone')).toBe('0/1 ImagePullBackOff 0');
  expect(plane.events('gone')).toContain(
    'Failed: Failed to pull image "missing:1": failed to pull and unpack image "docker.io/library/missing:1": failed to resolve image: docker.io/library/missing:1: not found',
  );
  expect(plane.events('gone')).toContain(
    'ImageNotSimulated: Image "missing:1" is not simulated. The author of a lesson adds it under "images:" in lesson.yaml',
  );
});

test('a container that keeps failing is started again after 10, 20 and 40 seconds', async () => {
  const plane = await startTestPlane();
  plane.apply(pod('crash'));
  await plane.clock.run(100);
  const starts: number[] = [];

  for (let second = 0; second < 80; second += 1) {
    if (plane.node.running().includes('crash/main')) {
      starts.push(second);
      plane.node.exit('crash', 'main', 1);
    }
    await plane.clock.run(1_000);
  }

  expect(starts).toEqual([0, 1, 11, 31, 71]);
  expect(shown(plane, 'crash')).toMatch(/^0\/1 CrashLoopBackOff 4 \(\d+s ago\)$/);
  expect(plane.events('crash')).toContainEqual(
    expect.stringMatching(/^BackOff: Back-off restarting failed container main in pod crash_default\(/),
  );
});

test('a pod that is not to be restarted ends as Completed or Error', async () => {
  const plane = await startTestPlane();
  plane.apply(pod('good', {}, { restartPolicy: 'Never' }), pod('bad', {}, { restartPolicy: 'Never' }));
  await plane.clock.run(100);

  plane.node.exit('good', 'main', 0);
  plane.node.exit('bad', 'main', 3);
  await plane.clock.run(10);

  expect(shown(plane, 'good')).toBe('0/1 Completed 0');
  expect(plane.get('pods', 'good').status).toMatchObject({ phase: 'Succeeded' });
  expect(shown(plane, 'bad')).toBe('0/1 Error 0');
  expect(plane.get('pods', 'bad').status).toMatchObject({
    phase: 'Failed',
    containerStatuses: [{ state: { terminated: { exitCode: 3, reason: 'Error' } } }],
  });
});

test('init containers run one after the other before the others start', async () => {
  const plane = await startTestPlane();
  const inits = [
    { name: 'one', image: 'a:1' },
    { name: 'two', image: 'a:1' },
  ];
  plane.apply(pod('web', {}, { initContainers: inits }));
  await plane.clock.run(100);
  const first = [plane.node.running().filter((key) => key.startsWith('web')), shown(plane, 'web')];

  plane.node.exit('web', 'one', 0);
  await plane.clock.run(100);
  const second = plane.node.running().filter((key) => key.startsWith('web'));
  plane.node.exit('web', 'two', 0);
  await plane.clock.run(100);

  expect(first).toEqual([['web/one'], '0/1 Init:0/2 0']);
  expect(second).toEqual(['web/two']);
  expect(shown(plane, 'web')).toBe('1/1 Running 0');
});

test('a pod is ready when its readiness probe passes, and no longer when it fails three times', async () => {
  const plane = await startTestPlane();
  let up = false;
  plane.node.listening = () => up;
  plane.apply(pod('web', { readinessProbe: { httpGet: { path: '/', port: 80 }, periodSeconds: 2 } }));
  await plane.clock.run(2_000);
  const before = shown(plane, 'web');

  up = true;
  await plane.clock.run(1_000);
  const during = shown(plane, 'web');
  up = false;
  await plane.clock.run(8_000);

  expect([before, during, shown(plane, 'web')]).toEqual(['0/1 Running 0', '1/1 Running 0', '0/1 Running 0']);
  expect(plane.events('web')).toContainEqual(
    expect.stringMatching(/^Unhealthy: Readiness probe failed: Get "http:\/\/10\.244\.\d+\.\d+:80\/"/),
  );
});

test('a failing liveness probe restarts the container', async () => {
  const plane = await startTestPlane();
  let up = true;
  plane.node.listening = () => up;
  plane.apply(pod('web', { livenessProbe: { tcpSocket: { port: 80 }, periodSeconds: 1 } }));
  await plane.clock.run(1_000);

  up = false;
  await plane.clock.run(4_000);

  expect(plane.events('web')).toContain('Killing: Container main failed liveness probe, will be restarted');
  expect(
    (plane.get('pods', 'web').status as unknown as Pod['status']).containerStatuses?.[0]?.restartCount,
  ).toBeGreaterThan(0);
});

test('a deleted pod is Terminating until its containers have ended', async () => {
  const plane = await startTestPlane();
  plane.node.stopsOnTerm = false;
  plane.apply(pod('web'));
  await plane.clock.run(100);

  plane.writer.remove(POD, 'default', 'web');
  await plane.clock.run(10);
  const during = shown(plane, 'web');
  plane.node.exit('web', 'main', 137);
  await plane.clock.run(10);

  expect(during).toBe('1/1 Terminating 0');
  expect(plane.names('pods')).toEqual([]);
  expect(plane.events('web')).toContain('Killing: Stopping container main');
});

test('a container whose config map is missing waits for it', async () => {
  const plane = await startTestPlane();
  const env = [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'a' } } }];
  plane.apply(pod('web', { env }));
  await plane.clock.run(100);
  const before = shown(plane, 'web');

  plane.apply({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'settings', namespace: 'default' },
    data: { a: '1' },
  });
  await plane.clock.run(100);

  expect(before).toBe('0/1 CreateContainerConfigError 0');
  expect(shown(plane, 'web')).toBe('1/1 Running 0');
});
