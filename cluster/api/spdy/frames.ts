/** SPDY/3.1 on the wire: from bytes to frames and back. Draft 3.1, section 2.2 and 2.6. */
import { SpdyError } from './header-codec.ts';

export const FRAME = {
  synStream: 1,
  synReply: 2,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  headers: 8,
  windowUpdate: 9,
} as const;

export const FLAG_FIN = 0x01;

/** Reasons of RST_STREAM. */
export const RESET = { protocolError: 1, invalidStream: 2, refusedStream: 3, cancel: 5 } as const;

/** Reasons of GOAWAY. */
export const GOAWAY = { ok: 0, protocolError: 1 } as const;

const HEADER_BYTES = 8;
const VERSION = 3;
const STREAM_ID_MASK = 0x7fff_ffff;
/** Control frames are small; only data may fill the 24 bits of the length. */
const MAX_CONTROL_BYTES = 64 * 1024;

export interface FrameListener {
  control(type: number, flags: number, payload: Buffer): void;
  /** A part of a data frame, as it comes; `fin` with the last part. */
  data(streamId: number, part: Buffer, fin: boolean): void;
}

/** Cuts a stream of bytes into frames. Holds back at most one control frame. */
export interface FrameParser {
  /** @throws SpdyError when the bytes are no SPDY; nothing more must be pushed then. */
  push(bytes: Buffer): void;
}

export function createFrameParser(listener: FrameListener): FrameParser {
  let rest: Buffer = Buffer.alloc(0);
  let body: { streamId: number; fin: boolean; left: number } | undefined;

  /** @returns the bytes behind what it could take; undefined when it needs more. */
  function take(bytes: Buffer): Buffer | undefined {
    if (body) {
      const part = bytes.subarray(0, body.left);
      body.left -= part.length;
      const { streamId, fin, left } = body;
      if (left === 0) body = undefined;
      listener.data(streamId, part, fin && left === 0);
      return bytes.subarray(part.length);
    }
    if (bytes.length < HEADER_BYTES) return undefined;
    const first = bytes.readUInt32BE(0);
    const flags = bytes.readUInt8(4);
    const length = bytes.readUIntBE(5, 3);
    if (first <= STREAM_ID_MASK) {
      body = { streamId: first, fin: (flags & FLAG_FIN) !== 0, left: length };
      return bytes.subarray(HEADER_BYTES);
    }
    const version = (first >>> 16) & 0x7fff;
    if (version !== VERSION) throw new SpdyError(`frame of SPDY version ${version}: this end speaks version 3`);
    if (length > MAX_CONTROL_BYTES) throw new SpdyError(`control frame of ${length} bytes`);
    if (bytes.length < HEADER_BYTES + length) return undefined;
    listener.control(first & 0xffff, flags, bytes.subarray(HEADER_BYTES, HEADER_BYTES + length));
    return bytes.subarray(HEADER_BYTES + length);
  }

  return {
    push(bytes) {
      rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
      // An empty data frame still has its end to tell.
      while (rest.length > 0 || body?.left === 0) {
        const after = take(rest);
        if (!after) return;
        rest = after;
      }
    },
  };
}

export function controlFrame(type: number, flags: number, ...payload: readonly Buffer[]): Buffer {
  const length = payload.reduce((sum, part) => sum + part.length, 0);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(0x8000 | VERSION, 0);
  header.writeUInt16BE(type, 2);
  header.writeUInt8(flags, 4);
  header.writeUIntBE(length, 5, 3);
  return Buffer.concat([header, ...payload]);
}

/** The header of a data frame; its bytes follow. */
export function dataFrameHeader(streamId: number, flags: number, length: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(streamId, 0);
  header.writeUInt8(flags, 4);
  header.writeUIntBE(length, 5, 3);
  return header;
}

export function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
}

/** The stream that a control frame is about. @throws SpdyError */
export function streamIdOf(payload: Buffer): number {
  if (payload.length < 4) throw new SpdyError('control frame without the number of its stream');
  return payload.readUInt32BE(0) & STREAM_ID_MASK;
}
