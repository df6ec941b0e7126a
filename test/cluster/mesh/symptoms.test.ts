import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestCluster, type TestPod } from '../containers/test-cluster.ts';

/** What curl shows of a request, in every combination of client and server mode (Istio 1.27). */

let cluster: TestCluster;
let outside: TestPod;
let inside: TestPod;
const CODE = ['-s', '-o', '/dev/null', '-w', '%{http_code}'];

function policy(name: string, namespace: string, mode: string, selector?: Record<string, string>, age = 0): void {
  cluster.objects.put('peerauthentications.security.istio.io', {
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: { name, namespace, creationTimestamp: new Date(1_700_000_000_000 + age).toISOString() },
    spec: { ...(selector === undefined ? {} : { selector: { matchLabels: selector } }), mtls: { mode } },
  });
}

beforeAll(() => {
  cluster = new TestCluster();
  outside = cluster.pod({
    namespace: 'legacy',
    name: 'sleep',
    image: 'curlimages/curl',
    command: ['/bin/sleep', 'infinity'],
  });
  inside = cluster.pod({
    namespace: 'foo',
    name: 'sleep',
    image: 'curlimages/curl',
    command: ['/bin/sleep', 'infinity'],
    sidecar: true,
    serviceAccount: 'sleep',
  });
  const server = (namespace: string, name: string, sidecar: boolean): void => {
    const pod = cluster.pod({
      namespace,
      name: `${name}-1`,
      image: 'docker.io/kennethreitz/httpbin:latest',
      labels: { app: name },
      sidecar,
      serviceAccount: name,
    });
    cluster.service(name, { namespace, ports: [{ name: 'http', port: 8000, targetPort: 80 }], pods: [pod] });
  };
  server('legacy', 'plain', false);
  for (const mode of ['permissive', 'strict', 'disable']) server('foo', mode, true);
  policy('strict', 'foo', 'STRICT', { app: 'strict' });
  policy('disable', 'foo', 'DISABLE', { app: 'disable' });
});
afterAll(() => cluster.dispose());

describe('http', () => {
  test.each([
    ['outside', 'plain.legacy', '200', 0],
    ['outside', 'permissive.foo', '200', 0],
    ['outside', 'strict.foo', '000', 56],
    ['outside', 'disable.foo', '200', 0],
    ['inside', 'plain.legacy', '200', 0],
    ['inside', 'permissive', '200', 0],
    ['inside', 'strict', '200', 0],
    ['inside', 'disable', '200', 0],
    ['istio-proxy', 'plain.legacy', '200', 0],
    ['istio-proxy', 'permissive', '200', 0],
    ['istio-proxy', 'strict', '000', 56],
    ['istio-proxy', 'disable', '200', 0],
  ])('from %s to %s gives %s and exit status %i', async (client, host, code, status) => {
    const pod = client === 'outside' ? outside : inside;
    const container = client === 'istio-proxy' ? 'istio-proxy' : 'app';

    const result = await pod.exec(['curl', ...CODE, `http://${host}:8000/get`], { container });

    expect(result).toEqual({ stdout: code, stderr: '', status });
  });

  test('says why it was refused', async () => {
    await outside.exec(['curl', ...CODE, 'http://strict.foo:8000/']);

    const verdict = cluster.runtime.mesh.verdicts.entries().at(-1);

    expect(verdict).toMatchObject({
      code: 'plaintext-refused',
      client: { namespace: 'legacy', pod: 'sleep', sidecar: false },
      server: { namespace: 'foo', pod: 'strict-1', serviceAccount: 'strict', sidecar: true },
      port: 80,
      mode: 'STRICT',
      policy: 'foo/strict',
    });
  });
});

describe('https', () => {
  test.each([
    ['outside', 'plain.legacy', 35],
    ['outside', 'permissive.foo', 35],
    ['outside', 'disable.foo', 35],
  ])('from %s to %s ends with exit status %i', async (_client, host, status) => {
    const result = await outside.exec(['curl', '-sk', `https://${host}:8000/`]);

    expect(result).toEqual({ stdout: '', stderr: '', status });
  });

  test('a client without a certificate is told so by a STRICT server', async () => {
    const result = await outside.exec(['curl', '-sSk', 'https://strict.foo:8000/']);

    expect(result.status).toBe(56);
    expect(result.stderr).toMatch(/^curl: \(56\) OpenSSL SSL_read: .*alert certificate required, errno 0\n$/);
  });
});

describe('headers', () => {
  test('a plain client of a meshed server sees the server sidecar', async () => {
    const { stdout } = await outside.exec(['curl', '-si', 'http://permissive.foo:8000/headers']);

    expect(stdout).toContain('\r\nserver: istio-envoy\r\n');
    expect(stdout).toMatch(/\r\nx-envoy-upstream-service-time: \d+\r\n/);
    expect(stdout).toContain('\r\nx-envoy-decorator-operation: permissive.foo.svc.cluster.local:8000/*\r\n');
    expect(stdout).not.toContain('X-Forwarded-Client-Cert');
  });

  test('a client with a sidecar sees its own sidecar, and the server who it is', async () => {
    const { stdout } = await inside.exec(['curl', '-si', 'http://strict:8000/headers']);

    expect(stdout).toContain('\r\nserver: envoy\r\n');
    expect(stdout).not.toContain('x-envoy-decorator-operation');
    const body = JSON.parse(stdout.slice(stdout.indexOf('\r\n\r\n'))) as { headers: Record<string, string> };
    expect(body.headers['X-Forwarded-Client-Cert']).toMatch(
      /^By=spiffe:\/\/cluster\.local\/ns\/foo\/sa\/strict;Hash=[0-9a-f]{64};Subject="";URI=spiffe:\/\/cluster\.local\/ns\/foo\/sa\/sleep$/,
    );
  });

  test('without sidecars the application answers by itself', async () => {
    const { stdout } = await outside.exec(['curl', '-si', 'http://plain:8000/headers']);

    expect(stdout).toContain('\r\nServer: gunicorn/19.9.0\r\n');
    expect(stdout).not.toContain('envoy');
  });
});

describe('a policy for the whole mesh', () => {
  test('counts from the next connection on, and so does its end', async () => {
    const call = async (): Promise<number> =>
      (await outside.exec(['curl', ...CODE, 'http://permissive.foo:8000/'])).status;

    policy('default', 'istio-system', 'STRICT');
    expect(await call()).toBe(56);
    policy('permissive', 'foo', 'PERMISSIVE', { app: 'permissive' });
    expect(await call()).toBe(0);
    cluster.objects.remove('peerauthentications.security.istio.io', 'istio-system', 'default');
    cluster.objects.remove('peerauthentications.security.istio.io', 'foo', 'permissive');
    expect(await call()).toBe(0);
  });
});
