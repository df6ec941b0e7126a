import { expect, test } from 'vitest';
import { serveCluster } from '../serve-cluster.ts';

const POLICIES = '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies';
const policy = (name: string) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name },
  spec: { podSelector: {} },
});
const NOTE = '299 - "NetworkPolicy is stored but not simulated by this cluster: no traffic is blocked by it"';

test('the first object of a kind that nothing acts upon comes with a warning, the second does not', async () => {
  const { request } = await serveCluster();

  const refused = await request('POST', POLICIES, policy('NOT A NAME'));
  const tried = await request('POST', `${POLICIES}?dryRun=All`, policy('one'));
  const first = await request('POST', POLICIES, policy('one'));
  const second = await request('POST', POLICIES, policy('two'));

  expect([refused.status, tried.status, first.status, second.status]).toEqual([422, 201, 201, 201]);
  expect([refused, tried, first, second].map(({ headers }) => headers.get('warning'))).toEqual([
    null,
    null,
    NOTE,
    null,
  ]);
});

test('each cluster tells it anew, also to who applies on the server', async () => {
  await (await serveCluster()).request('POST', POLICIES, policy('one'));
  const { request } = await serveCluster();

  const applied = await request('PATCH', `${POLICIES}/one?fieldManager=test`, policy('one'), {
    'content-type': 'application/apply-patch+yaml',
  });

  expect(applied.status).toBe(201);
  expect(applied.headers.get('warning')).toBe(NOTE);
});

test('kinds that live come without a warning', async () => {
  const { request } = await serveCluster();

  const created = await request('POST', '/apis/apps/v1/namespaces/default/statefulsets', {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db' },
    spec: {
      selector: { matchLabels: { app: 'db' } },
      template: { metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'db', image: 'redis:7' }] } },
    },
  });

  expect(created.status).toBe(201);
  expect(created.headers.get('warning')).toBeNull();
});
