import { createPublicKey, verify } from 'node:crypto';
import { request as send } from 'node:http';
import { connect } from 'node:tls';
import { expect, test } from 'vitest';
import type { Cluster } from '../../../cluster/index.ts';
import { createKubectl, hasKubectl, serveCluster } from '../serve-cluster.ts';

const FILES = '/var/run/secrets/kubernetes.io/serviceaccount';
const RBAC = '/apis/rbac.authorization.k8s.io/v1/namespaces/default';
const PODS = '/api/v1/namespaces/default/pods';

/** What the API's port within the cluster answers. */
async function ask(cluster: Cluster, path: string, headers: Record<string, string> = {}) {
  const { data } = cluster.get('configmaps', 'default', 'kube-root-ca.crt') as unknown as {
    data: Record<string, string>;
  };
  const stream = await cluster.dial('10.96.0.1', 443);
  if (stream === null) throw new Error('nobody at 10.96.0.1');
  const socket = connect({ socket: stream, ca: data['ca.crt'], servername: 'kubernetes.default.svc' });
  return new Promise<{ status: number; message: unknown }>((resolve, reject) => {
    const sent = send({ path, headers, createConnection: () => socket }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, message: (JSON.parse(text) as { message?: unknown }).message });
      });
    });
    sent.on('error', reject).end();
  });
}

test('the port for pods knows clients by their tokens, and lets them do what is bound to them', async () => {
  const { cluster, request } = await serveCluster({ mesh: false });
  await expect.poll(() => cluster.get('configmaps', 'default', 'kube-root-ca.crt')).toBeDefined();
  await request('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'robot' } });
  const issued = await request('POST', '/api/v1/namespaces/default/serviceaccounts/robot/token', { spec: {} });
  const { token } = issued.json.status as { token: string };
  const robot = { authorization: `Bearer ${token}` };

  const anonymous = await ask(cluster, PODS);
  const before = await ask(cluster, PODS, robot);
  await request('POST', `${RBAC}/roles`, {
    metadata: { name: 'reader' },
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }],
  });
  await request('POST', `${RBAC}/rolebindings`, {
    metadata: { name: 'reads' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
    subjects: [{ kind: 'ServiceAccount', name: 'robot', namespace: 'default' }],
  });
  const after = await ask(cluster, PODS, robot);
  const disguised = await ask(cluster, PODS, { ...robot, 'impersonate-user': 'ann' });
  const forged = await ask(cluster, PODS, { authorization: `Bearer ${token.slice(0, -4)}AAAA` });
  await request('DELETE', '/api/v1/namespaces/default/serviceaccounts/robot');
  const gone = await ask(cluster, PODS, robot);

  const cannot = (user: string): string =>
    `pods is forbidden: User "${user}" cannot list resource "pods" in API group "" in the namespace "default"`;
  expect(anonymous).toEqual({ status: 403, message: cannot('system:anonymous') });
  expect(before).toEqual({ status: 403, message: cannot('system:serviceaccount:default:robot') });
  expect(after.status).toBe(200);
  expect(disguised).toEqual({
    status: 403,
    message:
      'users "ann" is forbidden: User "system:serviceaccount:default:robot" cannot impersonate resource "users" in API group "" at the cluster scope',
  });
  expect([forged, gone]).toEqual([
    { status: 401, message: 'Unauthorized' },
    { status: 401, message: 'Unauthorized' },
  ]);
});

test('a review of a token tells whose it is', async () => {
  const { request } = await serveCluster({ mesh: false });
  await request('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'robot' } });
  const issued = await request('POST', '/api/v1/namespaces/default/serviceaccounts/robot/token', {
    spec: { audiences: ['vault'] },
  });
  const { token } = issued.json.status as { token: string };
  const review = async (spec: object) => {
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec };
    return (await request('POST', '/apis/authentication.k8s.io/v1/tokenreviews', body)).json.status;
  };

  expect(await review({ token, audiences: ['vault', 'other'] })).toMatchObject({
    authenticated: true,
    user: {
      username: 'system:serviceaccount:default:robot',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
    },
    audiences: ['vault'],
  });
  expect(await review({ token })).toEqual({ user: {}, error: 'invalid bearer token' });
});

test('tokens are verified with the keys that the API publishes', async () => {
  const { request } = await serveCluster({ mesh: false });
  await request('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'robot' } });
  const issued = await request('POST', '/api/v1/namespaces/default/serviceaccounts/robot/token', { spec: {} });
  const [header = '', payload = '', signature = ''] = (issued.json.status as { token: string }).token.split('.');

  const { json } = await request('GET', '/.well-known/openid-configuration');
  const { keys } = JSON.parse((await request('GET', '/openid/v1/jwks')).text) as {
    keys: { kid: string; [field: string]: unknown }[];
  };

  const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
  const key = keys.find(({ kid }) => kid === decode(header)['kid']);
  const verifier = { key: createPublicKey({ key: key ?? {}, format: 'jwk' }), dsaEncoding: 'ieee-p1363' } as const;
  expect(verify('sha256', Buffer.from(`${header}.${payload}`), verifier, Buffer.from(signature, 'base64url'))).toBe(
    true,
  );
  expect(decode(payload)['iss']).toBe(json['issuer']);
});

/** A pod asks with what is mounted into it. */
const CURL = `curl -s --cacert ${FILES}/ca.crt -H "Authorization: Bearer $(cat ${FILES}/token)" -o /dev/null -w '%{http_code}' https://$1/api`;
const MESH_POD = `
apiVersion: v1
kind: Namespace
metadata: { name: foo, labels: { istio-injection: enabled } }
---
apiVersion: v1
kind: Pod
metadata: { name: curl, namespace: foo }
spec: { containers: [{ name: curl, image: curlimages/curl, command: [sleep, infinity] }] }
`;
const RULE = `
apiVersion: networking.istio.io/v1alpha3
kind: DestinationRule
metadata: { name: default, namespace: istio-system }
spec: { host: '*.local', trafficPolicy: { tls: { mode: ISTIO_MUTUAL } } }
`;
const API_RULE = RULE.replace('name: default', 'name: api-server')
  .replace('*.local', 'kubernetes.default.svc.cluster.local')
  .replace('ISTIO_MUTUAL', 'DISABLE');

test.skipIf(!hasKubectl())(
  'a pod with a sidecar reaches the API, until a rule for *.local wants mutual TLS of it',
  { timeout: 60_000 },
  async () => {
    const { url } = await serveCluster({ istio: '1.4' });
    const kubectl = createKubectl(url);
    await kubectl(['apply', '-f', '-'], MESH_POD);
    await kubectl(['wait', '-n', 'foo', '--for=condition=Ready', 'pod/curl', '--timeout=60s']);
    const asked = (host = 'kubernetes.default.svc') =>
      kubectl(['exec', '-n', 'foo', 'curl', '-c', 'curl', '--', 'sh', '-c', CURL, 'sh', host]);

    const byAddress = await asked('10.96.0.1');
    const before = await asked();
    await kubectl(['apply', '-f', '-'], RULE);
    const trapped = await asked();
    await kubectl(['apply', '-f', '-'], API_RULE);
    const freed = await asked();

    expect([byAddress, before, trapped, freed].map(({ stdout, exit }) => `${stdout} ${exit}`)).toEqual([
      '200 0',
      '200 0',
      '000 35',
      '200 0',
    ]);
  },
);
