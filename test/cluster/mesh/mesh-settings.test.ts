import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { parseLogFilter } from '../../../cluster/mesh/log-filter.ts';
import type { IstioVersion } from '../../../cluster/index.ts';
import { TestCluster, type TestPod } from '../containers/test-cluster.ts';
import { clientPod, logLines, serve } from './mesh-pods.ts';

/** What the ConfigMap `istio` and Telemetry objects change in a running mesh. */

const WAIT = { timeout: 30_000 };
let cluster: TestCluster;
let client: TestPod;
let server: TestPod;

function setUp(istio?: IstioVersion): void {
  cluster = new TestCluster(undefined, [], istio);
  client = clientPod(cluster, 'shop', 'client');
  const pods = serve(cluster, 'shop', 'web', ['web-1'], (request, response) => {
    response.statusCode = request.url === '/broken' ? 500 : 200;
    response.end(request.headers['x-forwarded-client-cert'] === undefined ? 'plain' : 'mutual');
  });
  server = pods[0] as TestPod;
}

function settings(mesh: string): void {
  cluster.objects.put('configmaps', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'istio', namespace: 'istio-system' },
    data: { mesh },
  });
}

const get = async (path = '/'): Promise<string> => (await client.exec(['curl', '-s', `http://web${path}`])).stdout;

/** Lines that a request adds to the logs of its two proxies; the server's may come a little later. */
async function linesOf(path = '/', isServerLogged = true): Promise<{ client: string[]; server: string[] }> {
  const [before, there] = [logLines(client).length, logLines(server).length];
  await get(path);
  if (isServerLogged) await expect.poll(() => logLines(server).length, WAIT).toBeGreaterThan(there);
  return { client: logLines(client).slice(before), server: logLines(server).slice(there) };
}

describe('the settings of the mesh', () => {
  beforeAll(() => setUp());
  afterAll(() => cluster.dispose());
  afterEach(() => settings('accessLogFile: /dev/stdout'));

  test('switch the access log off and on', async () => {
    settings('accessLogFile: ""');
    expect(await linesOf('/', false)).toEqual({ client: [], server: [] });

    settings('accessLogFile: /dev/stdout');
    expect(await linesOf()).toEqual({ client: [expect.any(String)], server: [expect.any(String)] });
  });

  test('say in which form it is written', async () => {
    settings('accessLogFile: /dev/stdout\naccessLogFormat: "%REQ(:METHOD)% %RESPONSE_CODE% %REQ(X-OTHER)%\\n"');
    expect((await linesOf('/broken')).client).toEqual(['GET 500 -']);

    settings('accessLogFile: /dev/stdout\naccessLogEncoding: JSON');
    const [line = ''] = (await linesOf()).client;
    expect(JSON.parse(line)).toMatchObject({
      method: 'GET',
      response_code: 200,
      upstream_cluster: 'outbound|80||web.shop.svc.cluster.local',
      requested_server_name: null,
    });
  });

  test('switch automatic mutual TLS off', async () => {
    expect(await get()).toBe('mutual');

    settings('accessLogFile: /dev/stdout\nenableAutoMtls: false');
    expect(await get()).toBe('plain');
  });

  test('that cannot be read leave the mesh as it was', async () => {
    settings('accessLogFile: ""');
    await get();
    settings('accessLogFile: [');

    expect((await linesOf('/', false)).client).toEqual([]);
  });
});

test('automatic mutual TLS can be had in 1.4, and not before', async () => {
  const answers: string[] = [];
  for (const istio of ['1.1', '1.4'] as const) {
    setUp(istio);
    // Sidecars of these releases take plaintext where no policy says otherwise.
    const policy = {
      apiVersion: 'authentication.istio.io/v1alpha1',
      kind: 'MeshPolicy',
      metadata: { name: 'default' },
    };
    const spec = { peers: [{ mtls: { mode: 'PERMISSIVE' } }] };
    cluster.objects.put('meshpolicies.authentication.istio.io', { ...policy, spec });
    answers.push(await get());
    settings('enableAutoMtls: true');
    answers.push(await get());
    cluster.dispose();
  }

  expect(answers).toEqual(['plain', 'plain', 'plain', 'mutual']);
});

