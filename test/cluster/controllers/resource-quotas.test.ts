import { expect, test } from 'vitest';
import { pod, startTestPlane } from '../test-plane.ts';

const quota = (hard: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'small', namespace: 'default' },
  spec: { hard },
});
const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } });
const sized = (name: string, memory: string) => pod(name, { resources: { requests: { memory } } });

test('a quota counts what is there and refuses what would be too much', async () => {
  const plane = await startTestPlane();
  const there = plane.names('configmaps').length;
  plane.apply(quota({ configmaps: String(there + 1), pods: '4' }));
  plane.apply(configMap('one'));
  await plane.clock.run(10);

  expect(plane.get('resourcequotas', 'small').status).toEqual({
    hard: { configmaps: String(there + 1), pods: '4' },
    used: { configmaps: String(there + 1), pods: '0' },
  });
  expect(() => plane.apply(configMap('two'))).toThrow(
    `configmaps "two" is forbidden: exceeded quota: small, requested: configmaps=1, used: configmaps=${there + 1}, limited: configmaps=${there + 1}`,
  );
});

test('memory is summed, and a container must say how much it takes', async () => {
  const plane = await startTestPlane();
  plane.apply(quota({ 'requests.memory': '1Gi' }), sized('one', '512Mi'));
  await plane.clock.run(10);

  expect(plane.get('resourcequotas', 'small').status).toMatchObject({ used: { 'requests.memory': '512Mi' } });
  expect(() => plane.apply(sized('two', '600Mi'))).toThrow(
    'exceeded quota: small, requested: requests.memory=600Mi, used: requests.memory=512Mi, limited: requests.memory=1Gi',
  );
  expect(() => plane.apply(pod('three'))).toThrow('failed quota: small: must specify requests.memory for: main');
});

test('what ends gives its room back', async () => {
  const plane = await startTestPlane();
  plane.apply(quota({ pods: '1' }), pod('one', {}, { restartPolicy: 'Never' }));
  await plane.clock.run(200);
  const during = plane.get('resourcequotas', 'small').status;

  plane.node.exit('one', 'main', 0);
  await plane.clock.run(200);

  expect(during).toMatchObject({ used: { pods: '1' } });
  expect(plane.get('resourcequotas', 'small').status).toMatchObject({ used: { pods: '0' } });
});
