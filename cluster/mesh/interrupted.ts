import { reasonPhrase } from './reason-phrase.ts';
import type { Connection } from '../network/connection.ts';
import type { AccessLogEntry } from './access-log.ts';
import type { Abandoned } from './http-front.ts';
import type { MalformedMessage } from './http-message.ts';

/** What the log says of a request whose client did not wait for its answer, or sent what is no HTTP in its body. */
export function abandonedFields(why: Abandoned): { status: number; flags: string; details: string } {
  return why === 'disconnected'
    ? { status: 0, flags: 'DC', details: 'downstream_remote_disconnect' }
    : { status: 400, flags: 'DPE', details: 'http1.codec_error' };
}

/** What the log says of an answer that had begun. */
export function cutFields(cut: 'upstream' | 'client' | null): Partial<AccessLogEntry> {
  if (cut === null) return { details: 'via_upstream' };
  return cut === 'client'
    ? { flags: 'DC', details: 'downstream_remote_disconnect' }
    : { flags: 'UC', details: 'upstream_reset_after_response_started{connection_termination}' };
}

/** Envoy's answer to what was no request: 426 says all by itself. */
export function malformedBody(status: number): string {
  return status === 426 ? '' : reasonPhrase(status);
}

/** The log's line of what was no request. Envoy takes it for HTTP/1.1 with nothing else known. */
export function malformedFields(
  { status, details }: MalformedMessage,
  connection: Connection,
  now: number,
): AccessLogEntry {
  return {
    startTime: now,
    protocol: 'HTTP/1.1',
    status,
    flags: 'DPE',
    details,
    bytesReceived: 0,
    bytesSent: malformedBody(status).length,
    durationMs: 0,
    downstreamLocal: `${connection.local.ip}:${connection.local.port}`,
    downstreamRemote: `${connection.remote.ip}:${connection.remote.port}`,
  };
}
