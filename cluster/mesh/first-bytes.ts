/** What the first bytes of a connection say it is; the work of Envoy's TLS and HTTP inspectors. */
export type FirstBytes =
  | { kind: 'tls'; serverName: string | null; applicationProtocols: readonly string[] }
  | { kind: 'http1' }
  | { kind: 'http2' }
  | { kind: 'other' };

const HANDSHAKE = 0x16;
const HTTP2_PREFACE = 'PRI * HTTP/2.0\r\n';
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'];

/** Bytes to wait for at most; a ClientHello fits in one record of 16 KiB. */
const LIMIT_BYTES = 16_384 + 5;

/** Whether {@link readFirstBytes} has what it needs. */
export function isEnough(bytes: Buffer): boolean {
  if (bytes.length >= LIMIT_BYTES) return true;
  if (bytes[0] === HANDSHAKE) return bytes.length >= 5 && bytes.length >= 5 + bytes.readUInt16BE(3);
  const text = bytes.toString('latin1');
  if (HTTP2_PREFACE.startsWith(text)) return false;
  const method = /^[A-Z]*/.exec(text)?.[0] ?? '';
  // Still inside a word that could become a method.
  return method.length < bytes.length || !METHODS.some((candidate) => candidate.startsWith(method));
}

export function readFirstBytes(bytes: Buffer): FirstBytes {
  if (bytes[0] === HANDSHAKE) return readClientHello(bytes) ?? { kind: 'other' };
  const text = bytes.subarray(0, 32).toString('latin1');
  if (text.startsWith(HTTP2_PREFACE)) return { kind: 'http2' };
  return METHODS.some((method) => text.startsWith(`${method} `)) ? { kind: 'http1' } : { kind: 'other' };
}

/** The SNI and ALPN extensions of a ClientHello (RFC 8446, 4.1.2); null when it is malformed. */
function readClientHello(bytes: Buffer): FirstBytes | null {
  try {
    // Record header 5, handshake header 4, version 2, random 32.
    if (bytes[5] !== 1) return null;
    let offset = 43;
    offset += 1 + bytes.readUInt8(offset); // session id
    offset += 2 + bytes.readUInt16BE(offset); // cipher suites
    offset += 1 + bytes.readUInt8(offset); // compression
    const end = offset + 2 + bytes.readUInt16BE(offset);
    offset += 2;
    let serverName: string | null = null;
    const applicationProtocols: string[] = [];
    while (offset + 4 <= end) {
      const type = bytes.readUInt16BE(offset);
      const length = bytes.readUInt16BE(offset + 2);
      const body = bytes.subarray(offset + 4, offset + 4 + length);
      if (type === 0 && body.length > 5) serverName = body.subarray(5, 5 + body.readUInt16BE(3)).toString('latin1');
      if (type === 16) {
        for (let index = 2; index < body.length; index += 1 + body.readUInt8(index)) {
          applicationProtocols.push(body.subarray(index + 1, index + 1 + body.readUInt8(index)).toString('latin1'));
        }
      }
      offset += 4 + length;
    }
    return { kind: 'tls', serverName, applicationProtocols };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
