import { createServer as createSecureServer } from 'node:https';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Connection } from '../../../cluster/network/connection.ts';
import { TestCluster, type TestPod } from '../containers/test-cluster.ts';
import { clientPod, gatewayPod, listen, logLines, RawClient } from './mesh-pods.ts';
import { hasOpenssl, serverCertificate, type ServerCertificate } from './server-certificate.ts';

/** What a gateway does with connections: ends their TLS, asks their clients who they are, passes them on. */

let cluster: TestCluster;
let outside: TestPod;
let gateway: TestPod;
const HOST = 'istio-ingressgateway.istio-system';
const stored: [string, string, string][] = [];

const issue = (host: string, issuer?: ServerCertificate): ServerCertificate =>
  hasOpenssl ? serverCertificate(host, issuer) : { certificatePem: '', keyPem: '' };
const certificates = { web: issue('web.test'), other: issue('other.test'), server: issue('secure.test') };
const clientRoot = issue('clients.test');
const clientCertificate = issue('ann.test', clientRoot);

function put(kind: string, name: string, spec: object): void {
  const resource = `${kind.toLowerCase()}s.networking.istio.io`;
  cluster.objects.put(resource, {
    apiVersion: 'networking.istio.io/v1',
    kind,
    metadata: { name, namespace: 'shop' },
    spec,
  });
  stored.push([resource, 'shop', name]);
}

function secret(name: string, data: Record<string, string>): void {
  const encoded = Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
  cluster.objects.put('secrets', {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'istio-system' },
    data: Object.fromEntries(encoded),
  });
}

function openServers(...servers: { number: number; protocol: string; hosts: string[]; tls?: object }[]): void {
  put('Gateway', 'gw', {
    selector: { istio: 'ingressgateway' },
    servers: servers.map(({ number, protocol, hosts, tls }, index) => ({
      port: { number, protocol, name: `s${index}` },
      hosts,
      ...(tls === undefined ? {} : { tls }),
    })),
  });
}

function route(spec: object): void {
  put('VirtualService', 'routes', { gateways: ['gw'], ...spec });
}

interface Secured {
  connection: Connection;
  socket: TLSSocket;
  text: string;
}

/** TLS with the gateway. @throws Error of the handshake, or of what follows before the first byte */
async function secure(port: number, options: object): Promise<Secured> {
  const network = cluster.runtime.network.at(outside.ip);
  const [ip = ''] = network?.resolve(HOST)?.addresses ?? [];
  const connection = await network?.connect({ ip, port });
  if (connection === undefined) throw new Error('no network');
  const result: Secured = {
    connection,
    socket: connectTls({ socket: connection as never, rejectUnauthorized: false, ...options }),
    text: '',
  };
  await new Promise<void>((resolve, reject) => {
    result.socket.once('secureConnect', resolve);
    result.socket.once('error', reject);
    result.socket.once('close', () => reject(new Error('closed')));
  });
  result.socket.on('error', () => {});
  result.socket.on('data', (chunk: Buffer) => {
    result.text += chunk.toString('latin1');
  });
  return result;
}

