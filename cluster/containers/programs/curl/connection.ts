import type { Duplex } from 'node:stream';
import { checkServerIdentity, connect as connectTls, type TLSSocket } from 'node:tls';
import type { Connection } from '../../../network/connection.ts';
import { NetworkError } from '../../../network/connection.ts';
import type { Process } from '../../process/process.ts';
import { readFile } from '../tool.ts';
import { FileError } from '../../files/file-system.ts';
import { tlsErrorText, type CurlBuild } from './build.ts';
import { CurlError } from './errors.ts';
import type { CurlOptions } from './options.ts';
import type { CurlUrl } from './url.ts';

/** An open connection, for as many requests as the server keeps it open for. */
export interface CurlConnection {
  id: number;
  key: string;
  stream: Duplex;
  remote: { ip: string; port: number };
  local: { ip: string; port: number };
  /** Milliseconds since the transfer's start. */
  times: { lookup: number; connect: number; tls: number };
  verifyResult: number;
  build: CurlBuild;
  /** Bytes that were read beyond the last response. */
  rest: Buffer;
}

export interface ConnectContext {
  process: Process;
  options: CurlOptions;
  startedAt: number;
  /** A line of `-v`. */
  note(text: string): Promise<void>;
  /** Ends a wait at the limits of time. */
  limit<T>(wait: Promise<T>, phase: 'connect' | 'transfer'): Promise<T>;
}

export function connectionKey(url: CurlUrl): string {
  return `${url.scheme}://${url.host}:${url.port}`;
}

/** Resolves, connects and, for https, does the handshake. @throws CurlError 6, 7, 28, 35, 60 */
export async function openConnection(context: ConnectContext, url: CurlUrl, id: number): Promise<CurlConnection> {
  const { process, note } = context;
  const { clock, network } = process.container;
  const elapsed = (): number => clock.now() - context.startedAt;
  const { host, port } = redirected(context.options.connectTo, url);
  const addresses = resolve(context, host, port);
  if (addresses === null || addresses.length === 0) throw new CurlError(6, `Could not resolve host: ${host}`);
  const lookup = elapsed();
  const abort = new AbortController();
  let connection: Connection | null = null;
  let ip = '';
  for (const address of addresses) {
    ip = address;
    await note(`  Trying ${address.includes(':') ? `[${address}]` : address}:${port}...`);
    try {
      const attempt = network.connect({ ip: address, port }, { uid: process.uid, signal: abort.signal });
      connection = await context.limit(attempt, 'connect');
      break;
    } catch (error) {
      if (!(error instanceof NetworkError)) {
        abort.abort();
        throw error;
      }
      const reason = error.code === 'ETIMEDOUT' ? 'Connection timed out' : 'Connection refused';
      await note(`connect to ${address} port ${port} failed: ${reason}`);
    }
  }
  if (connection === null) {
    const text = `Failed to connect to ${host} port ${port} after ${Math.round(elapsed())} ms: Couldn't connect to server`;
    throw new CurlError(7, text);
  }
  await note(`Connected to ${url.host} (${ip}) port ${port} (#${id})`);
  const result: CurlConnection = {
    id,
    key: connectionKey(url),
    stream: connection,
    remote: { ip, port },
    local: { ip: connection.local.ip, port: connection.local.port },
    times: { lookup, connect: elapsed(), tls: 0 },
    verifyResult: 0,
    build: context.options.build,
    rest: Buffer.alloc(0),
  };
  if (url.scheme === 'https') {
    const socket = await handshake(context, url, connection, result);
    result.stream = socket;
    result.times.tls = elapsed();
  }
  return result;
}

/** `--resolve HOST:PORT:ADDRESS`, literal addresses, the pod's hosts file and DNS. */
function resolve({ process, options }: ConnectContext, host: string, port: number): string[] | null {
  for (const entry of options.resolve) {
    const [entryHost = '', entryPort = '', ...address] = entry.replace(/^\+/, '').split(':');
    if ((entryHost === host || entryHost === '*') && entryPort === String(port)) return address.join(':').split(',');
  }
  return resolveHost(process, host);
}

/** Addresses of a name in a container: literal, from /etc/hosts, or from DNS; null when there is none. */
export function resolveHost(process: Process, host: string): string[] | null {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(host) || host.includes(':')) return [host];
  const { files, network } = process.container;
  const hosts = files.exists('/etc/hosts') ? Buffer.from(files.read('/etc/hosts')).toString('utf8') : '';
  for (const line of hosts.split('\n')) {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (address !== undefined && !address.includes(':') && names.includes(host)) return [address];
  }
  return network.resolve(host)?.addresses ?? null;
}

function redirected(connectTo: readonly string[], url: CurlUrl): { host: string; port: number } {
  for (const entry of connectTo) {
    const [host = '', port = '', toHost = '', toPort = ''] = entry.split(':');
    if ((host === '' || host === url.host) && (port === '' || port === String(url.port))) {
      return { host: toHost || url.host, port: Number(toPort || url.port) };
    }
  }
  return { host: url.host, port: url.port };
}

