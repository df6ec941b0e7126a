import { afterEach, expect, test } from 'vitest';
import { TestCluster } from '../containers/test-cluster.ts';

let cluster: TestCluster;
afterEach(() => cluster.dispose());

test('what an AUDIT policy matches is kept, whether it is allowed or not', async () => {
  cluster = new TestCluster();
  const curl = { image: 'curlimages/curl', command: ['/bin/sleep', 'infinity'] };
  const client = cluster.pod({ namespace: 'foo', name: 'sleep', ...curl, sidecar: true, serviceAccount: 'sleep' });
  const server = cluster.pod({
    namespace: 'foo',
    name: 'web',
    image: 'kennethreitz/httpbin',
    labels: { app: 'web' },
    sidecar: true,
  });
  cluster.service('web', { namespace: 'foo', ports: [{ name: 'http', port: 8000, targetPort: 80 }], pods: [server] });
  const policy = (name: string, action: string, rules: unknown[]): void =>
    cluster.objects.put('authorizationpolicies.security.istio.io', {
      apiVersion: 'security.istio.io/v1',
      kind: 'AuthorizationPolicy',
      metadata: { name, namespace: 'foo' },
      spec: { action, rules },
    });
  policy('look', 'AUDIT', [
    { to: [{ operation: { methods: ['POST'] } }] },
    { to: [{ operation: { paths: ['/get'] } }] },
  ]);
  policy('close', 'DENY', [{ to: [{ operation: { paths: ['/post'] } }] }]);
  const call = async (...args: string[]): Promise<string> =>
    (await client.exec(['curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', ...args])).stdout;

  expect(await call('http://web:8000/get')).toBe('200');
  expect(await call('http://web:8000/headers')).toBe('200');
  expect(await call('-d', 'x', 'http://web:8000/post')).toBe('403');

  const { audits } = cluster.runtime.mesh;
  expect(audits.entries().map(({ rule, request, client: from }) => [rule, request?.path, from?.pod])).toEqual([
    [1, '/get', 'sleep'],
    [0, '/post', 'sleep'],
  ]);
  expect(audits.entries()[0]).toMatchObject({ policy: 'foo/look', port: 80, server: { pod: 'web', namespace: 'foo' } });
});
