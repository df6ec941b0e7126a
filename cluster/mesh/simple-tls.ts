import type { Duplex } from 'node:stream';
import { connect, rootCertificates, type TLSSocket } from 'node:tls';
import { handshake } from './mutual-tls.ts';

/**
 * One-way TLS of a DestinationRule's mode SIMPLE. Envoy's clients stop at TLS 1.2 unless told otherwise, which decides
 * when a server's wish for a certificate is heard: in the handshake.
 * @param verify against the public roots of the proxy's image; no server of this cluster has a certificate from those
 */
export async function connectSimple(
  stream: Duplex,
  options: { serverName: string; verify: boolean },
): Promise<TLSSocket> {
  const socket = connect({
    socket: stream as never,
    servername: options.serverName,
    maxVersion: 'TLSv1.2',
    ca: [...rootCertificates],
    rejectUnauthorized: options.verify,
  });
  await handshake(socket, 'secureConnect', stream);
  return socket;
}
