import { createServer as createSecureServer } from 'node:https';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { IstioVersion } from '../../../cluster/index.ts';
import { TestCluster, type TestPod } from '../containers/test-cluster.ts';
import { clientPod, listen, logLines } from './mesh-pods.ts';
import { hasOpenssl, serverCertificate, type ServerCertificate } from './server-certificate.ts';

/** TLS that a sidecar adds for its program, with certificates that are not the mesh's: Istio's task "Egress TLS Origination". */

describe.skipIf(!hasOpenssl)('a sidecar that adds TLS', () => {
  let cluster: TestCluster;
  let client: TestPod;
  let root: ServerCertificate;
  let stranger: ServerCertificate;
  let own: ServerCertificate;
  let server: ServerCertificate;
  const stored: [string, string, string][] = [];

  const put = (resource: string, kind: string, name: string, rest: object): void => {
    const namespace = 'shop';
    cluster.objects.put(resource, { apiVersion: 'v1', kind, metadata: { name, namespace }, ...rest });
    stored.push([resource, namespace, name]);
  };
  const secret = (name: string, data: Record<string, string>): void => {
    const encoded = Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
    put('secrets', 'Secret', name, { data: Object.fromEntries(encoded) });
  };
  const rule = (tls: object, rest: object = { workloadSelector: { matchLabels: { app: 'client' } } }): void => {
    const trafficPolicy = { tls };
    put('destinationrules.networking.istio.io', 'DestinationRule', 'api', {
      spec: { host: 'api.example.com', trafficPolicy, ...rest },
    });
  };
  const get = async (): Promise<string> =>
    (await client.exec(['curl', '-s', '-m', '10', '-w', ' %{http_code}', 'http://api.example.com/'])).stdout;

  function setUp(istio?: IstioVersion, annotations: Record<string, string> = {}): void {
    cluster = new TestCluster(undefined, [], istio);
    client = clientPod(cluster, 'shop', 'client');
    Object.assign(client.object.metadata, { annotations: { ...client.object.metadata.annotations, ...annotations } });
    const outside = clientPod(cluster, 'legacy', 'outside', false);
    const options = { key: server.keyPem, cert: server.certificatePem, ca: root.certificatePem, requestCert: true };
    const secured = createSecureServer({ ...options, rejectUnauthorized: false }, (request, response) => {
      const socket = request.socket as unknown as { authorized: boolean; servername: string | false };
      response.end(`${socket.servername || 'nobody'} ${socket.authorized ? 'known' : 'unknown'}`);
    });
    listen(cluster, outside, 443, (connection) => void secured.emit('connection', connection));
    const spec = {
      hosts: ['api.example.com'],
      location: 'MESH_EXTERNAL',
      ports: [{ number: 80, name: 'http', protocol: 'HTTP', targetPort: 443 }],
      resolution: 'STATIC',
      endpoints: [{ address: outside.ip }],
    };
    const metadata = { name: 'api', namespace: 'shop' };
    const entry = { apiVersion: 'networking.istio.io/v1', kind: 'ServiceEntry', metadata, spec };
    cluster.objects.put('serviceentries.networking.istio.io', entry);
  }

  beforeAll(() => {
    root = serverCertificate('root.test');
    stranger = serverCertificate('stranger.test');
    server = serverCertificate('api.example.com', root);
    own = serverCertificate('client.test', root);
    setUp();
  });
  afterAll(() => cluster.dispose());
  afterEach(() => {
    for (const [resource, namespace, name] of stored.splice(0)) cluster.objects.remove(resource, namespace, name);
  });

  const failed = (why: string): string =>
    `upstream connect error or disconnect/reset before headers. retried and the latest reset reason: remote connection failure, transport failure reason: TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:verify cert failed: ${why}:TLS_error_end 503`;
  // The server sends its root along.
  const UNKNOWN_ISSUER = failed(
    'X509_verify_cert: certificate verification error at depth 1: self signed certificate in certificate chain',
  );

  test('asks for the host, and takes a server of the CA in its secret', async () => {
    secret('api', { 'ca.crt': root.certificatePem });
    rule({ mode: 'SIMPLE', credentialName: 'api' });

    expect(await get()).toBe('api.example.com unknown 200');
  });

  test('refuses a server of another CA, and of none that is in its image', async () => {
    secret('api', { cacert: stranger.certificatePem });
    rule({ mode: 'SIMPLE', credentialName: 'api' });
    expect(await get()).toBe(UNKNOWN_ISSUER);
    expect(logLines(client).at(-1)).toContain(
      ' upstream_reset_before_response_started{remote_connection_failure|TLS_error:|268435581:SSL_routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:verify_cert_failed:_X509_verify_cert:',
    );

    rule({ mode: 'SIMPLE' });
    expect(await get()).toBe(UNKNOWN_ISSUER);
    rule({ mode: 'SIMPLE', insecureSkipVerify: true });
    expect(await get()).toBe('api.example.com unknown 200');
  });

  test('refuses a server for another name', async () => {
    secret('api', { 'ca.crt': root.certificatePem });
    rule({ mode: 'SIMPLE', credentialName: 'api', subjectAltNames: ['other.example.com'] });
    expect(await get()).toBe(failed('verify SAN list'));

    rule({ mode: 'SIMPLE', credentialName: 'api', subjectAltNames: ['other.example.com', 'api.example.com'] });
    expect(await get()).toBe('api.example.com unknown 200');
    rule({ mode: 'SIMPLE', credentialName: 'api', sni: 'any.example.com' });
    expect(await get()).toBe('any.example.com unknown 200');
  });

  test('shows a certificate of its own', async () => {
    const credential = { 'tls.crt': own.certificatePem, 'tls.key': own.keyPem };
    secret('api', { ...credential, 'ca.crt': root.certificatePem });
    rule({ mode: 'MUTUAL', credentialName: 'api' });
    expect(await get()).toBe('api.example.com known 200');

    secret('api', { 'ca.crt': root.certificatePem });
    expect(await get()).toMatch(/Secret is not supplied by SDS 503$/);
  });

  test('reads files that are mounted into it', async () => {
    const { spec } = client.object as unknown as {
      spec: { containers: { name: string; volumeMounts?: unknown[] }[]; volumes?: unknown[] };
    };
    const proxy = spec.containers.find(({ name }) => name === 'istio-proxy');
    proxy?.volumeMounts?.push({ name: 'own', mountPath: '/etc/own' });
    spec.volumes?.push({ name: 'own', secret: { secretName: 'files' } });
    secret('files', { cert: own.certificatePem, key: own.keyPem, ca: root.certificatePem });
    rule({
      mode: 'MUTUAL',
      clientCertificate: '/etc/own/cert',
      privateKey: '/etc/own/key',
      caCertificates: '/etc/own/ca',
    });
    expect(await get()).toBe('api.example.com known 200');

    rule({ mode: 'SIMPLE', caCertificates: '/etc/own/nothing' });
    expect(await get()).toMatch(/Secret is not supplied by SDS 503$/);
  });

  test('is handed no credential by a rule that is for everybody', async () => {
    secret('api', { 'ca.crt': root.certificatePem });
    rule({ mode: 'SIMPLE', credentialName: 'api' }, {});

    // Plaintext to a port of TLS.
    expect(await get()).toMatch(/ 503$/);
    expect(await get()).not.toContain('TLS_error');
  });

  test('verified nobody unless it was told to, before 1.20', async () => {
    cluster.dispose();
    setUp('1.6');
    rule({ mode: 'SIMPLE' });
    expect(await get()).toBe('nobody unknown 200');

    secret('api', { 'ca.crt': stranger.certificatePem });
    rule({ mode: 'SIMPLE', credentialName: 'api', sni: 'api.example.com' });
    expect(await get()).toBe(
      'upstream connect error or disconnect/reset before headers. reset reason: connection failure, transport failure reason: TLS error: 268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED 503',
    );
  });
});
