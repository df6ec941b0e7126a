import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { issueCertificate } from '../../../cluster/mesh/certificate.ts';
import { hasOpenssl, serverCertificate } from './server-certificate.ts';
import { TestCluster, type TestPod } from '../containers/test-cluster.ts';

/** What curl shows where rules route, fail and refuse requests, over real connections (Istio 1.27). */

let cluster: TestCluster;
let outside: TestPod;
let inside: TestPod;
let other: TestPod;
const servers: Record<string, TestPod> = {};
const stored: [string, string, string][] = [];

function put(kind: string, path: string, spec: Record<string, unknown>, annotations?: Record<string, string>): void {
  const [namespace = '', name = ''] = path.split('/');
  const group = /Authentication|Authorization/.test(kind) ? 'security.istio.io' : 'networking.istio.io';
  const resource = `${kind.toLowerCase().replace(/cy$/, 'cie')}s.${group}`;
  const metadata = { name, namespace, ...(annotations === undefined ? {} : { annotations }) };
  cluster.objects.put(resource, { apiVersion: `${group}/v1`, kind, metadata, spec });
  stored.push([resource, namespace, name]);
}

/** Code and exit status, as `200 0`. */
async function code(url: string, pod: TestPod = inside, ...options: string[]): Promise<string> {
  const { stdout, status } = await pod.exec(['curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', ...options, url]);
  return `${stdout} ${status}`;
}

async function body(url: string, pod: TestPod = inside, ...options: string[]): Promise<string> {
  return (await pod.exec(['curl', '-s', ...options, url])).stdout;
}

function logs(pod: TestPod): string[] {
  return (
    pod.containers
      .get('istio-proxy')
      ?.log.lines()
      .map(({ text }) => text) ?? []
  );
}

function lastVerdict() {
  return cluster.runtime.mesh.verdicts.entries().at(-1);
}

beforeAll(() => {
  cluster = new TestCluster();
  const client = { image: 'curlimages/curl', command: ['/bin/sleep', 'infinity'] };
  outside = cluster.pod({ namespace: 'legacy', name: 'sleep', ...client });
  inside = cluster.pod({
    namespace: 'foo',
    name: 'sleep',
    ...client,
    sidecar: true,
    serviceAccount: 'sleep',
    labels: { app: 'sleep' },
  });
  other = cluster.pod({ namespace: 'bar', name: 'other', ...client, sidecar: true, serviceAccount: 'other' });
  const server = (namespace: string, app: string, version: string, sidecar: boolean): TestPod =>
    (servers[`${app}-${version}`] = cluster.pod({
      namespace,
      name: `${app}-${version}`,
      image: 'kennethreitz/httpbin',
      labels: { app, version },
      sidecar,
      serviceAccount: app,
    }));
  const ports = [{ name: 'http', port: 8000, targetPort: 80 }];
  for (const mode of ['permissive', 'strict', 'disable']) {
    cluster.service(mode, { namespace: 'foo', ports, pods: [server('foo', mode, 'v1', true)] });
  }
  cluster.service('plain', { namespace: 'legacy', ports, pods: [server('legacy', 'plain', 'v1', false)] });
  cluster.service('httpbin', {
    namespace: 'foo',
    ports,
    pods: [server('foo', 'httpbin', 'v1', true), server('foo', 'httpbin', 'v2', true)],
  });
  const redis = cluster.pod({ namespace: 'foo', image: 'redis', labels: { app: 'redis' }, sidecar: true });
  cluster.service('redis', {
    namespace: 'foo',
    ports: [{ name: 'tcp-redis', port: 6379, targetPort: 6379 }],
    pods: [redis],
  });
  servers['redis'] = redis;
  cluster.service('secure', {
    namespace: 'legacy',
    ports: [{ name: 'https', port: 443, targetPort: 80 }],
    pods: [servers['plain-v1'] as TestPod],
  });
  for (const mode of ['STRICT', 'DISABLE', 'PERMISSIVE']) {
    cluster.objects.put('peerauthentications.security.istio.io', {
      apiVersion: 'security.istio.io/v1',
      kind: 'PeerAuthentication',
      metadata: { name: mode.toLowerCase(), namespace: 'foo' },
      spec: { selector: { matchLabels: { app: mode.toLowerCase() } }, mtls: { mode } },
    });
  }
});
afterAll(() => cluster.dispose());
afterEach(() => {
  for (const [resource, namespace, name] of stored.splice(0)) cluster.objects.remove(resource, namespace, name);
});

const FAILED = 'upstream connect error or disconnect/reset before headers. ';
const TLS = `${FAILED}retried and the latest reset reason: remote connection failure, transport failure reason: TLS_error:|`;
const WRONG_VERSION = `${TLS}268435703:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER:TLS_error_end`;
const RESET = `${TLS}33554536:system library:OPENSSL_internal:Connection reset by peer:TLS_error_end`;
const NO_CERTIFICATE = `${TLS}268436496:SSL routines:OPENSSL_internal:SSLV3_ALERT_HANDSHAKE_FAILURE:TLS_error_end`;
const TERMINATED = `${FAILED}reset reason: connection termination`;

// The server closes after QUIT, so nobody has to wait for nc.
const PING_REDIS = "printf 'PING\\r\\nQUIT\\r\\n' | nc redis 6379";

