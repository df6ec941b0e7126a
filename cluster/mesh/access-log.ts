import type { Endpoint } from '../network/connection.ts';

/**
 * What a line tells, release by release: nothing beyond Envoy's own (1.0), Mixer's status and the name asked for in TLS
 * (1.1), the transport's failure and the route (1.3 to 1.7), and the details of a response.
 */
export type AccessLogFormat = 'bare' | 'mixer' | 'route' | 'details';

/** One request or connection, as Envoy's default format needs it; what is missing prints as `-`. */
export interface AccessLogEntry {
  startTime: number;
  method?: string;
  path?: string;
  protocol?: string;
  status: number;
  /** As `UF`, `NR filter_chain_not_found`: flags and details. */
  flags?: string;
  details?: string;
  /** Why a connection was ended, where no request was. */
  termination?: string;
  transportFailure?: string;
  bytesReceived: number;
  bytesSent: number;
  durationMs: number;
  upstreamMs?: number;
  forwardedFor?: string;
  userAgent?: string;
  requestId?: string;
  authority?: string;
  upstreamHost?: string;
  upstreamCluster?: string;
  upstreamLocal?: string;
  downstreamLocal: string;
  downstreamRemote: string;
  serverName?: string | null;
  route?: string;
  /** SPIFFE URI of the other side's certificate, where there was mutual TLS. Not in the line; telemetry names it. */
  peerUri?: string | null;
  /** Whether the client's proxy said who it is, as it does over mutual TLS and in every HTTP request. Not in the line. */
  peerKnown?: boolean;
  /** Whether it is gRPC. Not in the line. */
  grpc?: boolean;
}

/** `10.244.0.7:80` */
export function addressOf({ ip, port }: Endpoint): string {
  return `${ip}:${port}`;
}

/**
 * Flags of one request, in the order in which they were raised; `-` raises none. Before Envoy 1.29 they stood in an order
 * of their own: what failed before that it was repeated in vain.
 */
export function joinFlags(...raised: readonly string[]): string {
  return raised.filter((flag) => flag !== '-').join(',') || '-';
}

/** Today's format: pilot/pkg/model/telemetry_logging.go, EnvoyTextLogFormat. Earlier ones: pilot/pkg/networking/core. */
export function accessLogLine(entry: AccessLogEntry, format: AccessLogFormat = 'details'): string {
  const { forwardedFor, userAgent, requestId, authority, upstreamHost } = entry;
  return (
    `[${timeText(entry.startTime)}] ` +
    `"${entry.method ?? '-'} ${entry.path ?? '-'} ${entry.protocol ?? '-'}" ` +
    `${entry.status} ${outcome(entry, format)}` +
    `${entry.bytesReceived} ${entry.bytesSent} ${entry.durationMs} ${entry.upstreamMs ?? '-'} ` +
    `"${forwardedFor ?? '-'}" "${userAgent ?? '-'}" "${requestId ?? '-'}" "${authority ?? '-'}" ` +
    `"${upstreamHost ?? '-'}" ${entry.upstreamCluster ?? '-'} ${entry.upstreamLocal ?? '-'} ` +
    `${entry.downstreamLocal} ${entry.downstreamRemote}${format === 'bare' ? '' : ` ${entry.serverName ?? '-'}`}` +
    (format === 'details' || format === 'route' ? ` ${entry.route ?? '-'}` : '')
  );
}

/** Flags, and what stands between them and the bytes. */
function outcome(
  { flags = '-', details = '-', termination = '-', transportFailure = '-' }: AccessLogEntry,
  format: AccessLogFormat,
): string {
  switch (format) {
    case 'bare':
      return `${flags} `;
    case 'mixer':
      // What Mixer had to say of it, which is nothing.
      return `${flags} "-" `;
    case 'route':
      return `${flags} "-" "${transportFailure}" `;
    case 'details':
      return `${flags} ${details} ${termination} "${transportFailure}" `;
  }
}

/** The last second's text: many entries fall into one. */
let lastSecond = { second: Number.NaN, text: '' };

function timeText(time: number): string {
  const second = Math.floor(time / 1000);
  if (second !== lastSecond.second) lastSecond = { second, text: new Date(second * 1000).toISOString().slice(0, 20) };
  return `${lastSecond.text}${String(Math.floor(time) - second * 1000).padStart(3, '0')}Z`;
}
