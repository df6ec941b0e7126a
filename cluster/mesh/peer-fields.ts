import type { AccessLogEntry } from './access-log.ts';
import type { HttpHeaders } from './http-headers.ts';
import type { Peer } from './mutual-tls.ts';

/** What telemetry is told of a client: a proxy names itself over mutual TLS and in the headers of every request. */
export function peerFields(headers: HttpHeaders, peer: Peer | null): Partial<AccessLogEntry> {
  return {
    peerUri: peer?.uri ?? null,
    peerKnown: peer !== null || headers.has('x-envoy-attempt-count'),
    grpc: isGrpc(headers),
  };
}

export function isGrpc(headers: HttpHeaders): boolean {
  return headers.get('content-type')?.startsWith('application/grpc') === true;
}