describe('the mode of a DestinationRule', () => {
  test.each<[string, string, string, string, string | null]>([
    ['DISABLE', 'plain.legacy', '200 0', '-', null],
    ['DISABLE', 'permissive.foo', '200 0', '-', null],
    ['DISABLE', 'strict.foo', '503 0', 'UC', TERMINATED],
    ['DISABLE', 'disable.foo', '200 0', '-', null],
    ['ISTIO_MUTUAL', 'plain.legacy', '503 0', 'URX,UF', WRONG_VERSION],
    ['ISTIO_MUTUAL', 'permissive.foo', '200 0', '-', null],
    ['ISTIO_MUTUAL', 'strict.foo', '200 0', '-', null],
    ['ISTIO_MUTUAL', 'disable.foo', '503 0', 'URX,UF', RESET],
    ['SIMPLE', 'plain.legacy', '503 0', 'URX,UF', WRONG_VERSION],
    ['SIMPLE', 'permissive.foo', '503 0', 'URX,UF', RESET],
    ['SIMPLE', 'strict.foo', '503 0', 'URX,UF', NO_CERTIFICATE],
    ['SIMPLE', 'disable.foo', '503 0', 'URX,UF', RESET],
  ])('%s to %s gives %s', async (mode, host, expected, flags, text) => {
    put('DestinationRule', 'foo/rule', { host: `${host}.svc.cluster.local`, trafficPolicy: { tls: { mode } } });

    expect(await code(`http://${host}:8000/get`)).toBe(expected);
    await expect.poll(() => logs(inside).at(-1)?.split(' ')[5]).toBe(flags);
    if (text === null) return;
    expect(await body(`http://${host}:8000/get`)).toBe(text);
    expect(lastVerdict()).toMatchObject({
      code: 'upstream-failed',
      kind: 'DestinationRule',
      policy: 'foo/rule',
      detail: flags.replace('URX,', ''),
      client: { pod: 'sleep', sidecar: true },
      request: { method: 'GET', path: '/get' },
    });
  });

  test('MUTUAL fails while nobody supplies its certificate', async () => {
    put('DestinationRule', 'foo/rule', {
      host: 'strict',
      trafficPolicy: { tls: { mode: 'MUTUAL', clientCertificate: '/c' } },
    });

    expect(await body('http://strict:8000/')).toBe(
      `${FAILED}retried and the latest reset reason: remote connection failure, transport failure reason: TLS error: Secret is not supplied by SDS`,
    );
  });

  test('for *.local breaks what has no sidecar, unless the service has a rule of its own', async () => {
    put('DestinationRule', 'istio-system/default', {
      host: '*.local',
      trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' } },
    });
    expect(await code('http://plain.legacy:8000/')).toBe('503 0');
    expect(await code('http://strict:8000/')).toBe('200 0');

    put('DestinationRule', 'legacy/plain', { host: 'plain', subsets: [{ name: 'v1' }] });
    expect(await code('http://plain.legacy:8000/')).toBe('200 0');
  });

  test('of a port counts there alone', async () => {
    const portLevelSettings = [{ port: { number: 8000 }, tls: { mode: 'DISABLE' } }];
    put('DestinationRule', 'foo/rule', {
      host: 'strict',
      trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' }, portLevelSettings },
    });

    expect(await code('http://strict:8000/')).toBe('503 0');
  });

  test('does not touch clients that cannot see the rule', async () => {
    put('DestinationRule', 'bar/rule', {
      host: 'strict.foo.svc.cluster.local',
      trafficPolicy: { tls: { mode: 'DISABLE' } },
    });

    expect(await code('http://strict.foo:8000/', inside)).toBe('200 0');
    expect(await code('http://strict.foo:8000/', other)).toBe('503 0');
  });

  test('holds for bytes: a plaintext client of a STRICT TCP port is reset', async () => {
    put('PeerAuthentication', 'foo/default', { mtls: { mode: 'STRICT' } });
    expect((await inside.sh(PING_REDIS)).stdout).toBe('+PONG\r\n+OK\r\n');

    put('DestinationRule', 'foo/rule', { host: 'redis', trafficPolicy: { tls: { mode: 'DISABLE' } } });
    expect((await inside.sh(PING_REDIS)).stdout).toBe('');
  });

  test('is not asked by a namespace that switched mutual TLS off, though a workload wants it', async () => {
    put('PeerAuthentication', 'foo/default', { mtls: { mode: 'DISABLE' } });

    expect(await code('http://strict:8000/')).toBe('503 0');
  });
});

