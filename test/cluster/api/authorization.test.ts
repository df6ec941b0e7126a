import { expect, test } from 'vitest';
import { serveCluster } from '../serve-cluster.ts';

const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const PODS = '/api/v1/namespaces/default/pods';
const ANN = { 'impersonate-user': 'ann' };
const rbac = (kind: string, name: string, rest: Record<string, unknown>) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind,
  metadata: { name },
  ...rest,
});
const reader = rbac('Role', 'reader', {
  rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'], resourceNames: [] }],
});
const binding = (roleKind: string, subject: Record<string, unknown>) =>
  rbac('RoleBinding', 'reads', {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: roleKind, name: roleKind === 'Role' ? 'reader' : 'view' },
    subjects: [subject],
  });

test('whom nothing is bound to may discover and nothing else', async () => {
  const { request } = await serveCluster();

  const list = await request('GET', PODS, undefined, ANN);
  const named = await request('DELETE', `${PODS}/a`, undefined, ANN);
  const nodes = await request('GET', '/api/v1/nodes', undefined, ANN);
  const discovery = await request('GET', '/apis', undefined, ANN);

  expect([list, named, nodes].map(({ json }) => json.message)).toEqual([
    'pods is forbidden: User "ann" cannot list resource "pods" in API group "" in the namespace "default"',
    'pods "a" is forbidden: User "ann" cannot delete resource "pods" in API group "" in the namespace "default"',
    'nodes is forbidden: User "ann" cannot list resource "nodes" in API group "" at the cluster scope',
  ]);
  expect(list.status).toBe(403);
  expect(discovery.status).toBe(200);
});

test.each([
  ['a user', 'Role', { kind: 'User', name: 'ann' }, ANN],
  ['a group', 'Role', { kind: 'Group', name: 'team' }, { ...ANN, 'impersonate-group': 'team' }],
  [
    'a service account',
    'Role',
    { kind: 'ServiceAccount', name: 'robot', namespace: 'default' },
    { 'impersonate-user': 'system:serviceaccount:default:robot' },
  ],
  ['a user, to a cluster role', 'ClusterRole', { kind: 'User', name: 'ann' }, ANN],
])('a role that is bound to %s holds in its namespace', async (_who, roleKind, subject, headers) => {
  const { request } = await serveCluster();
  await request('POST', `${RBAC}/namespaces/default/roles`, reader);
  await request('POST', `${RBAC}/namespaces/default/rolebindings`, binding(roleKind, subject));

  const allowed = await request('GET', PODS, undefined, headers);
  const elsewhere = await request('GET', '/api/v1/namespaces/kube-system/pods', undefined, headers);
  const writing = await request('DELETE', PODS, undefined, headers);

  expect([allowed.status, elsewhere.status, writing.status]).toEqual([200, 403, 403]);
});

test('reviews answer for the one who asks', async () => {
  const { request } = await serveCluster();
  const review = (resourceAttributes: Record<string, unknown>) => ({
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes },
  });
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

  const own = await request('POST', path, review({ verb: 'delete', resource: 'pods' }));
  const anns = await request('POST', path, review({ verb: 'delete', resource: 'pods', namespace: 'default' }), ANN);
  const who = await request('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {}, ANN);

  expect([own.json.status, anns.json.status]).toEqual([{ allowed: true }, { allowed: false }]);
  expect(who.json.status).toEqual({ userInfo: { username: 'ann', groups: ['system:authenticated'] } });
});

test('a token is given to a service account that exists, for ten minutes at least', async () => {
  const { request } = await serveCluster();
  await request('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'robot' } });
  const token = (name: string, expirationSeconds: number) =>
    request('POST', `/api/v1/namespaces/default/serviceaccounts/${name}/token`, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds },
    });

  const given = await token('robot', 600);
  const short = await token('robot', 60);
  const nobody = await token('nobody', 600);

  const [, claims = ''] = (given.json.status as { token: string }).token.split('.');
  expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
    sub: 'system:serviceaccount:default:robot',
  });
  expect(short.json.message).toBe(
    'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes',
  );
  expect(nobody.json.message).toBe('serviceaccounts "nobody" not found');
});
