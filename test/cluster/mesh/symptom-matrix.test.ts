import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { IstioVersion } from '../../../cluster/index.ts';
import { TestCluster, type ExecResult, type TestPod } from '../containers/test-cluster.ts';

/**
 * What curl shows of a request: every client, every server, every release. What is expected is written down cell by cell
 * from the releases' documents and sources, and never computed.
 */

const SERVERS = ['plain', 'permissive', 'strict', 'disable'] as const;
type Server = (typeof SERVERS)[number];

/**
 * - `plaintext`: 200, and the server knows no client; `mtls`: 200, and it does;
 * - a number: curl's exit status, with the code 000;
 * - any other text: the body of a 503.
 */
type Cell = 'plaintext' | 'mtls' | number | string;
/** In the order of {@link SERVERS}. */
type Row = readonly [Cell, Cell, Cell, Cell];

const PREFIX = 'upstream connect error or disconnect/reset before headers';
const TERMINATED = `${PREFIX}. reset reason: connection termination`; // 95 bytes
const FAILED = `${PREFIX}. reset reason: connection failure`; // 91 bytes
const tlsError = (number: number, text: string): string =>
  `${FAILED}, transport failure reason: TLS error: ${number}:SSL routines:OPENSSL_internal:${text}`;
const currentTls = (number: number, text: string): string =>
  `${PREFIX}. retried and the latest reset reason: remote connection failure, transport failure reason: TLS_error:|${number}:${text}:TLS_error_end`;
const WRONG_VERSION = currentTls(268_435_703, 'SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER');
const HUNG_UP = currentTls(33_554_536, 'system library:OPENSSL_internal:Connection reset by peer');

interface Expected {
  /** A client without a sidecar, and one within the proxy's container. */
  outside: Row;
  /** A client with a sidecar, by the mode of the DestinationRule `*.local`; `none`: there is no rule. */
  none: Row;
  DISABLE: Row;
  ISTIO_MUTUAL: Row;
  SIMPLE: Row;
  /** `https://` with `-k`, without a sidecar. */
  https: Row;
  /** `https://` from the proxy's container with the files of /etc/certs; null where there are none. */
  withFiles: Row | null;
}

const OUTSIDE: Row = ['plaintext', 'plaintext', 56, 'plaintext'];

const EXPECTED: Record<IstioVersion, Expected> = {
  '1.0': {
    outside: OUTSIDE,
    none: ['plaintext', 'plaintext', PREFIX, 'plaintext'],
    DISABLE: ['plaintext', 'plaintext', PREFIX, 'plaintext'],
    ISTIO_MUTUAL: [PREFIX, 'mtls', 'mtls', PREFIX],
    SIMPLE: [PREFIX, PREFIX, PREFIX, PREFIX],
    https: [35, 35, 35, 35],
    withFiles: [35, 35, 'mtls', 35],
  },
  '1.1': {
    outside: OUTSIDE,
    none: ['plaintext', 'plaintext', TERMINATED, 'plaintext'],
    DISABLE: ['plaintext', 'plaintext', TERMINATED, 'plaintext'],
    ISTIO_MUTUAL: [FAILED, 'mtls', 'mtls', FAILED],
    SIMPLE: [FAILED, FAILED, FAILED, FAILED],
    https: [35, 35, 35, 35],
    withFiles: [35, 35, 'mtls', 35],
  },
  '1.4': {
    outside: OUTSIDE,
    none: ['plaintext', 'plaintext', TERMINATED, 'plaintext'],
    DISABLE: ['plaintext', 'plaintext', TERMINATED, 'plaintext'],
    ISTIO_MUTUAL: [FAILED, 'mtls', 'mtls', FAILED],
    SIMPLE: [FAILED, FAILED, FAILED, FAILED],
    https: [35, 35, 35, 35],
    withFiles: [35, 35, 'mtls', 35],
  },
  '1.6': {
    outside: OUTSIDE,
    // The DISABLE of a workload is not seen by clients before 1.8.
    none: ['plaintext', 'mtls', 'mtls', FAILED],
    DISABLE: ['plaintext', 'plaintext', TERMINATED, 'plaintext'],
    ISTIO_MUTUAL: [tlsError(268_435_703, 'WRONG_VERSION_NUMBER'), 'mtls', 'mtls', FAILED],
    SIMPLE: [
      tlsError(268_435_703, 'WRONG_VERSION_NUMBER'),
      FAILED,
      tlsError(268_436_496, 'SSLV3_ALERT_HANDSHAKE_FAILURE'),
      FAILED,
    ],
    https: [35, 35, 35, 35],
    withFiles: null,
  },
  current: {
    outside: OUTSIDE,
    none: ['plaintext', 'mtls', 'mtls', 'plaintext'],
    DISABLE: ['plaintext', 'plaintext', TERMINATED, 'plaintext'],
    ISTIO_MUTUAL: [WRONG_VERSION, 'mtls', 'mtls', HUNG_UP],
    SIMPLE: [
      WRONG_VERSION,
      HUNG_UP,
      currentTls(268_436_496, 'SSL routines:OPENSSL_internal:SSLV3_ALERT_HANDSHAKE_FAILURE'),
      HUNG_UP,
    ],
    // With TLS 1.3 a client is done before the server has asked for its certificate, and reads the alert afterwards.
    https: [35, 35, 56, 35],
    withFiles: null,
  },
};