describe('an AuthorizationPolicy', () => {
  test('that matches nothing answers 403, in plaintext and from the mesh', async () => {
    put('AuthorizationPolicy', 'foo/nothing', {});

    expect(await body('http://permissive.foo:8000/', outside, '-i')).toMatch(
      /^HTTP\/1\.1 403 Forbidden\r\ncontent-length: 19\r\ncontent-type: text\/plain\r\ndate: [^\r]+\r\nserver: istio-envoy\r\n\r\nRBAC: access denied$/,
    );
    expect(await body('http://strict:8000/', inside, '-i')).toMatch(/\r\nserver: envoy\r\n[^]*RBAC: access denied$/);
    expect(lastVerdict()).toMatchObject({
      code: 'authorization-not-allowed',
      kind: 'AuthorizationPolicy',
      policy: 'foo/nothing',
      client: { pod: 'sleep' },
      server: { pod: 'strict-v1' },
    });
    await expect
      .poll(() => logs(servers['strict-v1'] as TestPod).at(-1))
      .toMatch(/"GET \/ HTTP\/1\.1" 403 - rbac_access_denied_matched_policy\[none\] - "-" 0 19 .* inbound\|80\|\| /);
  });

  test('knows clients by their certificates', async () => {
    const principals = ['cluster.local/ns/foo/sa/sleep'];
    put('AuthorizationPolicy', 'foo/sleep', { rules: [{ from: [{ source: { principals } }] }] });

    expect(await code('http://permissive.foo:8000/', inside)).toBe('200 0');
    expect(await code('http://permissive.foo:8000/', other)).toBe('403 0');
    expect(await code('http://permissive.foo:8000/', outside)).toBe('403 0');
  });

  test('denies by method and path, and says which rule', async () => {
    const rules = [{ to: [{ operation: { methods: ['POST'] } }] }, { to: [{ operation: { paths: ['/headers'] } }] }];
    put('AuthorizationPolicy', 'foo/deny', { action: 'DENY', rules });

    expect(await code('http://httpbin:8000/get')).toBe('200 0');
    expect(await code('http://httpbin:8000/post', inside, '-d', 'x')).toBe('403 0');
    expect(await code('http://httpbin:8000/headers?a=b')).toBe('403 0');
    expect(lastVerdict()).toMatchObject({ code: 'authorization-denied', policy: 'foo/deny', detail: 'rule[1]' });
  });

  test('of the root namespace counts everywhere, and a dry run nowhere', async () => {
    put('AuthorizationPolicy', 'istio-system/all', { action: 'DENY', rules: [{}] }, { 'istio.io/dry-run': 'true' });
    expect(await code('http://httpbin:8000/')).toBe('200 0');

    put('AuthorizationPolicy', 'istio-system/all', { action: 'DENY', rules: [{}] });
    expect(await code('http://httpbin:8000/')).toBe('403 0');
    expect(await code('http://plain.legacy:8000/')).toBe('200 0');
  });

  test('with a method denies all of a TCP port', async () => {
    const ask = async (): Promise<string> => (await inside.sh(PING_REDIS)).stdout;
    expect(await ask()).toBe('+PONG\r\n+OK\r\n');

    const rules = [{ to: [{ operation: { methods: ['GET'], ports: ['6379'] } }] }];
    put('AuthorizationPolicy', 'foo/deny', { action: 'DENY', rules });

    expect(await ask()).toBe('');
    expect(lastVerdict()).toMatchObject({
      code: 'authorization-denied',
      policy: 'foo/deny',
      port: 6379,
      request: null,
    });
    expect(logs(servers['redis'] as TestPod)).toContainEqual(
      expect.stringMatching(
        /"- - -" 0 - - rbac_access_denied_matched_policy\[ns\[foo\]-policy\[deny\]-rule\[0\]\] "-" 0 0 0 - .* inbound\|6379\|\| /,
      ),
    );
  });

  test('of action CUSTOM is passed over, and the proxy says so', async () => {
    put('AuthorizationPolicy', 'foo/custom', { action: 'CUSTOM', provider: { name: 'x' }, rules: [{}] });

    expect(await code('http://permissive:8000/')).toBe('200 0');
    expect(logs(servers['permissive-v1'] as TestPod)).toContain(
      'warning: AuthorizationPolicy foo/custom is passed over: the action CUSTOM is not simulated',
    );
  });
});