describe('Telemetry', () => {
  beforeAll(() => setUp());
  afterAll(() => cluster.dispose());
  const stored: [string, string][] = [];
  afterEach(() => {
    for (const path of stored.splice(0)) cluster.objects.remove('telemetries.telemetry.istio.io', ...path);
    settings('accessLogFile: /dev/stdout');
  });
  const telemetry = (path: string, accessLogging: object, labels?: Record<string, string>): void => {
    const [namespace = '', name = ''] = path.split('/');
    cluster.objects.put('telemetries.telemetry.istio.io', {
      apiVersion: 'telemetry.istio.io/v1',
      kind: 'Telemetry',
      metadata: { name, namespace },
      spec: { accessLogging: [accessLogging], ...(labels === undefined ? {} : { selector: { matchLabels: labels } }) },
    });
    stored.push([namespace, name]);
  };
  const ENVOY = { providers: [{ name: 'envoy' }] };

  test('switches the log on where the mesh has none, for a namespace or a workload', async () => {
    settings('');
    telemetry('shop/web', ENVOY, { app: 'web' });
    expect(await linesOf()).toEqual({ client: [], server: [expect.any(String)] });

    telemetry('istio-system/mesh', ENVOY);
    expect(await linesOf()).toEqual({ client: [expect.any(String)], server: [expect.any(String)] });
  });

  test('switches it off again for a workload', async () => {
    telemetry('istio-system/mesh', ENVOY);
    telemetry('shop/client', { ...ENVOY, disabled: true }, { app: 'client' });

    expect(await linesOf()).toEqual({ client: [], server: [expect.any(String)] });
  });

  test('tells the side of clients from that of servers', async () => {
    settings('');
    telemetry('istio-system/mesh', { ...ENVOY, match: { mode: 'SERVER' } });

    expect(await linesOf()).toEqual({ client: [], server: [expect.any(String)] });
  });

  test('picks what is logged by an expression', async () => {
    telemetry('istio-system/mesh', { ...ENVOY, filter: { expression: 'response.code >= 400' } });

    expect((await linesOf('/', false)).client).toEqual([]);
    expect((await linesOf('/broken')).client).toEqual([expect.stringContaining('"GET /broken HTTP/1.1" 500')]);
  });

  test('writes by a provider that the settings name', async () => {
    settings(
      'extensionProviders:\n- name: short\n  envoyFileAccessLog:\n    path: /dev/stdout\n    logFormat:\n      text: "%RESPONSE_CODE%"',
    );
    telemetry('istio-system/mesh', { providers: [{ name: 'short' }] });

    expect((await linesOf()).client).toEqual(['200']);
  });
});

test.each([
  ["request.path.startsWith('/a') && !(response.code == 404 || response.code in [500, 503])", true],
  ["request.url_path == '/a/b'", true],
  ["request.path.matches('^/a/.*x=1$')", true],
  ['has(request.useragent)', false],
  ["request.useragent == 'curl'", false],
  ["request.useragent == 'curl' || connection.mtls", true],
  ["response.code == '200'", false],
  ['response.code >', false],
])('the expression %s is %s of a request', (expression, expected) => {
  const entry = {
    startTime: 0,
    method: 'GET',
    path: '/a/b?x=1',
    status: 200,
    bytesReceived: 0,
    bytesSent: 0,
    durationMs: 0,
    downstreamLocal: '',
    downstreamRemote: '',
    peerUri: 'spiffe://cluster.local/ns/shop/sa/client',
  };

  expect(parseLogFilter(expression)(entry)).toBe(expected);
});
