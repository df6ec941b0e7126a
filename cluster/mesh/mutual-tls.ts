import type { X509Certificate } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { connect, createSecureContext, TLSSocket, type SecureContext } from 'node:tls';
import type { Clock } from '../clock.ts';
import { Connection } from '../network/connection.ts';
import { isDueForRenewal, type Authority } from './authority.ts';
import type { Identity } from './certificate.ts';

/** What sidecars offer each other, so that a server tells mesh traffic from other TLS (pilot/pkg/networking/util). */
export const MESH_ALPN = {
  http: ['istio-http/1.1', 'istio', 'http/1.1'],
  http2: ['istio-h2', 'istio', 'h2'],
  tcp: ['istio-peer-exchange', 'istio'],
};

export function isMeshProtocol(protocol: string): boolean {
  return protocol.startsWith('istio');
}

export interface Peer {
  /** SPIFFE URI. */
  uri: string;
  /** SHA-256 of the certificate, lower-case hexadecimal. */
  hash: string;
}

interface KnownCertificate extends Peer {
  /** Milliseconds since 1970. */
  notBefore: number;
  notAfter: number;
}

interface WorkloadTls {
  identity: Identity;
  server: SecureContext;
  client: SecureContext;
}

/** More than a mesh has workloads; all are forgotten beyond it. */
const MAX_KNOWN_CERTIFICATES = 1000;

const UNKNOWN = 'unable to get local issuer certificate';
const EXPIRED = 'certificate has expired';
export const VERIFICATION = 'X509_verify_cert: certificate verification error at depth';

/** The peer's certificate is none of this mesh, or not whom we wanted. */
export class PeerRejected extends Error {
  override name = 'PeerRejected';
  readonly code = 'ERR_TLS_CERT_REJECTED';
  /** Whether it is of this mesh, and somebody else's. */
  readonly isOther: boolean;
  /** Envoy's words for it. */
  readonly detail: string;
  constructor(
    message: string,
    isOther: boolean,
    detail = isOther ? 'verify SAN list' : `${VERIFICATION} 0: ${UNKNOWN}`,
  ) {
    super(message);
    this.isOther = isOther;
    this.detail = detail;
  }
}

/** The peer closed or reset the connection before the handshake was done. */
export class HandshakeClosed extends Error {
  override name = 'HandshakeClosed';
  readonly code = 'ECONNRESET';
}

/** One workload's side of mutual TLS, with its certificate renewed as the clock says. */
export class MutualTls {
  readonly #authority: Authority;
  readonly #clock: Clock;
  readonly #maxVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly #namespace: string;
  readonly #serviceAccount: string;
  #current: WorkloadTls | null = null;
  /** Peers' certificates that the root has signed, by fingerprint. */
  readonly #known = new Map<string, KnownCertificate>();

  constructor(
    authority: Authority,
    clock: Clock,
    workload: { namespace: string; serviceAccount: string },
    /** Highest version that it speaks, as a client and as a server. */
    maxVersion: 'TLSv1.2' | 'TLSv1.3' = 'TLSv1.3',
  ) {
    this.#authority = authority;
    this.#clock = clock;
    this.#maxVersion = maxVersion;
    this.#namespace = workload.namespace;
    this.#serviceAccount = workload.serviceAccount;
  }

  get identity(): Identity {
    return this.#state().identity;
  }

  /** Takes the server's side of a handshake. @throws Error when it fails or the client is not of the mesh */
  async accept(stream: Duplex): Promise<{ socket: TLSSocket; peer: Peer }> {
    const socket = new TLSSocket(stream as never, {
      isServer: true,
      secureContext: this.#state().server,
      // A client without a certificate is refused in the handshake itself; whose it is, is looked at below.
      requestCert: true,
      rejectUnauthorized: true,
      ALPNProtocols: ['istio-http/1.1', 'istio-http/1.0', 'istio-h2', 'istio-peer-exchange', 'istio', 'h2', 'http/1.1'],
    });
    await handshake(socket, 'secure', stream);
    const peer = this.#verify(socket, null);
    // The server is the last to be done: what comes now are requests and answers.
    if (stream instanceof Connection) stream.hurry();
    return { socket, peer };
  }