describe('a RequestAuthentication', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwks = JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k' }] });
  const token = (claims: Record<string, unknown>): string => {
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${encode({ alg: 'RS256', kid: 'k' })}.${encode({ iss: 'me', sub: 'you', ...claims })}`;
    return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
  };
  const bearer = (text: string): string[] => ['-H', `Authorization: Bearer ${text}`];

  test('refuses a bad token and lets none pass', async () => {
    put('RequestAuthentication', 'foo/jwt', { jwtRules: [{ issuer: 'me', jwks }] });

    expect(await code('http://httpbin:8000/headers')).toBe('200 0');
    expect(await code('http://httpbin:8000/headers', inside, ...bearer(token({})))).toBe('200 0');
    expect(await body('http://httpbin.foo:8000/headers', inside, '-i', ...bearer('bad'))).toMatch(
      /^HTTP\/1\.1 401 Unauthorized\r\ncontent-length: 79\r\n[^]*www-authenticate: Bearer realm="http:\/\/httpbin\.foo:8000\/headers", error="invalid_token"\r\n[^]*\r\n\r\nJwt is not in the form of Header\.Payload\.Signature with two dots and 3 sections$/,
    );
    expect(await body('http://httpbin:8000/', inside, ...bearer(token({ exp: 1 })))).toBe('Jwt is expired');
    expect(lastVerdict()).toMatchObject({ code: 'token-rejected', policy: 'foo/jwt', detail: 'Jwt is expired' });
  });

  test('takes the token off and hands its payload on', async () => {
    put('RequestAuthentication', 'foo/jwt', { jwtRules: [{ issuer: 'me', jwks, outputPayloadToHeader: 'x-payload' }] });

    const { headers } = JSON.parse(await body('http://httpbin:8000/headers', inside, ...bearer(token({})))) as {
      headers: Record<string, string>;
    };

    expect(headers['Authorization']).toBeUndefined();
    expect(JSON.parse(Buffer.from(headers['X-Payload'] ?? '', 'base64url').toString())).toEqual({
      iss: 'me',
      sub: 'you',
    });
  });

  test('with a policy that requires a principal turns a missing token into 403', async () => {
    put('RequestAuthentication', 'foo/jwt', { jwtRules: [{ issuer: 'me', jwks }] });
    put('AuthorizationPolicy', 'foo/require', {
      rules: [
        {
          from: [{ source: { requestPrincipals: ['me/you'] } }],
          when: [{ key: 'request.auth.claims[groups]', values: ['a'] }],
        },
      ],
    });

    expect(await code('http://httpbin:8000/')).toBe('403 0');
    expect(await code('http://httpbin:8000/', inside, ...bearer(token({})))).toBe('403 0');
    expect(await code('http://httpbin:8000/', inside, ...bearer(token({ groups: ['a', 'b'] })))).toBe('200 0');
  });

  test('fetches its keys from a service of the cluster, and refuses what they do not sign', async () => {
    let asked = 0;
    const keyServer = createServer((_request, response) => {
      asked += 1;
      response.end(jwks);
    });
    const { ip } = servers['plain-v1'] as TestPod;
    cluster.runtime.network.at(ip)?.listen(8080, (connection) => keyServer.emit('connection', connection));
    cluster.service('keys', {
      namespace: 'legacy',
      ports: [{ port: 80, targetPort: 8080 }],
      pods: [servers['plain-v1'] as TestPod],
    });
    const jwksUri = 'http://keys.legacy.svc.cluster.local/keys';
    put('RequestAuthentication', 'foo/jwt', {
      jwtRules: [
        { issuer: 'me', jwksUri },
        { issuer: 'far', jwksUri: 'https://example.com/keys' },
      ],
    });

    expect(await body('http://httpbin:8000/', inside, ...bearer(token({ iss: 'far' })))).toBe(
      "Jwks doesn't have key to match kid or alg from Jwt",
    );
    expect(await code('http://httpbin:8000/', inside, ...bearer(token({})))).toBe('200 0');
    expect(await code('http://httpbin:8000/', inside, ...bearer(token({ sub: 'x' })))).toBe('200 0');
    expect(asked).toBe(1);
  });

  test('does not ask for keys again with each request when it got none', async () => {
    let asked = 0;
    const { ip } = servers['plain-v1'] as TestPod;
    cluster.runtime.network.at(ip)?.listen(8081, (connection) => {
      asked += 1;
      connection.resetAndDestroy();
    });
    cluster.service('broken', {
      namespace: 'legacy',
      ports: [{ port: 80, targetPort: 8081 }],
      pods: [servers['plain-v1'] as TestPod],
    });
    put('RequestAuthentication', 'foo/jwt', {
      jwtRules: [{ issuer: 'me', jwksUri: 'http://broken.legacy.svc.cluster.local/' }],
    });

    const answers = await Promise.all(
      Array.from({ length: 5 }, () => body('http://httpbin:8000/', inside, ...bearer(token({})))),
    );

    expect(new Set(answers)).toEqual(new Set(["Jwks doesn't have key to match kid or alg from Jwt"]));
    expect(asked).toBe(1);
  });

  test.skipIf(!hasOpenssl)('fetches its keys over https from a server that it is told to trust', async () => {
    const { certificatePem, keyPem } = serverCertificate('secure-keys.legacy.svc.cluster.local');
    const keyServer = createSecureServer({ key: keyPem, cert: certificatePem }, (_request, response) => {
      response.end(jwks);
    });
    const { ip } = servers['plain-v1'] as TestPod;
    cluster.runtime.network.at(ip)?.listen(8443, (connection) => keyServer.emit('connection', connection));
    cluster.service('secure-keys', {
      namespace: 'legacy',
      ports: [{ name: 'https', port: 443, targetPort: 8443 }],
      pods: [servers['plain-v1'] as TestPod],
    });
    const jwtRules = (path: string): Record<string, unknown> => ({
      jwtRules: [{ issuer: 'me', jwksUri: `https://secure-keys.legacy.svc.cluster.local${path}` }],
    });
    put('RequestAuthentication', 'foo/jwt', jwtRules('/1'));
    expect(await code('http://httpbin:8000/', inside, ...bearer(token({})))).toBe('401 0');

    cluster.objects.put('configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'pilot-jwks-extra-cacerts', namespace: 'istio-system' },
      data: { 'extra.pem': certificatePem },
    });
    put('RequestAuthentication', 'foo/jwt', jwtRules('/2'));
    expect(await code('http://httpbin:8000/', inside, ...bearer(token({})))).toBe('200 0');
  });
});

