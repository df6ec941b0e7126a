import { Duplex } from 'node:stream';
import { type SpdyHeaders } from './header-codec.ts';

/** What a stream tells its connection. */
export interface StreamWire {
  /** `flushed` is called when more may come. */
  data(chunk: Buffer, flushed: (error?: Error | null) => void): void;
  /** No more data from this end. */
  end(): void;
  /** The stream ends before both ends have finished. */
  reset(): void;
  /** Somebody reads again. */
  resume(): void;
  closed(): void;
}

/** One stream of a SPDY connection that the client has opened. `end()` closes this end's half. */
export class SpdyStream extends Duplex {
  readonly id: number;
  readonly headers: SpdyHeaders;
  readonly #wire: StreamWire;
  #receiving = true;
  #sending = true;

  constructor(id: number, headers: SpdyHeaders, wire: StreamWire) {
    super({ allowHalfOpen: true, highWaterMark: 64 * 1024 });
    this.id = id;
    this.headers = headers;
    this.#wire = wire;
    // Whoever uses the stream hears of its errors; one that nobody uses any more must not end the process.
    this.on('error', () => {});
  }

  /** Bytes from the client; none with `fin` at the end. @returns false when nobody reads them fast enough. */
  receive(chunk: Buffer, fin: boolean): boolean {
    if (!this.#receiving || this.destroyed) return true;
    const more = chunk.length === 0 || this.push(chunk);
    if (fin) {
      this.#receiving = false;
      this.push(null);
    }
    return more;
  }

  /** The client or the connection gave the stream up. */
  cut(): void {
    this.#receiving = false;
    this.#sending = false;
    this.destroy();
  }

  override _read(): void {
    // Node asks for more before it has taken out what it is about to return.
    process.nextTick(() => this.#wire.resume());
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#wire.data(chunk, callback);
  }

  override _final(callback: (error?: Error | null) => void): void {
    if (this.#sending) this.#wire.end();
    this.#sending = false;
    callback();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (this.#sending || this.#receiving) this.#wire.reset();
    this.#sending = false;
    this.#receiving = false;
    this.#wire.closed();
    callback(error);
  }
}
