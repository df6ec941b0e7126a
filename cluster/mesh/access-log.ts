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

/** Istio 1.27, pilot/pkg/model/telemetry_logging.go, EnvoyTextLogFormat. */
export function accessLogLine(entry: AccessLogEntry): string {
  const { transportFailure, forwardedFor, userAgent, requestId, authority, upstreamHost } = entry;
  return (
    `[${timeText(entry.startTime)}] ` +
    `"${entry.method ?? '-'} ${entry.path ?? '-'} ${entry.protocol ?? '-'}" ` +
    `${entry.status} ${entry.flags ?? '-'} ${entry.details ?? '-'} - "${transportFailure ?? '-'}" ` +
    `${entry.bytesReceived} ${entry.bytesSent} ${entry.durationMs} ${entry.upstreamMs ?? '-'} ` +
    `"${forwardedFor ?? '-'}" "${userAgent ?? '-'}" "${requestId ?? '-'}" "${authority ?? '-'}" ` +
    `"${upstreamHost ?? '-'}" ${entry.upstreamCluster ?? '-'} ${entry.upstreamLocal ?? '-'} ` +
    `${entry.downstreamLocal} ${entry.downstreamRemote} ${entry.serverName ?? '-'} ${entry.route ?? '-'}`
  );
}

/** The last second's text: many entries fall into one. */
let lastSecond = { second: Number.NaN, text: '' };

function timeText(time: number): string {
  const second = Math.floor(time / 1000);
  if (second !== lastSecond.second) lastSecond = { second, text: new Date(second * 1000).toISOString().slice(0, 20) };
  return `${lastSecond.text}${String(Math.floor(time) - second * 1000).padStart(3, '0')}Z`;
}
