/** TLS that a gateway ends itself, with certificates of Secrets beside it (credentialName), as istiod hands them out. */
import { createServer, type TLSSocket } from 'node:tls';
import type { Connection } from '../network/connection.ts';
import type { KubernetesObject, ObjectReader } from '../objects/object.ts';
import type { GatewayServer } from './gateway.ts';

interface Credential {
  cert: string;
  key: string;
  /** Of clients; undefined where none is given. */
  ca: string | undefined;
}

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
  const credential = readCredential(secrets, tls?.credentialName ?? '');
  const mode = tls?.mode ?? 'SIMPLE';
  const asks = ASKS_CLIENTS.includes(mode);
  if (credential === null || (asks && credential.ca === undefined)) return null;
  const { cert, key, ca } = credential;
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

/** `tls.crt`, `tls.key` and `ca.crt`, or the generic `cert`, `key` and `cacert`; clients' CA also in `NAME-cacert`. */
function readCredential(
  { objects, namespace }: { objects: ObjectReader; namespace: string | undefined },
  name: string,
): Credential | null {
  const [own, ofClients] = [name, `${name}-cacert`].map(
    (each) =>
      objects.get('secrets', namespace, each) as (KubernetesObject & { data?: Record<string, string> }) | undefined,
  );
  const read = (secret: typeof own, ...keys: string[]): string | undefined => {
    const value = keys.map((key) => secret?.data?.[key]).find((data) => data !== undefined);
    return value === undefined ? undefined : Buffer.from(value, 'base64').toString();
  };
  const [cert, key] = [read(own, 'tls.crt', 'cert'), read(own, 'tls.key', 'key')];
  if (cert === undefined || key === undefined) return null;
  return { cert, key, ca: read(own, 'ca.crt', 'cacert') ?? read(ofClients, 'ca.crt', 'cacert') };
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