describe('a VirtualService', () => {
  const to = (subset?: string, host = 'httpbin') => [
    { destination: { host, ...(subset === undefined ? {} : { subset }) } },
  ];
  const subsets = [
    { name: 'v1', labels: { version: 'v1' } },
    { name: 'v2', labels: { version: 'v2' } },
    { name: 'v3', labels: { version: 'v3' } },
  ];
  const route = (...http: object[]): void => put('VirtualService', 'foo/httpbin', { hosts: ['httpbin'], http });
  const requestsAt = (pod: string, path: string): number =>
    logs(servers[pod] as TestPod).filter((line) => line.includes(`"GET ${path} `)).length;

  test('sends by header to subsets', async () => {
    const PATH = '/anything';
    put('DestinationRule', 'foo/httpbin', { host: 'httpbin', subsets });
    route({ match: [{ headers: { 'end-user': { exact: 'jason' } } }], route: to('v2') }, { route: to('v1') });
    const [one, two] = [requestsAt('httpbin-v1', PATH), requestsAt('httpbin-v2', PATH)];

    for (let index = 0; index < 4; index += 1) expect(await code('http://httpbin:8000/anything')).toBe('200 0');
    await expect.poll(() => requestsAt('httpbin-v1', PATH)).toBe(one + 4);
    expect(await code('http://httpbin:8000/anything', inside, '-H', 'end-user: jason')).toBe('200 0');
    await expect.poll(() => requestsAt('httpbin-v2', PATH)).toBe(two + 1);
    expect(logs(inside).at(-1)).toContain(' outbound|8000|v2|httpbin.foo.svc.cluster.local ');
    expect(logs(servers['httpbin-v2'] as TestPod).at(-1)).toContain(
      ' outbound_.8000_.v2_.httpbin.foo.svc.cluster.local ',
    );
  });

  test('answers 503 for a subset without definition, and for one without pods', async () => {
    route({ route: to('v3') });
    expect(await body('http://httpbin:8000/', inside, '-w', '%{http_code}')).toBe('503');
    await expect.poll(() => logs(inside).at(-1)).toContain(' 503 NC cluster_not_found ');
    expect(lastVerdict()).toMatchObject({ code: 'destination-unknown', policy: 'foo/httpbin', detail: 'subset v3' });

    put('DestinationRule', 'foo/httpbin', { host: 'httpbin', subsets });
    expect(await body('http://httpbin:8000/', inside, '-w', '%{http_code}')).toBe('no healthy upstream503');
    await expect.poll(() => logs(inside).at(-1)).toContain(' 503 UH no_healthy_upstream ');
    expect(lastVerdict()).toMatchObject({ code: 'no-endpoints', kind: 'DestinationRule', detail: 'subset v3' });
  });

  test('answers 404 where no route matches', async () => {
    route({ match: [{ uri: { prefix: '/api' } }], route: to() });

    expect(await body('http://httpbin:8000/', inside, '-w', '%{http_code}')).toBe('404');
    await expect.poll(() => logs(inside).at(-1)).toContain(' 404 NR route_not_found ');
    expect(lastVerdict()).toMatchObject({ code: 'no-route', kind: 'VirtualService', policy: 'foo/httpbin' });
  });

  test('counts for clients with a sidecar only', async () => {
    route({ directResponse: { status: 418, body: { string: 'short' } } });

    expect(await body('http://httpbin.foo:8000/', inside, '-w', '%{http_code}')).toBe('short418');
    expect(await code('http://httpbin.foo:8000/', outside)).toBe('200 0');
  });

  test('rewrites, redirects and changes headers', async () => {
    route(
      { match: [{ uri: { prefix: '/old' } }], redirect: { uri: '/get', redirectCode: 302 } },
      {
        match: [{ uri: { prefix: '/api/' } }],
        rewrite: { uri: '/', authority: 'renamed' },
        headers: { request: { set: { 'x-set': 'a' }, remove: ['user-agent'] }, response: { add: { 'x-answer': 'b' } } },
        route: to(),
      },
    );

    expect(await body('http://httpbin:8000/old', inside, '-i')).toMatch(
      /^HTTP\/1\.1 302 Found\r\n[^]*location: http:\/\/httpbin:8000\/get\r\n/,
    );
    const answer = await body('http://httpbin:8000/api/headers', inside, '-i');
    expect(answer).toContain('\r\nx-answer: b\r\n');
    const { headers } = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))) as { headers: Record<string, string> };
    expect(headers).toMatchObject({ Host: 'renamed', 'X-Set': 'a', 'X-Envoy-Original-Path': '/api/headers' });
    expect(headers['User-Agent']).toBeUndefined();
  });

  test('injects faults at the client', async () => {
    route({ fault: { abort: { httpStatus: 555, percentage: { value: 100 } } }, route: to() });
    expect(await body('http://httpbin:8000/', inside, '-w', '%{http_code}')).toBe('fault filter abort555');
    await expect.poll(() => logs(inside).at(-1)).toContain(' 555 FI fault_filter_abort ');
    expect(lastVerdict()).toMatchObject({ code: 'fault-injected', policy: 'foo/httpbin', detail: '555' });

    route({ fault: { delay: { fixedDelay: '0.15s', percentage: { value: 100 } } }, route: to() });
    const started = performance.now();
    expect(await code('http://httpbin:8000/')).toBe('200 0');
    expect(performance.now() - started).toBeGreaterThan(140);
    await expect.poll(() => logs(inside).at(-1)).toContain(' 200 DI via_upstream ');
  });

  test('waits as long as its timeout', async () => {
    route({ timeout: '0.1s', route: to() });

    expect(await body('http://httpbin:8000/delay/3', inside, '-w', '%{http_code}')).toBe('upstream request timeout504');
    await expect.poll(() => logs(inside).at(-1)).toContain(' 504 UT response_timeout ');
    expect(lastVerdict()).toMatchObject({ code: 'request-timeout', policy: 'foo/httpbin' });
  });

  test('tries again as its policy says, with the whole body', async () => {
    put('DestinationRule', 'foo/httpbin', { host: 'httpbin', subsets });
    route({ retries: { attempts: 3, retryOn: '5xx' }, route: to('v1') });
    const tries = (): number =>
      logs(servers['httpbin-v1'] as TestPod).filter((line) => line.includes('"POST /status/503')).length;
    const before = tries();

    expect(await code('http://httpbin:8000/status/503', inside, '-d', 'body')).toBe('503 0');
    await expect.poll(tries).toBe(before + 4);
    await expect
      .poll(() =>
        logs(servers['httpbin-v1'] as TestPod)
          .filter((line) => line.includes('"POST /status/503'))
          .slice(-4),
      )
      .toEqual(Array.from({ length: 4 }, () => expect.stringMatching(/ 503 - via_upstream - "-" 4 0 /)));

    route({ retries: { attempts: 0 }, route: to('v1') });
    expect(await code('http://httpbin:8000/status/503', inside, '-d', 'body')).toBe('503 0');
    await expect.poll(tries).toBe(before + 5);
  });

  test('answers other origins before they may ask, and marks their answers', async () => {
    route({
      corsPolicy: {
        allowOrigins: [{ exact: 'https://shop.example' }, { regex: '.*\\.test' }],
        allowMethods: ['GET', 'POST'],
        allowHeaders: ['x-a'],
        exposeHeaders: ['x-b'],
        maxAge: '24h',
        allowCredentials: true,
      },
      route: to(),
    });
    const preflight = (origin: string): Promise<string> =>
      body(
        'http://httpbin:8000/status/418',
        inside,
        '-i',
        '-X',
        'OPTIONS',
        '-H',
        `Origin: ${origin}`,
        '-H',
        'Access-Control-Request-Method: POST',
      );

    const allowed = await preflight('https://shop.example');
    expect(allowed).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    for (const line of [
      'access-control-allow-origin: https://shop.example',
      'access-control-allow-credentials: true',
      'access-control-allow-methods: GET,POST',
      'access-control-allow-headers: x-a',
      'access-control-max-age: 86400',
    ]) {
      expect(allowed).toContain(`\r\n${line}\r\n`);
    }
    await expect.poll(() => logs(inside).at(-1)).toContain(' 200 - cors_response ');
    expect(await preflight('https://evil.example')).toMatch(/^HTTP\/1\.1 418 Unknown\r\n/);

    const marked = await body('http://httpbin:8000/get', inside, '-i', '-H', 'Origin: http://a.test');
    expect(marked).toContain('\r\naccess-control-allow-origin: http://a.test\r\n');
    expect(marked).toContain('\r\naccess-control-expose-headers: x-b\r\n');
    expect(marked).not.toContain('access-control-allow-methods');
  });

  test('leaves routes to its delegates, which are of their own namespaces', async () => {
    put('VirtualService', 'legacy/inner', {
      http: [
        {
          match: [{ uri: { prefix: '/status/' } }],
          route: to(undefined, 'plain'),
          headers: { response: { set: { 'x-from': 'inner' } } },
        },
        { match: [{ uri: { prefix: '/outside' } }], directResponse: { status: 299 } },
        { directResponse: { status: 298 } },
      ],
    });
    route(
      {
        match: [{ uri: { prefix: '/status' }, headers: { 'x-user': {} } }],
        delegate: { name: 'inner', namespace: 'legacy' },
      },
      { match: [{ uri: { exact: '/nobody' } }], delegate: { name: 'missing' } },
      { directResponse: { status: 297 } },
    );

    const delegated = await body('http://httpbin:8000/status/202', inside, '-i', '-H', 'x-user: a');
    expect(delegated).toMatch(/^HTTP\/1\.1 202 Accepted\r\n[^]*\r\nx-from: inner\r\n/);
    expect(await code('http://httpbin:8000/status/202')).toBe('297 0');
    expect(await code('http://httpbin:8000/statusless', inside, '-H', 'x-user: a')).toBe('298 0');
    expect(await code('http://httpbin:8000/outside', inside, '-H', 'x-user: a')).toBe('297 0');
    expect(await code('http://httpbin:8000/nobody')).toBe('297 0');
  });

  test('copies requests to a mirror', async () => {
    const PATH = '/anything/mirrored';
    put('DestinationRule', 'foo/httpbin', { host: 'httpbin', subsets });
    route({ mirror: { host: 'httpbin', subset: 'v2' }, route: to('v1') });
    const before = requestsAt('httpbin-v2', PATH);

    expect(await code('http://httpbin:8000/anything/mirrored')).toBe('200 0');

    await expect.poll(() => requestsAt('httpbin-v2', PATH)).toBe(before + 1);
    expect(logs(servers['httpbin-v2'] as TestPod).at(-1)).toContain('"httpbin-shadow:8000"');
  });

  test('shares requests by weight', async () => {
    const PATH = '/anything/weighed';
    put('DestinationRule', 'foo/httpbin', { host: 'httpbin', subsets });
    route({
      route: [
        { destination: { host: 'httpbin', subset: 'v1' }, weight: 0 },
        { destination: { host: 'httpbin', subset: 'v2' }, weight: 100 },
      ],
    });
    const [one, two] = [requestsAt('httpbin-v1', PATH), requestsAt('httpbin-v2', PATH)];

    for (let index = 0; index < 5; index += 1) await code(`http://httpbin:8000${PATH}`);

    await expect.poll(() => requestsAt('httpbin-v2', PATH)).toBe(two + 5);
    expect(requestsAt('httpbin-v1', PATH)).toBe(one);
  });
});

