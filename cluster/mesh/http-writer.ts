import type { Duplex } from 'node:stream';
import type { Framing } from './http-message.ts';

/** Pieces up to this size together are copied into one write; larger ones go as they are. */
const JOINED_BYTES = 32_768;

/**
 * Writes messages to a stream. What is said in one turn goes out in one write, so that a small message is one packet
 * and one TLS record, however many pieces it has.
 */
export class MessageWriter {
  readonly #stream: Duplex;
  #pieces: (string | Buffer)[] = [];
  #bytes = 0;
  #scheduled = false;
  #ends = false;
  readonly #flush = (): void => {
    this.#scheduled = false;
    this.flush();
  };

  constructor(stream: Duplex) {
    this.#stream = stream;
  }

  /** Whether whoever sends should wait for the stream's `drain`. */
  get isFull(): boolean {
    return this.#stream.writableNeedDrain;
  }

  /** @param text of one byte per character */
  head(text: string): void {
    this.#add(text);
  }

  /** A head that is the whole message: nothing is waited for. */
  message(text: string): void {
    if (this.#bytes > 0) this.#add(text);
    else if (!this.#stream.destroyed && !this.#stream.writableEnded) this.#stream.write(bytesOf(text));
  }

  data(chunk: Buffer, framing: Framing): void {
    if (chunk.length === 0) return;
    if (framing.kind !== 'chunked') {
      this.#add(chunk);
      return;
    }
    this.#add(`${chunk.length.toString(16)}\r\n`);
    this.#add(chunk);
    this.#add('\r\n');
  }

  /** The end of a body. */
  finish(framing: Framing): void {
    if (framing.kind === 'chunked') this.#add('0\r\n\r\n');
  }

  /** Ends the stream behind what was said. */
  end(): void {
    this.#ends = true;
    this.#schedule();
  }

  #add(piece: string | Buffer): void {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    // Not later: `isFull` has to know.
    if (this.#bytes > JOINED_BYTES) this.flush();
    else this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    process.nextTick(this.#flush);
  }

  /** Writes now what was said in this turn. */
  flush(): void {
    const [pieces, bytes] = [this.#pieces, this.#bytes];
    if (bytes > 0) {
      this.#pieces = [];
      this.#bytes = 0;
      if (!this.#stream.destroyed && !this.#stream.writableEnded) this.#write(pieces, bytes);
    }
    if (this.#ends && !this.#stream.destroyed && !this.#stream.writableEnded) this.#stream.end();
  }

  #write(pieces: readonly (string | Buffer)[], bytes: number): void {
    const [first] = pieces;
    if (pieces.length === 1 && first !== undefined) {
      this.#stream.write(bytesOf(first));
      return;
    }
    if (bytes > JOINED_BYTES) {
      this.#stream.cork();
      for (const piece of pieces) this.#stream.write(bytesOf(piece));
      this.#stream.uncork();
      return;
    }
    const joined = Buffer.allocUnsafe(bytes);
    let offset = 0;
    for (const piece of pieces) {
      offset += typeof piece === 'string' ? joined.write(piece, offset, 'latin1') : piece.copy(joined, offset);
    }
    this.#stream.write(joined);
  }
}

function bytesOf(piece: string | Buffer): Buffer {
  return typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece;
}
