/** TLS that a gateway ends itself, with certificates of Secrets beside it (credentialName), as istiod hands them out. */
import { createServer, type TLSSocket } from 'node:tls';
import type { Connection } from '../network/connection.ts';
import type { ObjectReader } from '../objects/object.ts';
import { readCredential } from './credential.ts';
import type { GatewayServer } from './gateway.ts';

/** Modes whose clients must, or may, show a certificate. */
const ASKS_CLIENTS = ['MUTUAL', 'OPTIONAL_MUTUAL'];

/**
 * Takes the server's side of a handshake.
 * @returns null where the Secret is not there or lacks what the mode needs: Envoy then has no filter chain for it
 * @throws Error of the handshake
 */
export async function endTls(
  connection: Connection,
  { tls }: GatewayServer,
  secrets: { objects: ObjectReader; namespace: string | undefined },
): Promise<TLSSocket | null> {
  const { cert, key, ca } = readCredential(secrets, tls?.credentialName ?? '');
  const mode = tls?.mode ?? 'SIMPLE';
  const asks = ASKS_CLIENTS.includes(mode);
  if (cert === undefined || key === undefined || (asks && ca === undefined)) return null;
  // A server for one connection: it looks at what the client showed, which a socket alone does not.
  const server = createServer({
    cert,
    key,
    ...(asks ? { ca } : {}),
    ALPNProtocols: ['http/1.1'],
    requestCert: asks,
    rejectUnauthorized: mode === 'MUTUAL',
  });
  return new Promise((resolve, reject) => {
    server.once('secureConnection', (socket) => {
      socket.on('error', () => {}); // who uses it hears of its end
      socket.once('close', () => connection.destroy());
      resolve(socket);
    });
    server.once('tlsClientError', reject);
    server.emit('connection', connection);
  });
}

/** What a gateway tells of a client's certificate (Envoy's SANITIZE_SET): nothing where it showed none. */
export function clientCertificateHeader(socket: TLSSocket): string | null {
  const certificate = socket.authorized ? socket.getPeerX509Certificate() : undefined;
  if (certificate === undefined) return null;
  const hash = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
  const subject = certificate.subject?.split('\n').toReversed().join(',') ?? '';
  const names = (certificate.subjectAltName ?? '').split(', ');
  const uri = names.find((name) => name.startsWith('URI:'))?.slice('URI:'.length) ?? '';
  const hosts = names.flatMap((name) => (name.startsWith('DNS:') ? [`;DNS=${name.slice('DNS:'.length)}`] : []));
  const pem = encodeURIComponent(certificate.toString());
  return `Hash=${hash};Cert="${pem}";Subject="${subject}";URI=${uri}${hosts.join('')}`;
}
