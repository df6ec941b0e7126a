import { expect, test } from 'vitest';
import { serveCluster } from '../serve-cluster.ts';

test('events are the same objects in both groups, under other names', async () => {
  const { request } = await serveCluster();
  await request('POST', '/api/v1/namespaces/default/events', {
    metadata: { name: 'a.1' },
    involvedObject: { kind: 'Pod', name: 'a', namespace: 'default' },
    reason: 'Tested',
    message: 'for a reason',
    type: 'Normal',
    source: { component: 'test' },
  });

  const read = await request('GET', '/apis/events.k8s.io/v1/namespaces/default/events/a.1');
  const shown = await request('GET', '/apis/events.k8s.io/v1/namespaces/default/events', undefined, {
    accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
  });

  expect(read.json).toMatchObject({
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    regarding: { kind: 'Pod', name: 'a' },
    note: 'for a reason',
    reportingController: 'test',
  });
  expect((shown.json.rows as { cells: unknown[] }[])[0]?.cells.slice(1, 4)).toEqual(['Normal', 'Tested', 'pod/a']);
});

test('the percentage of an autoscaling/v1 object is a metric of autoscaling/v2', async () => {
  const { request } = await serveCluster();

  const created = await request('POST', '/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers', {
    apiVersion: 'autoscaling/v1',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      maxReplicas: 3,
      targetCPUUtilizationPercentage: 50,
    },
  });
  const read = await request('GET', '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers/web');

  expect(created.status).toBe(201);
  expect(read.json.spec).toMatchObject({
    minReplicas: 1,
    metrics: [{ resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }],
  });
});

test('without the mesh there is nothing of Istio but its definitions', async () => {
  const { request, cluster } = await serveCluster({ mesh: false });

  const created = await request('POST', '/api/v1/namespaces', {
    metadata: { name: 'shop', labels: { 'istio-injection': 'enabled' } },
  });
  const pod = await request('POST', '/api/v1/namespaces/shop/pods', {
    metadata: { name: 'a' },
    spec: { containers: [{ name: 'a', image: 'nginx' }] },
  });

  expect(created.status).toBe(201);
  expect(cluster.get('namespaces', undefined, 'istio-system')).toBeUndefined();
  expect((pod.json.spec as { containers: { name: string }[] }).containers.map(({ name }) => name)).toEqual(['a']);
  expect((await request('GET', '/apis/networking.istio.io/v1/virtualservices')).status).toBe(200);
});
