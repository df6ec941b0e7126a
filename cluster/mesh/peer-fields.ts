import type { IncomingMessage } from 'node:http';
import type { AccessLogEntry } from './access-log.ts';
import type { Peer } from './mutual-tls.ts';

/** What telemetry is told of a client: a proxy names itself over mutual TLS and in the headers of every request. */
export function peerFields(request: IncomingMessage, peer: Peer | null): Partial<AccessLogEntry> {
  return {
    peerUri: peer?.uri ?? null,
    peerKnown: peer !== null || request.headers['x-envoy-attempt-count'] !== undefined,
    grpc: isGrpc(request),
  };
}

export function isGrpc({ headers }: IncomingMessage): boolean {
  return headers['content-type']?.startsWith('application/grpc') === true;
}
