import { MalformedMessage, MAX_HEAD_BYTES, type Framing } from './http-message.ts';

/** What a reader tells: a head; where a body follows its pieces (parts of what was pushed, not copied) and its end. */
export interface MessageSink<Head> {
  /** With framing `none` the message is complete. */
  head(head: Head, framing: Framing): void;
  data(chunk: Buffer): void;
  end(): void;
}

export interface MessageSyntax<Head> {
  /** @param text without the empty line at its end. @throws MalformedMessage */
  readHead(text: string): Head;
  /** @throws MalformedMessage */
  framingOf(head: Head): Framing;
  /** Whether bytes can still become a head. */
  mayBecome(text: string): boolean;
}

type State = 'head' | 'length' | 'chunk-size' | 'chunk-data' | 'chunk-end' | 'trailers' | 'until-close' | 'done';

const END_OF_HEAD = Buffer.from('\r\n\r\n');
const CARRIAGE_RETURN = 13;
const LINE_FEED = 10;

/** Of a chunk's size and its extensions; nobody uses those. */
const MAX_CHUNK_LINE_BYTES = 4096;

/** Digits that are exact in a number: up to 2^52 - 1. */
const CHUNK_LINE = /^([0-9a-fA-F]{1,13})(?:;[\t -~]*)?$/;

/** Reads messages out of bytes that come in pieces. However they are cut, it tells the same. Trailers are dropped, as by Envoy. */
export class MessageReader<Head> {
  readonly #syntax: MessageSyntax<Head>;
  readonly #sink: MessageSink<Head>;
  #state: State = 'head';
  /** Bytes that were not told yet. */
  #rest: Buffer | null = null;
  /** Bytes of the rest without an end of the head in them. */
  #searched = 0;
  /** Of the body's length or of its chunk. */
  #remaining = 0;
  #trailerBytes = 0;
  #running = false;

  constructor(syntax: MessageSyntax<Head>, sink: MessageSink<Head>) {
    this.#syntax = syntax;
    this.#sink = sink;
  }

  /** Whether a message has ended and {@link next} was not called. */
  get isDone(): boolean {
    return this.#state === 'done';
  }

  /** Whether nothing of a message has come yet. */
  get isBetween(): boolean {
    return this.#state === 'head' && this.#rest === null;
  }

  /** Bytes that wait for {@link next}. */
  get waitingBytes(): number {
    return this.#rest?.length ?? 0;
  }