describe.each(Object.entries(EXPECTED) as [IstioVersion, Expected][])('Istio %s', (istio, expected) => {
  let cluster: TestCluster;
  let outside: TestPod;
  let inside: TestPod;

  beforeAll(() => {
    cluster = new TestCluster(undefined, [], istio);
    const curl = { name: 'sleep', image: 'curlimages/curl', command: ['/bin/sleep', 'infinity'] };
    outside = cluster.pod({ namespace: 'legacy', ...curl });
    inside = cluster.pod({ namespace: 'foo', ...curl, sidecar: true, serviceAccount: 'sleep' });
    for (const name of SERVERS) {
      const pod = cluster.pod({
        namespace: 'foo',
        name: `${name}-1`,
        image: 'docker.io/kennethreitz/httpbin:latest',
        labels: { app: name },
        sidecar: name !== 'plain',
        serviceAccount: name,
      });
      cluster.service(name, { namespace: 'foo', ports: [{ name: 'http', port: 8000, targetPort: 80 }], pods: [pod] });
    }
    if (['1.6', 'current'].includes(istio)) {
      peerAuthentication('strict', 'STRICT');
      peerAuthentication('disable', 'DISABLE');
    } else {
      cluster.objects.put('meshpolicies.authentication.istio.io', {
        apiVersion: 'authentication.istio.io/v1alpha1',
        kind: 'MeshPolicy',
        metadata: { name: 'default' },
        spec: { peers: [{ mtls: { mode: 'PERMISSIVE' } }] },
      });
      policy('strict', [{ mtls: {} }]);
      policy('disable', []);
      certificates();
    }
  });
  afterAll(() => cluster.dispose());

  function peerAuthentication(name: string, mode: string): void {
    cluster.objects.put('peerauthentications.security.istio.io', {
      apiVersion: 'security.istio.io/v1beta1',
      kind: 'PeerAuthentication',
      metadata: { name, namespace: 'foo' },
      spec: { selector: { matchLabels: { app: name } }, mtls: { mode } },
    });
  }

  function policy(name: string, peers: unknown[]): void {
    cluster.objects.put('policies.authentication.istio.io', {
      apiVersion: 'authentication.istio.io/v1alpha1',
      kind: 'Policy',
      metadata: { name, namespace: 'foo' },
      spec: { targets: [{ name }], peers },
    });
  }

  /** What Citadel writes for the client's account. */
  function certificates(): void {
    const { authority } = cluster.runtime.mesh;
    const { certificatePem, keyPem } = authority.issue('foo', 'sleep');
    const data = {
      'cert-chain.pem': certificatePem,
      'key.pem': keyPem,
      'root-cert.pem': authority.root().certificatePem,
    };
    cluster.objects.put('secrets', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'istio.sleep', namespace: 'foo' },
      type: 'istio.io/key-and-cert',
      data: Object.fromEntries(
        Object.entries(data).map(([name, text]) => [name, Buffer.from(text).toString('base64')]),
      ),
    });
  }

  function rule(mode: string | null): void {
    if (mode === null) {
      cluster.objects.remove('destinationrules.networking.istio.io', 'istio-system', 'default');
      return;
    }
    cluster.objects.put('destinationrules.networking.istio.io', {
      apiVersion: 'networking.istio.io/v1alpha3',
      kind: 'DestinationRule',
      metadata: { name: 'default', namespace: 'istio-system' },
      spec: { host: '*.local', trafficPolicy: { tls: { mode } } },
    });
  }

  type Client = 'outside' | 'istio-proxy' | 'inside';

  function curl(client: Client, server: Server, ...options: string[]): Promise<ExecResult> {
    const scheme = options.includes('-k') ? 'https' : 'http';
    const command = ['curl', '-sSi', '-w', '\n%{http_code}', ...options, `${scheme}://${server}.foo:8000/headers`];
    const pod = client === 'outside' ? outside : inside;
    return pod.exec(command, { container: client === 'istio-proxy' ? 'istio-proxy' : 'app' });
  }

  async function expectRow(client: Client, row: Row, ...options: string[]): Promise<void> {
    const results = await Promise.all(SERVERS.map((server) => curl(client, server, ...options)));
    const seen = results.map((result, index) => cellOf(result, client, SERVERS[index] as Server));
    expect(seen).toEqual(row.map((cell) => cell));
  }

  test('a client without a sidecar', () => expectRow('outside', expected.outside));
  test('a client in the container of the proxy', () => expectRow('istio-proxy', expected.outside));
  test.each(['none', 'DISABLE', 'ISTIO_MUTUAL', 'SIMPLE'] as const)(
    'a client with a sidecar and the rule %s',
    async (mode) => {
      rule(mode === 'none' ? null : mode);
      await expectRow('inside', expected[mode]);
      rule(null);
    },
  );
  test('https without a sidecar', () => expectRow('outside', expected.https, '-k'));
  test('https with the files of the proxy', async () => {
    const files = ['--cert', '/etc/certs/cert-chain.pem', '--key', '/etc/certs/key.pem'];
    if (expected.withFiles !== null) {
      await expectRow('istio-proxy', expected.withFiles, '-k', ...files);
      return;
    }
    const listed = await inside.exec(['ls', '/etc/certs'], { container: 'istio-proxy' });
    expect(listed).toEqual({
      stdout: '',
      stderr: "ls: cannot access '/etc/certs': No such file or directory\n",
      status: 2,
    });
  });
});