describe('hosts that nobody knows', () => {
  test('go where the connection went', async () => {
    expect(await code('http://plain.legacy:8000/', inside, '-H', 'Host: example.com')).toBe('200 0');
    await expect.poll(() => logs(inside).at(-1)).toContain(' PassthroughCluster ');
  });

  test('are blocked where only the registry may be called', async () => {
    put('Sidecar', 'foo/default', { outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } });

    expect(await code('http://plain.legacy:8000/', inside, '-H', 'Host: example.com')).toBe('502 0');
    expect(lastVerdict()).toMatchObject({ code: 'outbound-blocked', policy: 'foo/default' });
    expect(await code('http://plain.legacy:8000/')).toBe('200 0');
  });
});

describe('a gateway', () => {
  beforeAll(() => {
    const labels = { istio: 'ingressgateway', app: 'istio-ingressgateway' };
    const gateway = cluster.pod({
      namespace: 'istio-system',
      name: 'gateway',
      image: 'docker.io/istio/proxyv2:1.27.0',
      labels,
      serviceAccount: 'istio-ingressgateway-service-account',
      spec: {
        containers: [{ name: 'istio-proxy', image: 'docker.io/istio/proxyv2:1.27.0', args: ['proxy', 'router'] }],
      },
    });
    servers['gateway'] = gateway;
    cluster.service('istio-ingressgateway', {
      namespace: 'istio-system',
      ports: [{ name: 'http2', port: 80, targetPort: 8080 }],
      pods: [gateway],
      selector: labels,
    });
  });
  const URL = 'http://istio-ingressgateway.istio-system';
  const server = (...hosts: string[]) => ({ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts });
  const open = (...hosts: string[]): void =>
    put('Gateway', 'foo/gw', { selector: { istio: 'ingressgateway' }, servers: [server(...hosts)] });
  const bind = (...hosts: string[]): void =>
    put('VirtualService', 'foo/web', {
      hosts,
      gateways: ['gw'],
      http: [
        {
          match: [{ uri: { prefix: '/headers' } }],
          route: [{ destination: { host: 'strict', port: { number: 8000 } } }],
        },
      ],
    });

  test('refuses connections while no Gateway opens a port, and knows no route without a VirtualService', async () => {
    expect(await code(`${URL}/headers`, outside)).toBe('000 7');
    open('*');
    expect(await code(`${URL}/headers`, outside)).toBe('404 0');
    expect(lastVerdict()).toMatchObject({ code: 'no-route', kind: 'Gateway', policy: 'foo/gw' });
  });

  test('follows routes that are exported to its namespace', async () => {
    open('*');
    const answers: string[] = [];
    for (const exportTo of [['.'], ['istio-system']]) {
      const route = [{ destination: { host: 'strict', port: { number: 8000 } } }];
      put('VirtualService', 'foo/web', { hosts: ['*'], gateways: ['gw'], http: [{ route }], exportTo });
      answers.push(await code(`${URL}/headers`, outside));
    }

    expect(answers).toEqual(['404 0', '200 0']);
  });

  test('routes by host and path, with its own identity', async () => {
    open('web.example.com');
    bind('web.example.com');

    expect(await code(`${URL}/headers`, outside)).toBe('404 0');
    expect(await code(`${URL}/other`, outside, '-H', 'Host: web.example.com')).toBe('404 0');
    const answer = await body(`${URL}/headers`, outside, '-i', '-H', 'Host: web.example.com');
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer).toContain('\r\nserver: istio-envoy\r\n');
    const { headers } = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))) as { headers: Record<string, string> };
    expect(headers['X-Forwarded-For']).toBe(outside.ip);
    expect(headers['X-Forwarded-Client-Cert']).toMatch(
      /URI=spiffe:\/\/cluster\.local\/ns\/istio-system\/sa\/istio-ingressgateway-service-account$/,
    );
  });

  test('gives 404 where the hosts of both do not meet', async () => {
    open('other.example.com');
    bind('web.example.com');

    expect(await code(`${URL}/headers`, outside, '-H', 'Host: web.example.com')).toBe('404 0');
  });

  test('keeps policies of its own', async () => {
    open('*');
    bind('*');
    expect(await code(`${URL}/headers`, outside)).toBe('200 0');
    put('AuthorizationPolicy', 'istio-system/gate', {
      selector: { matchLabels: { istio: 'ingressgateway' } },
      action: 'DENY',
      rules: [{ from: [{ source: { ipBlocks: [outside.ip] } }] }],
    });

    expect(await body(`${URL}/headers`, outside)).toBe('RBAC: access denied');
    expect(await code(`${URL}/headers`, inside)).toBe('200 0');
  });

  test('ends TLS with the certificate of a Secret, and redirects to it', async () => {
    const { certificatePem, keyPem } = issueCertificate({
      organization: 'web.example.com',
      uri: null,
      notBefore: Date.now() - 60_000,
      notAfter: Date.now() + 3_600_000,
      serial: new Uint8Array(16).fill(7),
      issuer: null,
    });
    const encode = (text: string): string => Buffer.from(text).toString('base64');
    cluster.objects.put('secrets', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'web-cert', namespace: 'istio-system' },
      data: { 'tls.crt': encode(certificatePem), 'tls.key': encode(keyPem) },
    });
    put('Gateway', 'foo/gw', {
      selector: { istio: 'ingressgateway' },
      servers: [
        {
          port: { number: 80, name: 'https', protocol: 'HTTPS' },
          hosts: ['*'],
          tls: { mode: 'SIMPLE', credentialName: 'web-cert' },
        },
      ],
    });
    bind('*');
    const secure = 'https://istio-ingressgateway.istio-system:80/headers';

    expect(await code(secure, outside)).toBe('000 60');
    expect(await code(secure, outside, '-k')).toBe('200 0');

    put('Gateway', 'foo/gw', {
      selector: { istio: 'ingressgateway' },
      servers: [{ ...server('*'), tls: { httpsRedirect: true } }],
    });
    expect(await body(`${URL}/headers?a=b`, outside, '-i', '-H', 'Host: web.example.com')).toMatch(
      /^HTTP\/1\.1 301 Moved Permanently\r\n[^]*location: https:\/\/web\.example\.com\/headers\?a=b\r\n/,
    );
  });
});

