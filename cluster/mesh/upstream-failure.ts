/** How Envoy names an upstream that did not answer: status, flags and body of its local reply. */
export interface UpstreamFailure {
  status: number;
  flags: string;
  details: string;
  /** For the access log; undefined when the transport itself did not fail. */
  transportFailure?: string;
  body: string;
}

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
  if (isTlsError(error)) {
    const transportFailure = 'TLS_error:|268435703:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER:TLS_error_end';
    return connectionFailure(reason, transportFailure);
  }
  if (!connected) {
    return connectionFailure(
      reason,
      `delayed connect error: ${error.code === 'ETIMEDOUT' ? 'Connection timed out' : 'Connection refused'}`,
    );
  }
  if (error.code?.startsWith('HPE_') === true) {
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
    body: `${PREFIX}reset reason: connection termination`,
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

function isTlsError(error: Error & { code?: string }): boolean {
  return (
    error.code === 'EPROTO' ||
    error.code?.startsWith('ERR_SSL_') === true ||
    error.code?.startsWith('ERR_TLS_') === true
  );
}