  /** Takes the client's side. `expectedUris`: whose certificate the server must show; null for anybody's of the mesh. */
  async connect(
    stream: Duplex,
    options: { serverName: string; alpn: string[]; expectedUris: readonly string[] | null },
  ): Promise<{ socket: TLSSocket; peer: Peer }> {
    const socket = connect({
      socket: stream as never,
      secureContext: this.#state().client,
      servername: options.serverName,
      ALPNProtocols: options.alpn,
      // Verified below: against the mesh's root and the mesh's clock, not the machine's.
      rejectUnauthorized: false,
    });
    await handshake(socket, 'secureConnect', stream);
    return { socket, peer: this.#verify(socket, options.expectedUris) };
  }

  #verify(socket: TLSSocket, expectedUris: readonly string[] | null): Peer {
    const certificate = socket.getPeerX509Certificate();
    const known = certificate === undefined ? 'no certificate' : this.#read(certificate);
    const problem = typeof known === 'string' ? known : this.#problemWith(known);
    if (typeof known === 'string' || problem !== null || (expectedUris !== null && !expectedUris.includes(known.uri))) {
      socket.destroy();
      throw new PeerRejected(
        problem ?? `certificate is for ${(known as KnownCertificate).uri}, not for ${expectedUris?.join(' or ') ?? ''}`,
        problem === null,
        problem === EXPIRED ? `${VERIFICATION} 0: ${EXPIRED}` : undefined,
      );
    }
    return known;
  }

  /** Signatures do not change: each is verified once. */
  #read(certificate: X509Certificate): KnownCertificate | string {
    const { fingerprint256 } = certificate;
    let known = this.#known.get(fingerprint256);
    if (known === undefined) {
      if (!certificate.verify(this.#authority.root().publicKey))
        return 'certificate is not signed by the root of the mesh';
      known = {
        uri: spiffeNameOf(certificate),
        hash: fingerprint256.replaceAll(':', '').toLowerCase(),
        notBefore: Date.parse(certificate.validFrom),
        notAfter: Date.parse(certificate.validTo),
      };
      if (this.#known.size >= MAX_KNOWN_CERTIFICATES) this.#known.clear();
      this.#known.set(fingerprint256, known);
    }
    return known;
  }

  #problemWith({ notBefore, notAfter }: KnownCertificate): string | null {
    const now = this.#clock.now();
    return now < notBefore || now > notAfter ? EXPIRED : null;
  }

  #state(): WorkloadTls {
    if (this.#current === null || isDueForRenewal(this.#current.identity, this.#clock.now())) {
      const identity = this.#authority.issue(this.#namespace, this.#serviceAccount);
      const contextOf = (roots: string[]): SecureContext =>
        createSecureContext({
          key: identity.keyPem,
          cert: identity.certificatePem,
          ca: roots,
          minVersion: 'TLSv1.2',
          maxVersion: this.#maxVersion,
        });
      this.#current = {
        identity,
        // A server names the root whose certificates it asks for.
        server: contextOf([this.#authority.root().certificatePem]),
        // A client verifies the server's afterwards, as a server does a client's, and each only once: no roots, so that
        // OpenSSL does not do the same with every handshake.
        client: contextOf([]),
      };
    }
    return this.#current;
  }
}

/** Resolves when a handshake is done. @throws Error of the handshake; HandshakeClosed when the peer just went away */
export function handshake(socket: TLSSocket, event: 'secure' | 'secureConnect', stream: Duplex): Promise<void> {
  return new Promise((resolve, reject) => {
    let failure: Error | null = null;
    // Kept for the socket's life: an error after the handshake must not end the process.
    socket.on('error', (error) => {
      failure ??= error;
    });
    socket.on('_tlsError', (error: Error) => {
      failure ??= error;
    });
    stream.on('error', (error) => {
      failure ??= error;
      socket.destroy();
    });
    const onClose = (): void => {
      stream.destroy();
      reject(failure ?? new HandshakeClosed('connection closed during the handshake'));
    };
    socket.once('close', onClose);
    socket.once(event, () => {
      socket.off('close', onClose);
      // The connection below goes with the socket, whichever way that ends.
      socket.once('close', () => stream.destroy());
      resolve();
    });
  });
}

function spiffeNameOf(certificate: X509Certificate): string {
  return /URI:(spiffe:[^,\s]+)/.exec(certificate.subjectAltName ?? '')?.[1] ?? '';
}