  /** @throws MalformedMessage; whatever came before it was told. */
  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#rest = this.#rest === null ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#run();
  }

  /** Goes on to the message behind the one that has ended. @throws MalformedMessage */
  next(): void {
    this.#state = 'head';
    this.#searched = 0;
    this.#run();
  }

  /** Takes what was not read. */
  takeRest(): Buffer | null {
    const rest = this.#rest;
    this.#rest = null;
    return rest;
  }

  /** No more bytes will come. @returns whether that is an end of the message, and not its middle */
  finish(): boolean {
    if (this.#state !== 'until-close') return this.isDone || this.isBetween;
    this.#end();
    return true;
  }

  #run(): void {
    // A sink may ask for the next message while it is told of the end of one.
    if (this.#running) return;
    this.#running = true;
    try {
      while (this.#rest !== null && this.#state !== 'done' && this.#step(this.#rest)) {
        // each step takes what it can
      }
    } finally {
      this.#running = false;
    }
  }

  /** @returns false when more bytes are needed */
  #step(rest: Buffer): boolean {
    switch (this.#state) {
      case 'head':
        return this.#readHead(rest);
      case 'length':
      case 'chunk-data': {
        const piece = this.#take(rest, Math.min(this.#remaining, rest.length));
        this.#remaining -= piece.length;
        const isLast = this.#remaining === 0;
        const wasLength = this.#state === 'length';
        if (isLast && !wasLength) this.#state = 'chunk-end';
        this.#sink.data(piece);
        if (isLast && wasLength) this.#end();
        return true;
      }
      case 'until-close':
        this.#sink.data(this.#take(rest, rest.length));
        return true;
      case 'chunk-size':
        return this.#readChunkSize(rest);
      case 'chunk-end':
        if (rest[0] !== CARRIAGE_RETURN || (rest.length > 1 && rest[1] !== LINE_FEED)) throw chunkError();
        if (rest.length < 2) return false;
        this.#take(rest, 2);
        this.#state = 'chunk-size';
        return true;
      case 'trailers':
        return this.#skipTrailer(rest);
      default:
        return false;
    }
  }

  #readHead(rest: Buffer): boolean {
    // One empty line before a head is an old client's mistake (RFC 9112, 2.2).
    if (rest[0] === CARRIAGE_RETURN && (rest.length === 1 || rest[1] === LINE_FEED)) {
      if (rest.length === 1) return false;
      this.#take(rest, 2);
      return true;
    }
    const end = rest.indexOf(END_OF_HEAD, Math.max(0, this.#searched - 3));
    if (end < 0 || end > MAX_HEAD_BYTES) {
      this.#refuseEarly(rest);
      this.#searched = rest.length;
      return false;
    }
    const head = this.#syntax.readHead(rest.toString('latin1', 0, end));
    const framing = this.#syntax.framingOf(head);
    this.#take(rest, end + 4);
    this.#searched = 0;
    this.#begin(framing);
    this.#sink.head(head, framing);
    return true;
  }

  #begin(framing: Framing): void {
    switch (framing.kind) {
      case 'length':
        this.#remaining = framing.bytes;
        this.#state = 'length';
        break;
      case 'chunked':
        this.#trailerBytes = 0;
        this.#state = 'chunk-size';
        break;
      case 'until-close':
        this.#state = 'until-close';
        break;
      case 'interim':
        this.#state = 'head';
        break;
      default:
        this.#state = 'done';
    }
  }

  /** What no bytes to come can mend. @throws MalformedMessage */
  #refuseEarly(rest: Buffer): void {
    const window = rest.length > MAX_HEAD_BYTES ? rest.subarray(0, MAX_HEAD_BYTES) : rest;
    for (let at = window.indexOf(LINE_FEED, this.#searched); at >= 0; at = window.indexOf(LINE_FEED, at + 1)) {
      if (at === 0 || window[at - 1] !== CARRIAGE_RETURN)
        throw new MalformedMessage(400, 'http1.codec_error', 'bare LF');
    }
    const start = window.toString('latin1', 0, Math.min(window.length, MAX_HEAD_BYTES));
    if (!this.#syntax.mayBecome(start)) throw new MalformedMessage(400, 'http1.codec_error', 'no HTTP/1.1');
    if (rest.length > MAX_HEAD_BYTES) throw new MalformedMessage(431, 'http1.headers_too_large', 'head of over 60 KiB');
  }

  #readChunkSize(rest: Buffer): boolean {
    const line = this.#line(rest);
    if (line === null) return false;
    const match = CHUNK_LINE.exec(line);
    if (match === null) throw chunkError();
    this.#remaining = Number.parseInt(match[1] ?? '', 16);
    this.#state = this.#remaining === 0 ? 'trailers' : 'chunk-data';
    return true;
  }

  #skipTrailer(rest: Buffer): boolean {
    const line = this.#line(rest);
    if (line === null) return false;
    this.#trailerBytes += line.length;
    if (this.#trailerBytes > MAX_HEAD_BYTES) {
      throw new MalformedMessage(431, 'http1.headers_too_large', 'trailers of over 60 KiB');
    }
    if (line === '') this.#end();
    else if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~\x80-\xff]*$/.test(line)) throw chunkError();
    return true;
  }

  /** A line up to its CRLF; null while it has none. */
  #line(rest: Buffer): string | null {
    const end = rest.indexOf(LINE_FEED);
    if (end < 0) {
      if (rest.length > MAX_CHUNK_LINE_BYTES) throw chunkError();
      return null;
    }
    if (end === 0 || rest[end - 1] !== CARRIAGE_RETURN || end > MAX_CHUNK_LINE_BYTES) throw chunkError();
    return this.#take(rest, end + 1).toString('latin1', 0, end - 1);
  }

  #take(rest: Buffer, bytes: number): Buffer {
    this.#rest = bytes === rest.length ? null : rest.subarray(bytes);
    return bytes === rest.length ? rest : rest.subarray(0, bytes);
  }

  #end(): void {
    this.#state = 'done';
    this.#sink.end();
  }
}

function chunkError(): MalformedMessage {
  return new MalformedMessage(400, 'http1.codec_error', 'malformed chunk');
}
