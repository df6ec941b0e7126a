/** Which curl an image has. */
export interface CurlBuild {
  version: string;
  /** As `--version` says it; null in the releases that said none. */
  released: string | null;
  /** The TLS library and its release. */
  tls: string;
  /** The latest TLS that it speaks. */
  maxVersion: 'TLSv1.2' | 'TLSv1.3';
}

/** Debian 12. */
export const CURL_TODAY: CurlBuild = {
  version: '7.88.1',
  released: '2023-02-20',
  tls: 'OpenSSL/3.0.19',
  maxVersion: 'TLSv1.3',
};

/** Ubuntu 18.04. With Istio's proxies of its time a handshake without a certificate ended within TLS 1.2. */
export const CURL_BIONIC: CurlBuild = {
  version: '7.58.0',
  released: '2018-01-24',
  tls: 'OpenSSL/1.1.1',
  maxVersion: 'TLSv1.2',
};

/** Ubuntu 16.04. */
export const CURL_XENIAL: CurlBuild = {
  version: '7.47.0',
  released: null,
  tls: 'GnuTLS/3.4.10',
  maxVersion: 'TLSv1.2',
};

/** What OpenSSL 1.1.1 calls the functions that fail, by the reason's number (include/openssl/sslerr.h). */
const FUNCTIONS: Readonly<Record<string, { code: string; name: string }>> = {
  '10B': { code: '08F', name: 'ssl3_get_record' },
  '086': { code: '16F', name: 'tls_process_server_certificate' },
};
const READ_BYTES = { code: '094', name: 'ssl3_read_bytes' };

/** GnuTLS' words for alerts and failures that have others in OpenSSL. */
const GNUTLS: Readonly<Record<string, string>> = {
  'wrong version number': 'An unexpected TLS packet was received.',
  'sslv3 alert handshake failure': 'Handshake failed',
  'sslv3 alert bad certificate': 'Certificate is bad',
  'tlsv1 alert unknown ca': 'CA is unknown',
  'tlsv1 alert protocol version': 'Error in protocol version',
  'unexpected eof while reading': 'The TLS connection was non-properly terminated.',
};

/** A failure inside of TLS as this curl words it, from node's error; null when it is another failure. */
export function tlsErrorText(error: Error, build: CurlBuild): string | null {
  const [, code = '', reason = ''] = /error:([0-9A-F]{8}):SSL routines:[^:]*:([^:\n]*)/i.exec(error.message) ?? [];
  if (code === '') return null;
  if (build.tls.startsWith('GnuTLS')) return `gnutls_handshake() failed: ${GNUTLS[reason] ?? reason}`;
  if (build.tls.startsWith('OpenSSL/3')) return `${build.tls}: error:${code}:SSL routines::${reason}`;
  const place = FUNCTIONS[code.slice(-3).toUpperCase()] ?? READ_BYTES;
  return `error:14${place.code}${code.slice(-3)}:SSL routines:${place.name}:${reason}`;
}