/** What an answer is in the words of the table. Everything that goes with it is looked at here. */
function cellOf({ stdout, stderr, status }: ExecResult, client: string, server: Server): Cell {
  const code = stdout.slice(stdout.lastIndexOf('\n') + 1);
  if (status !== 0) {
    expect(code).toBe('000');
    if (status === 56)
      expect(stderr).toMatch(/^curl: \(56\) (Recv failure: Connection reset by peer|OpenSSL SSL_read: )/);
    if (status === 35) expect(stderr).toMatch(/^curl: \(35\) /);
    return status;
  }
  expect(stderr).toBe('');
  const [head = '', rest = ''] = stdout.split(/\r\n\r\n(.*)/s);
  const body = rest.slice(0, rest.lastIndexOf('\n'));
  const header = (name: string): string | undefined => new RegExp(`^${name}: (.*?)\r?$`, 'im').exec(head)?.[1];
  if (code === '503') {
    expect(header('content-type')).toBe('text/plain');
    expect(header('content-length')).toBe(String(body.length));
    expect(header('server')).toBe('envoy');
    return body;
  }
  expect(code).toBe('200');
  const throughSidecar = client === 'inside';
  expect(header('server')).toBe(throughSidecar ? 'envoy' : server === 'plain' ? 'gunicorn/19.9.0' : 'istio-envoy');
  const decorated = !throughSidecar && server !== 'plain';
  expect(header('x-envoy-decorator-operation')).toBe(decorated ? `${server}.foo.svc.cluster.local:8000/*` : undefined);
  const { headers } = JSON.parse(body) as { headers: Record<string, string> };
  const certificate = headers['X-Forwarded-Client-Cert'];
  if (certificate === undefined) return 'plaintext';
  expect(certificate).toMatch(
    new RegExp(
      `^By=spiffe://cluster\\.local/ns/foo/sa/${server};Hash=[0-9a-f]{64};Subject="";URI=spiffe://cluster\\.local/ns/foo/sa/sleep$`,
    ),
  );
  return 'mtls';
}

test('the texts are as long as upstream’s', () => {
  expect([PREFIX, TERMINATED, FAILED].map((text) => text.length)).toEqual([57, 95, 91]);
  expect(tlsError(268_435_703, 'WRONG_VERSION_NUMBER')).toHaveLength(190);
});
