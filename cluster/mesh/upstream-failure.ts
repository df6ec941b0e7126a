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

const PREFIX = 'upstream connect error or disconnect/reset before headers. ';

/**
 * Envoy of Istio 1.27, source/common/router/router.cc and utility.cc (resetReasonToString).
 * @param connected whether the connection stood before it failed
 * @param retries whether the route retries failed connections, as every sidecar's outbound route does
 */
export function upstreamFailure(
  error: Error & { code?: string },
  { connected, retries }: { connected: boolean; retries: boolean },
): UpstreamFailure {
  const reason = retries ? 'retried and the latest reset reason: ' : 'reset reason: ';
  const tls = connected ? null : tlsFailure(error);
  if (tls !== null) return connectionFailure(reason, tls);
  if (!connected) {
    return connectionFailure(
      reason,
      `delayed connect error: ${error.code === 'ETIMEDOUT' ? 'Connection timed out' : 'Connection refused'}`,
    );
  }
  if (error instanceof MalformedMessage) {
    return {
      status: 502,
      flags: 'UPE',
      details: 'upstream_reset_before_response_started{protocol_error}',
      body: `${PREFIX}reset reason: protocol error`,
    };
  }
  return {
    status: 503,
    flags: 'UC',
    details: 'upstream_reset_before_response_started{connection_termination}',
    body: `${PREFIX}${reason}connection termination`,
  };
}

function connectionFailure(reason: string, transportFailure: string): UpstreamFailure {
  return {
    status: 503,
    flags: 'UF',
    details: `upstream_reset_before_response_started{remote_connection_failure|${transportFailure.replaceAll(' ', '_')}}`,
    transportFailure,
    body: `${PREFIX}${reason}remote connection failure, transport failure reason: ${transportFailure}`,
  };
}

/** What BoringSSL says where node's OpenSSL says `code`; null for what is no failure of TLS. */
function tlsFailure({ code = '' }: Error & { code?: string }): string | null {
  if (code === SECRET_MISSING) return 'TLS error: Secret is not supplied by SDS';
  const error = (number: number, text: string): string => `TLS_error:|${number}:${text}:TLS_error_end`;
  // The connection stood, or there would be another code: the peer ended it in the handshake.
  if (code === 'ECONNRESET' || code === 'EPIPE') {
    return error(33_554_536, 'system library:OPENSSL_internal:Connection reset by peer');
  }
  if (code === 'ERR_TLS_CERT_REJECTED' || code.includes('CERT') || code.includes('UNABLE_TO')) {
    return error(268_435_581, 'SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED');
  }
  if (code.includes('HANDSHAKE_FAILURE')) {
    return error(268_436_496, 'SSL routines:OPENSSL_internal:SSLV3_ALERT_HANDSHAKE_FAILURE');
  }
  const isTls = code === 'EPROTO' || code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_');
  return isTls ? error(268_435_703, 'SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER') : null;
}