async function handshake(
  context: ConnectContext,
  url: CurlUrl,
  connection: Connection,
  result: CurlConnection,
): Promise<TLSSocket> {
  const { options, note, process } = context;
  await note('ALPN: offers h2,http/1.1');
  const caPath = options.caFile ?? '/etc/ssl/certs/ca-certificates.crt';
  const ca = options.insecure ? undefined : readOptional(process, caPath, options.caFile !== null);
  const socket = connectTls({
    socket: connection as never,
    // No name for an address (RFC 6066, 3).
    ...(/^[\d.]+$/.test(url.host) ? {} : { servername: url.host }),
    ALPNProtocols: ['http/1.1'],
    maxVersion: options.build.maxVersion,
    rejectUnauthorized: false,
    // Asked below: node would take an address for the name of localhost.
    checkServerIdentity: () => undefined,
    // The machine's own roots are none of the container's business.
    ca: ca ?? [],
    ...(options.certificate === null ? {} : clientCertificate(process, options)),
  });
  socket.on('error', () => {});
  await context.limit(
    new Promise<void>((resolvePromise, reject) => {
      socket.once('secureConnect', resolvePromise);
      const fail = (error: Error & { code?: string }): void => reject(handshakeError(error, url, options.build));
      socket.once('error', fail);
      connection.once('error', fail);
      socket.once('close', () => reject(new CurlError(35, brokenHandshake(url, options.build))));
    }),
    'connect',
  );
  const problem = certificateProblem(socket, url);
  await note(`SSL connection using ${socket.getProtocol() ?? ''} / ${socket.getCipher().name}`);
  await note(
    socket.alpnProtocol
      ? `ALPN: server accepted ${String(socket.alpnProtocol)}`
      : 'ALPN: server did not agree on a protocol. Uses default.',
  );
  if (problem === null) return socket;
  result.verifyResult = problem.result;
  if (options.insecure) return socket;
  socket.destroy();
  throw new CurlError(60, problem.text);
}

function readOptional(process: Process, path: string, required: boolean): Buffer | undefined {
  try {
    return Buffer.from(readFile(process, path));
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    if (required)
      throw new CurlError(77, `error setting certificate verify locations:  CAfile: ${path} CApath: /etc/ssl/certs`);
    return undefined;
  }
}

function clientCertificate(process: Process, options: CurlOptions): { cert: Buffer; key: Buffer } {
  const path = options.certificate ?? '';
  try {
    return {
      cert: Buffer.from(readFile(process, path)),
      key: Buffer.from(readFile(process, options.key ?? path)),
    };
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new CurlError(
      58,
      `could not load PEM client certificate from ${path}, OpenSSL error error:80000002:system library::No such file or directory, (no key found, wrong pass phrase, or wrong file format?)`,
    );
  }
}

function handshakeError(error: Error & { code?: string }, url: CurlUrl, build: CurlBuild): CurlError {
  // node:tls gives a clean end before the handshake the same code as a reset.
  if (error.code === 'ECONNRESET' && !error.message.startsWith('Client network socket')) {
    const isGnu = build.tls.startsWith('GnuTLS');
    return new CurlError(
      35,
      isGnu ? 'gnutls_handshake() failed: Error in the pull function.' : 'Recv failure: Connection reset by peer',
    );
  }
  return new CurlError(35, tlsErrorText(error, build) ?? brokenHandshake(url, build));
}

function brokenHandshake({ host, port }: CurlUrl, build: CurlBuild): string {
  if (build.tls.startsWith('GnuTLS')) {
    return 'gnutls_handshake() failed: The TLS connection was non-properly terminated.';
  }
  return `OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to ${host}:${port} `;
}

const VERIFY_RESULTS: Readonly<Record<string, { result: number; reason: string }>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: { result: 18, reason: 'self-signed certificate' },
  SELF_SIGNED_CERT_IN_CHAIN: { result: 19, reason: 'self-signed certificate in certificate chain' },
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: { result: 20, reason: 'unable to get local issuer certificate' },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: { result: 20, reason: 'unable to get local issuer certificate' },
  CERT_HAS_EXPIRED: { result: 10, reason: 'certificate has expired' },
  CERT_NOT_YET_VALID: { result: 9, reason: 'certificate is not yet valid' },
};

function certificateProblem(socket: TLSSocket, url: CurlUrl): { result: number; text: string } | null {
  const code = (socket.authorizationError as unknown as string | null) ?? null;
  const known = code === null ? undefined : (VERIFY_RESULTS[code] ?? { result: 1, reason: code });
  if (known !== undefined) return { result: known.result, text: `SSL certificate problem: ${known.reason}` };
  if (checkServerIdentity(url.host, socket.getPeerCertificate()) === undefined) return null;
  return { result: 0, text: `SSL: no alternative certificate subject name matches target host name '${url.host}'` };
}
