import { type IncomingMessage } from 'node:http';
import { type Duplex } from 'node:stream';
import { ApiError } from '../objects/api-error.ts';

/** Whether the client wants to go on in SPDY/3.1. */
export function asksForSpdy({ headers }: IncomingMessage): boolean {
  return words(headers.upgrade).includes('SPDY/3.1');
}

/**
 * The protocol that streams of a SPDY connection will carry.
 * Kubernetes 1.32, k8s.io/apimachinery/pkg/util/httpstream/httpstream.go, Handshake.
 * @throws ApiError 403 when the client offers none that is `accepted`
 */
export function negotiate({ headers }: IncomingMessage, accepted: readonly string[]): string {
  const offered = words(headers['x-stream-protocol-version']);
  const protocol = accepted.find((one) => offered.includes(one));
  if (protocol !== undefined) return protocol;
  throw new ApiError(
    403,
    'Forbidden',
    `unable to upgrade: unable to negotiate protocol: client supports [${offered.join(' ')}], server accepts [${accepted.join(' ')}]`,
  );
}

/** Turns the connection over to SPDY. */
export function switchToSpdy(socket: Duplex, protocol: string): void {
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${protocol}\r\n\r\n`,
  );
}

// Node joins repeated headers with a comma and a space.
function words(header: string | readonly string[] | undefined): string[] {
  return [header ?? []]
    .flat()
    .join(',')
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean);
}
