/**
 * The server's end of a SPDY/3.1 connection, as far as Kubernetes uses it: streams that the client opens. Left out:
 * streams of the server's own, priorities, settings, and per-stream windows. Kubernetes' own implementation
 * (moby/spdystream) neither sends nor heeds WINDOW_UPDATE, so waiting for one would be waiting for ever: the socket's
 * back-pressure is all there is, in both directions.
 */
import { type Duplex } from 'node:stream';
import { type Clock } from '../../clock.ts';
import {
  controlFrame,
  createFrameParser,
  dataFrameHeader,
  FLAG_FIN,
  FRAME,
  GOAWAY,
  numbers,
  RESET,
  streamIdOf,
} from './frames.ts';
import { createHeaderDecoder, createHeaderEncoder, SpdyError } from './header-codec.ts';
import { SpdyStream } from './stream.ts';

/** Open at a time; kubectl has five for a process, and two for each forwarded connection. */
const MAX_STREAMS = 1024;
/** Bytes that wait in all streams together before the socket is read no further. */
const MAX_UNREAD_BYTES = 1024 * 1024;
/** How long a client may take to close its end behind our goodbye. */
const LINGER_MS = 10_000;
const NO_BYTES = Buffer.alloc(0);

export interface SpdySession {
  /** Says goodbye behind all that was written, and closes. */
  end(): void;
  /** Closes at once. */
  destroy(): void;
}

export interface SpdyOptions {
  clock: Clock;
  /** What came behind the request's head. */
  head?: Buffer;
  /** A stream that the client opened; it has been accepted. */
  opened(stream: SpdyStream): void;
  /** The connection is over, and with it all its streams. Called once. */
  closed(): void;
}

export function createSpdySession(transport: Duplex, options: SpdyOptions): SpdySession {
  const { clock, head = NO_BYTES, opened, closed } = options;
  const streams = new Map<number, SpdyStream>();
  const decoder = createHeaderDecoder();
  const encoder = createHeaderEncoder();
  let lastStreamId = 0;
  let over = false;
  let ending = false;

  const send = (...frames: readonly Buffer[]): void => {
    if (!transport.destroyed && !transport.writableEnded) for (const frame of frames) transport.write(frame);
  };

  function open(payload: Buffer, flags: number): void {
    const id = streamIdOf(payload);
    // Decoded in any case: the blocks that follow build on it.
    const headers = decoder.decode(payload.subarray(10));
    if (id <= lastStreamId || id % 2 === 0) throw new SpdyError(`stream ${id} after stream ${lastStreamId}`);
    lastStreamId = id;
    if (ending) return;
    if (streams.size >= MAX_STREAMS) return send(controlFrame(FRAME.rstStream, 0, numbers(id, RESET.refusedStream)));
    const stream = new SpdyStream(id, headers, {
      data(chunk, flushed) {
        if (transport.destroyed || transport.writableEnded) return flushed(new Error('the connection is closed'));
        transport.write(dataFrameHeader(id, 0, chunk.length));
        transport.write(chunk, flushed);
      },
      end: () => send(dataFrameHeader(id, FLAG_FIN, 0)),
      reset: () => send(controlFrame(FRAME.rstStream, 0, numbers(id, RESET.cancel))),
      resume: readOn,
      closed() {
        streams.delete(id);
        readOn();
      },
    });
    streams.set(id, stream);
    send(controlFrame(FRAME.synReply, 0, numbers(id), encoder.encode(new Map())));
    opened(stream);
    if ((flags & FLAG_FIN) !== 0) stream.receive(NO_BYTES, true);
  }

  const unread = (): number => {
    let bytes = 0;
    for (const stream of streams.values()) bytes += stream.readableLength;
    return bytes;
  };

  function readOn(): void {
    if (!over && transport.isPaused() && unread() < MAX_UNREAD_BYTES / 2) transport.resume();
  }

  const parser = createFrameParser({
    data(streamId, part, fin) {
      if (ending) return;
      const more = streams.get(streamId)?.receive(part, fin) ?? true;
      if (!more && unread() > MAX_UNREAD_BYTES) transport.pause();
    },
    control(type, flags, payload) {
      switch (type) {
        case FRAME.synStream:
          return open(payload, flags);
        case FRAME.rstStream:
          return streams.get(streamIdOf(payload))?.cut();
        case FRAME.ping:
          // Ours would be even; those that come back are none of ours.
          if (payload.length !== 4) throw new SpdyError('ping without its number');
          if (payload.readUInt32BE(0) % 2 === 1) send(controlFrame(FRAME.ping, 0, payload));
          return;
        case FRAME.headers:
          // They add nothing here, but later blocks build on them.
          streamIdOf(payload);
          decoder.decode(payload.subarray(4));
          return;
        default:
        // Settings, windows, goodbyes, and what this version does not know: the draft says to pass over them.
      }
    },
  });

  function receive(bytes: Buffer): void {
    if (over) return;
    try {
      parser.push(bytes);
    } catch (error) {
      if (!(error instanceof SpdyError)) throw error;
      finish();
      goodbye(GOAWAY.protocolError);
    }
  }

  function goodbye(reason: number): void {
    if (ending) return;
    ending = true;
    send(controlFrame(FRAME.goAway, 0, numbers(lastStreamId, reason)));
    transport.end();
    // Whatever the client still sends is not looked at, but it must be read for its end to be seen.
    transport.resume();
    const cancel = clock.schedule(LINGER_MS, () => transport.destroy());
    transport.on('close', cancel);
  }

  function finish(): void {
    if (over) return;
    over = true;
    for (const stream of streams.values()) stream.cut();
    streams.clear();
    closed();
  }

  transport.on('end', () => {
    finish();
    transport.end();
  });
  transport.on('error', () => transport.destroy());
  transport.on('close', finish);
  // Not at once: whoever asked for the session does not hold it yet.
  if (head.length > 0) transport.unshift(head);
  transport.on('data', receive);

  return {
    end() {
      if (!over) goodbye(GOAWAY.ok);
    },
    destroy() {
      transport.destroy();
      finish();
    },
  };
}
