/**
 * SPDY's header blocks: one zlib stream per direction for the life of a connection, flushed after each block, primed
 * with {@link SPDY_DICTIONARY}.
 *
 * Node's zlib is either asynchronous, and frames would overtake each other, or for whole streams. But behind a flush a
 * deflate stream needs nothing but the last 32 KiB of what it stood for: so each block is a raw deflate of its own with
 * these as its dictionary.
 */
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { SPDY_DICTIONARY } from './dictionary.ts';

/** Names in lower case; a name with several values has them joined by a NUL, as SPDY does. */
export type SpdyHeaders = ReadonlyMap<string, string>;

/** The peer sent what no SPDY endpoint sends. Ends the connection. */
export class SpdyError extends Error {
  override name = 'SpdyError';
}

/** Deflate never looks further back. */
const WINDOW_BYTES = 32 * 1024;
/** Clients of Kubernetes send some 100 bytes; this is for those who send bombs. */
const MAX_BLOCK_BYTES = 64 * 1024;
/** CMF and FLG of zlib with a preset dictionary, and the Adler-32 of it. */
const ZLIB_HEADER = Buffer.from([0x78, 0xbb, 0xe3, 0xc6, 0xa7, 0xc2]);
const NO_BYTES = Buffer.alloc(0);

export interface HeaderDecoder {
  /** @throws SpdyError */
  decode(block: Buffer): SpdyHeaders;
}

export interface HeaderEncoder {
  encode(headers: SpdyHeaders): Buffer;
}

export function createHeaderDecoder(): HeaderDecoder {
  let window = SPDY_DICTIONARY;
  let first = true;
  return {
    decode(block) {
      let bytes = block;
      if (first) {
        // The level in FLG is the sender's own business: kubectl's is 0xf9 or 0xbb.
        const known = block.length > 6 && block[0] === 0x78 && block.subarray(2, 6).equals(ZLIB_HEADER.subarray(2));
        if (!known) throw new SpdyError('header block is not compressed with the dictionary of SPDY/3');
        bytes = block.subarray(6);
        first = false;
      }
      const plain = inflate(bytes, window);
      window = slide(window, plain);
      return parseHeaders(plain);
    },
  };
}

function inflate(bytes: Buffer, dictionary: Buffer): Buffer {
  try {
    return inflateRawSync(bytes, {
      dictionary,
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: MAX_BLOCK_BYTES,
    });
  } catch (error) {
    throw new SpdyError('header block cannot be decompressed', { cause: error });
  }
}

export function createHeaderEncoder(): HeaderEncoder {
  let window = SPDY_DICTIONARY;
  let head = ZLIB_HEADER;
  return {
    encode(headers) {
      const plain = renderHeaders(headers);
      const block = deflateRawSync(plain, { dictionary: window, finishFlush: constants.Z_SYNC_FLUSH });
      window = slide(window, plain);
      const whole = Buffer.concat([head, block]);
      head = NO_BYTES;
      return whole;
    },
  };
}

function slide(window: Buffer, added: Buffer): Buffer {
  return Buffer.concat([window, added]).subarray(-WINDOW_BYTES);
}

function parseHeaders(block: Buffer): SpdyHeaders {
  const headers = new Map<string, string>();
  let offset = 0;
  const number = (): number => {
    if (offset + 4 > block.length) throw new SpdyError('header block is cut off');
    const value = block.readUInt32BE(offset);
    offset += 4;
    return value;
  };
  const text = (): string => {
    const length = number();
    if (offset + length > block.length) throw new SpdyError('header block is cut off');
    offset += length;
    return block.toString('latin1', offset - length, offset);
  };
  const count = number();
  for (let index = 0; index < count; index += 1) headers.set(text().toLowerCase(), text());
  return headers;
}

function renderHeaders(headers: SpdyHeaders): Buffer {
  const number = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };
  const text = (value: string): Buffer[] => [number(Buffer.byteLength(value, 'latin1')), Buffer.from(value, 'latin1')];
  const pairs = [...headers].flatMap(([name, value]) => [...text(name), ...text(value)]);
  return Buffer.concat([number(headers.size), ...pairs]);
}
