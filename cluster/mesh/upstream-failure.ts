import type { FailureTexts } from './era.ts';
import { Overflow } from './cluster-resources.ts';
import { CONNECT_TIMEOUT } from './dialling.ts';
import { MalformedMessage } from './http-message.ts';

/** How Envoy names an upstream that did not answer: status, flags and body of its local reply. */
export interface UpstreamFailure {
  status: number;
  flags: string;
  details: string;
  /** For the access log; undefined when the transport itself did not fail. */
  transportFailure?: string;
  body: string;
}

/** Code of an error: the certificate that a rule names is not there. */
export const SECRET_MISSING = 'ERR_SECRET_MISSING';

const PREFIX = 'upstream connect error or disconnect/reset before headers';

/**
 * Envoy, source/common/router/router.cc and utility.cc (resetReasonToString), in the words of one release.
 * @param connected whether the connection stood before it failed
 * @param retries whether the route retries failed connections, as every sidecar's outbound route does
 */
export function upstreamFailure(
  error: Error & { code?: string; detail?: string },
  { connected, retries, texts }: { connected: boolean; retries: boolean; texts: FailureTexts },
): UpstreamFailure {
  if (error instanceof Overflow) {
    return {
      status: 503,
      flags: 'UO',
      details: 'upstream_reset_before_response_started{overflow}',
      body: body(texts, false, 'overflow'),
    };
  }
  if (error.code === CONNECT_TIMEOUT) {
    return {
      status: 503,
      flags: 'UF',
      details: `upstream_reset_before_response_started{connection_${texts === 'current' ? 'timeout' : 'failure'}}`,
      body: body(texts, retries, texts === 'current' ? 'connection timeout' : 'connection failure'),
    };
  }
  const tls = connected ? null : tlsFailure(error, texts);
  if (!connected) {
    return connectionFailure(
      texts,
      retries,
      tls,
      error.code === 'ETIMEDOUT' ? 'Connection timed out' : 'Connection refused',
    );
  }
  if (error instanceof MalformedMessage) {
    return {
      // Flag and status of their own came after Envoy 1.14.
      status: texts === 'current' ? 502 : 503,
      flags: texts === 'current' ? 'UPE' : 'UC',
      details: 'upstream_reset_before_response_started{protocol_error}',
      body: body(texts, false, texts === 'current' ? 'protocol error' : 'connection termination'),
    };
  }
  return {
    status: 503,
    flags: 'UC',
    details: 'upstream_reset_before_response_started{connection_termination}',
    body: body(texts, retries, 'connection termination'),
  };
}

function body(texts: FailureTexts, retries: boolean, reason: string): string {
  if (texts === 'plain') return PREFIX;
  const introduction = texts === 'current' && retries ? 'retried and the latest reset reason' : 'reset reason';
  return `${PREFIX}. ${introduction}: ${reason}`;
}

function connectionFailure(
  texts: FailureTexts,
  retries: boolean,
  tls: TlsFailure | null,
  system: string,
): UpstreamFailure {
  if (texts === 'current') {
    const transportFailure =
      tls === null
        ? `delayed connect error: ${system}`
        : 'text' in tls
          ? tls.text
          : `TLS_error:|${tls.number}:${tls.reason}:TLS_error_end`;
    const inLog = transportFailure.replaceAll(' ', '_');
    return {
      status: 503,
      flags: 'UF',
      details: `upstream_reset_before_response_started{remote_connection_failure|${inLog}}`,
      transportFailure: inLog,
      body: body(texts, retries, `remote connection failure, transport failure reason: ${transportFailure}`),
    };
  }
  // A connection that just ends leaves BoringSSL without an error of its own.
  const transportFailure =
    tls === null || ('reason' in tls && tls.number === PEER_RESET)
      ? undefined
      : 'text' in tls
        ? tls.text
        : `TLS error: ${tls.number}:${tls.reason}`;
  const inBody = texts === 'transport-reason' && transportFailure !== undefined;
  return {
    status: 503,
    flags: 'UF',
    details: 'upstream_reset_before_response_started{connection_failure}',
    ...(transportFailure === undefined ? {} : { transportFailure }),
    body: body(texts, retries, `connection failure${inBody ? `, transport failure reason: ${transportFailure}` : ''}`),
  };
}

/** An error of BoringSSL, or a text of Envoy's own. */
type TlsFailure = { number: number; reason: string } | { text: string };

const PEER_RESET = 33_554_536;

/** What BoringSSL says where node's OpenSSL says `code`; null for what is no failure of TLS. */
function tlsFailure(
  { code = '', detail }: Error & { code?: string; detail?: string },
  texts: FailureTexts,
): TlsFailure | null {
  if (code === SECRET_MISSING) return { text: 'TLS error: Secret is not supplied by SDS' };
  // The connection stood, or there would be another code: the peer ended it in the handshake.
  if (code === 'ECONNRESET' || code === 'EPIPE') {
    return { number: PEER_RESET, reason: 'system library:OPENSSL_internal:Connection reset by peer' };
  }
  if (code === 'ERR_TLS_CERT_REJECTED' || code.includes('CERT') || code.includes('UNABLE_TO')) {
    // Envoy tells why since 1.33.
    const why = texts === 'current' && detail !== undefined ? `:verify cert failed: ${detail}` : '';
    return { number: 268_435_581, reason: `SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED${why}` };
  }
  if (code.includes('HANDSHAKE_FAILURE')) {
    return { number: 268_436_496, reason: 'SSL routines:OPENSSL_internal:SSLV3_ALERT_HANDSHAKE_FAILURE' };
  }
  const isTls = code === 'EPROTO' || code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_');
  return isTls ? { number: 268_435_703, reason: 'SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER' } : null;
}
