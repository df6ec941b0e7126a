/**
 * Lines of an access log in somebody's own format: Envoy's command operators, as `%RESPONSE_CODE%` or
 * `%REQ(USER-AGENT)%` (Envoy, source/common/formatter). Known are those of Istio's own format; another one is `-` in text
 * and null in JSON, as is what an entry does not have.
 */
import type { AccessLogEntry } from './access-log.ts';

type Value = string | number | null;

const OPERATORS: Readonly<Record<string, (entry: AccessLogEntry) => Value | undefined>> = {
  START_TIME: ({ startTime }) => new Date(startTime).toISOString(),
  'REQ(:METHOD)': ({ method }) => method,
  'REQ(X-ENVOY-ORIGINAL-PATH?:PATH)': ({ path }) => path,
  'REQ(:PATH)': ({ path }) => path,
  PROTOCOL: ({ protocol }) => protocol,
  RESPONSE_CODE: ({ status }) => status,
  RESPONSE_FLAGS: ({ flags }) => flags,
  RESPONSE_CODE_DETAILS: ({ details }) => details,
  CONNECTION_TERMINATION_DETAILS: ({ termination }) => termination,
  UPSTREAM_TRANSPORT_FAILURE_REASON: ({ transportFailure }) => transportFailure,
  BYTES_RECEIVED: ({ bytesReceived }) => bytesReceived,
  BYTES_SENT: ({ bytesSent }) => bytesSent,
  DURATION: ({ durationMs }) => durationMs,
  'RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)': ({ upstreamMs }) => upstreamMs?.toString(),
  'REQ(X-FORWARDED-FOR)': ({ forwardedFor }) => forwardedFor,
  'REQ(USER-AGENT)': ({ userAgent }) => userAgent,
  'REQ(X-REQUEST-ID)': ({ requestId }) => requestId,
  'REQ(:AUTHORITY)': ({ authority }) => authority,
  UPSTREAM_HOST: ({ upstreamHost }) => upstreamHost,
  UPSTREAM_CLUSTER: ({ upstreamCluster }) => upstreamCluster,
  UPSTREAM_CLUSTER_RAW: ({ upstreamCluster }) => upstreamCluster,
  UPSTREAM_LOCAL_ADDRESS: ({ upstreamLocal }) => upstreamLocal,
  DOWNSTREAM_LOCAL_ADDRESS: ({ downstreamLocal }) => downstreamLocal,
  DOWNSTREAM_REMOTE_ADDRESS: ({ downstreamRemote }) => downstreamRemote,
  REQUESTED_SERVER_NAME: ({ serverName }) => serverName,
  ROUTE_NAME: ({ route }) => route,
};

const COMMAND = /%([A-Z_]+(?:\([^)%]*\))?)(?::\d+)?%/g;

function valueOf(command: string, entry: AccessLogEntry): Value {
  const value = OPERATORS[command]?.(entry);
  return value === undefined || value === '-' ? null : value;
}

/** A line of text, without the line's end. */
export function formatted(format: string, entry: AccessLogEntry): string {
  return format.replace(/\n$/, '').replaceAll(COMMAND, (_, command: string) => String(valueOf(command, entry) ?? '-'));
}

/** A line of JSON. A value that is one command alone keeps its type. */
export function formattedJson(fields: Readonly<Record<string, unknown>> | 'default', entry: AccessLogEntry): string {
  return JSON.stringify(resolve(fields === 'default' ? ISTIO_FIELDS : fields, entry));
}

function resolve(value: unknown, entry: AccessLogEntry): unknown {
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, resolve(each, entry)]));
  }
  if (typeof value !== 'string') return value;
  const alone = /^%([A-Z_]+(?:\([^)%]*\))?)(?::\d+)?%$/.exec(value)?.[1];
  return alone === undefined ? formatted(value, entry) : valueOf(alone, entry);
}

/** pilot/pkg/model/telemetry_logging.go, EnvoyJSONLogFormatIstio. */
const ISTIO_FIELDS: Readonly<Record<string, string>> = {
  start_time: '%START_TIME%',
  route_name: '%ROUTE_NAME%',
  method: '%REQ(:METHOD)%',
  path: '%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%',
  protocol: '%PROTOCOL%',
  response_code: '%RESPONSE_CODE%',
  response_flags: '%RESPONSE_FLAGS%',
  response_code_details: '%RESPONSE_CODE_DETAILS%',
  connection_termination_details: '%CONNECTION_TERMINATION_DETAILS%',
  bytes_received: '%BYTES_RECEIVED%',
  bytes_sent: '%BYTES_SENT%',
  duration: '%DURATION%',
  upstream_service_time: '%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%',
  x_forwarded_for: '%REQ(X-FORWARDED-FOR)%',
  user_agent: '%REQ(USER-AGENT)%',
  request_id: '%REQ(X-REQUEST-ID)%',
  authority: '%REQ(:AUTHORITY)%',
  upstream_host: '%UPSTREAM_HOST%',
  upstream_cluster: '%UPSTREAM_CLUSTER%',
  upstream_local_address: '%UPSTREAM_LOCAL_ADDRESS%',
  downstream_local_address: '%DOWNSTREAM_LOCAL_ADDRESS%',
  downstream_remote_address: '%DOWNSTREAM_REMOTE_ADDRESS%',
  requested_server_name: '%REQUESTED_SERVER_NAME%',
  upstream_transport_failure_reason: '%UPSTREAM_TRANSPORT_FAILURE_REASON%',
};