describe('routes of bytes', () => {
  test('go by port to another service', async () => {
    put('VirtualService', 'foo/redis', {
      hosts: ['redis'],
      tcp: [{ match: [{ port: 6379 }], route: [{ destination: { host: 'httpbin', port: { number: 8000 } } }] }],
    });

    const { stdout } = await inside.sh(
      "(printf 'GET /status/204 HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n'; sleep 1) | nc redis 6379",
    );

    expect(stdout).toMatch(/^HTTP\/1\.1 204 No Content\r\n/);
  });

  test('have a line in both logs, with the bytes of each direction', async () => {
    await inside.sh(PING_REDIS);

    await expect
      .poll(() => logs(inside).at(-1))
      .toMatch(
        /\] "- - -" 0 - - - "-" 12 12 \d+ - "-" "-" "-" "-" "10\.244\.0\.\d+:6379" outbound\|6379\|\|redis\.foo\.svc\.cluster\.local 10\.244\.0\.\d+:\d+ 10\./,
      );
    await expect
      .poll(() => logs(servers['redis'] as TestPod).at(-1))
      .toMatch(
        /\] "- - -" 0 - - - "-" 12 12 .* inbound\|6379\|\| .* outbound_\.6379_\._\.redis\.foo\.svc\.cluster\.local -$/,
      );
  });

  test('that cannot be sent as a rule wants say so', async () => {
    put('DestinationRule', 'istio-system/default', {
      host: '*.local',
      trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' } },
    });

    expect(await code('https://secure.legacy:443/', inside, '-k')).toBe('000 35');
    expect(lastVerdict()).toMatchObject({
      code: 'upstream-failed',
      kind: 'DestinationRule',
      policy: 'istio-system/default',
      detail: 'UF',
      server: { pod: 'plain-v1', sidecar: false },
    });
    await expect
      .poll(() => logs(inside).at(-1))
      .toMatch(/"- - -" 0 UF,URX - - "TLS_error:[^"]+" 0 0 .* outbound\|443\|\|secure\.legacy/);
  });

  test('have a line where no program listens, and where nobody is', async () => {
    cluster.service('idle', {
      namespace: 'foo',
      ports: [{ name: 'tcp', port: 7000, targetPort: 7000 }],
      pods: [servers['redis'] as TestPod],
      selector: { app: 'redis' },
    });
    cluster.service('empty', { namespace: 'foo', ports: [{ name: 'tcp', port: 7000, targetPort: 7000 }], pods: [] });

    await inside.sh('echo hello | nc idle 7000 -w 1');
    await expect
      .poll(() => logs(servers['redis'] as TestPod).at(-1))
      .toMatch(
        /"- - -" 0 UF,URX - - "delayed_connect_error:_Connection_refused" 0 0 \d+ - "-" "-" "-" "-" "[\d.]+:7000" inbound\|7000\|\| - /,
      );

    await inside.sh('echo hello | nc empty 7000 -w 1');
    await expect
      .poll(() => logs(inside).at(-1))
      .toMatch(/"- - -" 0 UH - - "-" 0 0 0 - "-" "-" "-" "-" "-" outbound\|7000\|\|empty\.foo\.svc\.cluster\.local - /);
  });
});