/** The head and body of one request over TLS; empty when the connection was closed instead. */
async function ask(client: Secured, host: string): Promise<string> {
  const { socket, connection } = client;
  socket.write(`GET / HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
  await new Promise((resolve) => socket.once('end', resolve).once('close', resolve));
  socket.destroy();
  connection.destroy();
  return client.text;
}

function subjectOf({ socket }: Secured): string | undefined {
  return socket.getPeerX509Certificate()?.subject;
}

beforeAll(() => {
  if (!hasOpenssl) return;
  cluster = new TestCluster();
  outside = clientPod(cluster, 'legacy', 'outside', false);
  gateway = gatewayPod(cluster, [80, 443, 8443, 9000]);
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    response.end(JSON.stringify(request.headers));
  };
  const plain = createServer(answer);
  const secured = createSecureServer(
    { key: certificates.server.keyPem, cert: certificates.server.certificatePem },
    answer,
  );
  const pod = clientPod(cluster, 'shop', 'web');
  listen(cluster, pod, 80, (connection) => void plain.emit('connection', connection));
  listen(cluster, pod, 443, (connection) => void secured.emit('connection', connection));
  listen(cluster, pod, 9000, (connection) => {
    connection.on('error', () => {});
    connection.on('data', (chunk: Buffer) => connection.write(`hello ${chunk.toString('latin1')}`));
    connection.on('end', () => connection.end());
  });
  cluster.service('web', {
    namespace: 'shop',
    ports: [
      { name: 'http', port: 80, targetPort: 80 },
      { name: 'https', port: 443, targetPort: 443 },
      { name: 'tcp', port: 9000, targetPort: 9000 },
    ],
    pods: [pod],
  });
  for (const name of ['web', 'other'] as const) {
    const { certificatePem, keyPem } = certificates[name];
    secret(name, { 'tls.crt': certificatePem, 'tls.key': keyPem });
  }
  secret('mutual', {
    cert: certificates.web.certificatePem,
    key: certificates.web.keyPem,
    cacert: clientRoot.certificatePem,
  });
});
afterAll(() => hasOpenssl && cluster.dispose());
afterEach(() => {
  for (const [resource, namespace, name] of stored.splice(0)) cluster.objects.remove(resource, namespace, name);
});

const toWeb = (port: number) => [{ destination: { host: 'web', port: { number: port } } }];

describe.skipIf(!hasOpenssl)('a server of mode SIMPLE', () => {
  test('shows the certificate of the name that was asked for', async () => {
    openServers(
      { number: 443, protocol: 'HTTPS', hosts: ['web.test'], tls: { mode: 'SIMPLE', credentialName: 'web' } },
      { number: 443, protocol: 'HTTPS', hosts: ['other.test'], tls: { mode: 'SIMPLE', credentialName: 'other' } },
    );
    route({ hosts: ['web.test'], http: [{ route: toWeb(80) }] });

    const web = await secure(443, { servername: 'web.test' });
    expect(subjectOf(web)).toBe('CN=web.test');
    expect(await ask(web, 'web.test')).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(subjectOf(await secure(443, { servername: 'other.test' }))).toBe('CN=other.test');
  });

  test('closes the connection of who asks for another name, and says why', async () => {
    openServers({
      number: 443,
      protocol: 'HTTPS',
      hosts: ['web.test'],
      tls: { mode: 'SIMPLE', credentialName: 'web' },
    });

    await expect(secure(443, { servername: 'nobody.test' })).rejects.toThrow();
    expect(logLines(gateway).at(-1)).toMatch(/"- - -" 0 NR filter_chain_not_found - "-" 0 0 .* nobody\.test -$/);
    expect(cluster.runtime.mesh.verdicts.entries().at(-1)).toMatchObject({
      code: 'no-route',
      kind: 'Gateway',
      policy: 'shop/gw',
      detail: 'nobody.test',
    });
  });

  test('closes connections while its Secret is missing', async () => {
    openServers({ number: 443, protocol: 'HTTPS', hosts: ['*'], tls: { mode: 'SIMPLE', credentialName: 'missing' } });

    await expect(secure(443, {})).rejects.toThrow();
  });

  test('of protocol TLS takes bytes out of it', async () => {
    openServers({ number: 8443, protocol: 'TLS', hosts: ['web.test'], tls: { mode: 'SIMPLE', credentialName: 'web' } });
    route({ hosts: ['web.test'], tcp: [{ match: [{ port: 8443 }], route: toWeb(9000) }] });

    const client = await secure(8443, { servername: 'web.test' });
    client.socket.write('world');

    await expect.poll(() => client.text).toBe('hello world');
    client.socket.destroy();
    client.connection.destroy();
    await expect
      .poll(() => logLines(gateway).at(-1))
      .toMatch(/"- - -" 0 - - - "-" 5 11 .* outbound\|9000\|\|web\.shop\.svc\.cluster\.local .* web\.test -$/);
  });
});

describe.skipIf(!hasOpenssl)('a server of mode MUTUAL', () => {
  const mutual = (mode: string): void => {
    openServers({ number: 443, protocol: 'HTTPS', hosts: ['web.test'], tls: { mode, credentialName: 'mutual' } });
    route({ hosts: ['web.test'], http: [{ route: toWeb(80) }] });
  };
  const own = { servername: 'web.test', key: clientCertificate.keyPem, cert: clientCertificate.certificatePem };

  test('tells the program who its client is', async () => {
    mutual('MUTUAL');

    const answer = await ask(await secure(443, own), 'web.test');

    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    const { 'x-forwarded-client-cert': shown = '' } = JSON.parse(answer.slice(answer.indexOf('{'))) as Record<
      string,
      string
    >;
    expect(shown).toMatch(
      /^Hash=[0-9a-f]{64};Cert="-----BEGIN%20CERTIFICATE[^"]+";Subject="CN=ann\.test";URI=;DNS=ann\.test,By=spiffe:/,
    );
  });

  test('refuses who has no certificate, or one of somebody else', async () => {
    mutual('MUTUAL');
    const { keyPem, certificatePem } = certificates.other;

    expect(
      await secure(443, { servername: 'web.test' }).then(
        (client) => ask(client, 'web.test'),
        () => '',
      ),
    ).toBe('');
    expect(
      await secure(443, { ...own, key: keyPem, cert: certificatePem }).then(
        (client) => ask(client, 'web.test'),
        () => '',
      ),
    ).toBe('');
  });

  test('that is optional lets who has none in, and says nothing of it', async () => {
    mutual('OPTIONAL_MUTUAL');

    const answer = await ask(await secure(443, { servername: 'web.test' }), 'web.test');

    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer).toMatch(/"x-forwarded-client-cert":"By=spiffe:/);
  });
});

describe.skipIf(!hasOpenssl)('a server of mode PASSTHROUGH', () => {
  test('passes TLS on by the name in it, with the server and its certificate untouched', async () => {
    openServers({ number: 443, protocol: 'TLS', hosts: ['secure.test'], tls: { mode: 'PASSTHROUGH' } });
    route({ hosts: ['secure.test'], tls: [{ match: [{ port: 443, sniHosts: ['secure.test'] }], route: toWeb(443) }] });

    const client = await secure(443, { servername: 'secure.test' });

    expect(subjectOf(client)).toBe('CN=secure.test');
    expect(await ask(client, 'secure.test')).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    await expect
      .poll(() => logLines(gateway).at(-1))
      .toMatch(/ outbound\|443\|\|web\.shop\.svc\.cluster\.local .* secure\.test -$/);
    await expect(secure(443, { servername: 'other.test' })).rejects.toThrow();
  });
});

describe.skipIf(!hasOpenssl)('a server of protocol TCP', () => {
  test('passes bytes on, and closes where no route leads', async () => {
    openServers({ number: 9000, protocol: 'TCP', hosts: ['*'] });
    const lost = await RawClient.open(cluster, outside, HOST, 9000);
    await expect.poll(() => lost.error ?? lost.isEnded).toBe('ECONNRESET');

    route({ hosts: ['*'], tcp: [{ route: toWeb(9000) }] });
    const client = await RawClient.open(cluster, outside, HOST, 9000);
    client.send('there');

    await expect.poll(() => client.text).toBe('hello there');
  });
});
