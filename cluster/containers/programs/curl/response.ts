import type { Duplex } from 'node:stream';
import type { Process } from '../../process/process.ts';
import { CurlError } from './errors.ts';
import { tlsErrorText } from './build.ts';
import type { CurlConnection } from './connection.ts';

export interface ResponseHead {
  version: string;
  status: number;
  /** Status line and header lines as they came, with their line ends. */
  lines: string[];
  headers: [string, string][];
}

/** Bytes of one response's header lines; curl's own limit. */
const MAX_HEAD_BYTES = 300 * 1024;

/** Bytes of a connection as they come, with its ends and failures in curl's terms. */
export class ResponseReader {
  readonly #stream: Duplex;
  readonly #connection: CurlConnection;
  readonly #wait: <T>(wait: Promise<T>) => Promise<T>;
  #failure: (Error & { code?: string }) | null = null;
  #ended = false;
  #wake: (() => void) | null = null;

  constructor(connection: CurlConnection, wait: <T>(wait: Promise<T>) => Promise<T>) {
    this.#connection = connection;
    this.#stream = connection.stream;
    this.#wait = wait;
    this.#stream.on('readable', this.#notify);
    this.#stream.on('end', this.#onEnd);
    this.#stream.on('close', this.#onEnd);
    this.#stream.on('error', this.#onError);
    if (this.#stream.readableEnded || this.#stream.destroyed) this.#onEnd();
  }

  readonly #notify = (): void => {
    this.#wake?.();
    this.#wake = null;
  };
  readonly #onEnd = (): void => {
    this.#ended = true;
    this.#notify();
  };
  readonly #onError = (error: Error): void => {
    this.#failure = error;
    this.#notify();
  };

  /** Lets go of the stream, for the next request on it. */
  release(): void {
    this.#stream.off('readable', this.#notify);
    this.#stream.off('end', this.#onEnd);
    this.#stream.off('close', this.#onEnd);
  }

  /** The next bytes; null at the end. @throws CurlError 56 */
  async read(): Promise<Buffer | null> {
    if (this.#connection.rest.length > 0) {
      const { rest } = this.#connection;
      this.#connection.rest = Buffer.alloc(0);
      return rest;
    }
    for (;;) {
      const chunk = this.#stream.read() as Buffer | null;
      if (chunk !== null) return chunk;
      if (this.#failure !== null) throw this.#receiveError(this.#failure);
      if (this.#ended) return null;
      await this.#wait(
        new Promise<void>((resolve) => {
          this.#wake = resolve;
        }),
      );
    }
  }

  #receiveError(error: Error & { code?: string }): CurlError {
    if (error.code === 'ECONNRESET' || error.code === 'EPIPE') {
      return new CurlError(56, 'Recv failure: Connection reset by peer');
    }
    const openssl = tlsErrorText(error, this.#connection.build);
    return new CurlError(
      56,
      openssl === null ? `Recv failure: ${error.message}` : `OpenSSL SSL_read: ${openssl}, errno 0`,
    );
  }

  unread(bytes: Buffer): void {
    this.#connection.rest = this.#connection.rest.length === 0 ? bytes : Buffer.concat([bytes, this.#connection.rest]);
  }

  /**
   * Status line and headers. @throws CurlError 52 when nothing came, 1 when it is no HTTP, 8 when it is broken
   * @returns null for HTTP/0.9, where everything is the body
   */
  async readHead(allowHttp09: boolean): Promise<ResponseHead | null> {
    let bytes = Buffer.alloc(0);
    for (;;) {
      const chunk = await this.read();
      if (chunk === null) {
        if (bytes.length === 0) throw new CurlError(52, 'Empty reply from server');
        throw new CurlError(56, 'Recv failure: Connection reset by peer');
      }
      bytes = Buffer.concat([bytes, chunk]);
      const start = bytes.subarray(0, 5).toString('latin1');
      if (!'HTTP/'.startsWith(start)) {
        if (!allowHttp09) throw new CurlError(1, 'Received HTTP/0.9 when not allowed');
        this.unread(bytes);
        return null;
      }
      const end = headEnd(bytes);
      if (end !== -1) {
        this.unread(bytes.subarray(end));
        return parseHead(bytes.subarray(0, end).toString('latin1'));
      }
      if (bytes.length > MAX_HEAD_BYTES)
        throw new CurlError(56, `Too large response headers: ${bytes.length} > ${MAX_HEAD_BYTES}`);
    }
  }

  /** The body in pieces as they come, without its framing. `onRaw` hears of every byte on the wire. */
  async *readBody(head: ResponseHead | null, hasBody: boolean, onRaw: (size: number) => void): AsyncGenerator<Buffer> {
    if (!hasBody) return;
    const framing = head === null ? '' : (header(head, 'transfer-encoding') ?? '');
    if (framing.toLowerCase().includes('chunked')) {
      yield* this.#readChunked(onRaw);
      return;
    }
    const lengthText = head === null ? undefined : header(head, 'content-length');
    let left = lengthText === undefined ? Infinity : Number(lengthText);
    while (left > 0) {
      const chunk = await this.read();
      if (chunk === null) {
        if (left === Infinity) return;
        throw new CurlError(18, `transfer closed with ${left} bytes remaining to read`);
      }
      const body = chunk.length > left ? chunk.subarray(0, left) : chunk;
      if (chunk.length > left) this.unread(chunk.subarray(left));
      left -= body.length;
      onRaw(body.length);
      yield body;
    }
  }

  async *#readChunked(onRaw: (size: number) => void): AsyncGenerator<Buffer> {
    const more = async (): Promise<Buffer> => {
      const chunk = await this.read();
      if (chunk === null) throw new CurlError(18, 'transfer closed with outstanding read data remaining');
      onRaw(chunk.length);
      return chunk;
    };
    let bytes = Buffer.alloc(0);
    for (;;) {
      let end = bytes.indexOf('\r\n');
      while (end === -1) {
        bytes = Buffer.concat([bytes, await more()]);
        end = bytes.indexOf('\r\n');
      }
      const size = Number.parseInt(bytes.subarray(0, end).toString('latin1'), 16);
      if (!Number.isInteger(size) || size < 0)
        throw new CurlError(56, 'Illegal or missing hexadecimal sequence in chunked-encoding');
      bytes = bytes.subarray(end + 2);
      if (size === 0) {
        // Trailers, up to an empty line.
        while (!/^(?:[^\r\n]+\r\n)*\r\n/.test(bytes.toString('latin1'))) bytes = Buffer.concat([bytes, await more()]);
        const trailer = /^(?:[^\r\n]+\r\n)*\r\n/.exec(bytes.toString('latin1'))?.[0].length ?? 0;
        this.unread(bytes.subarray(trailer));
        return;
      }
      let left = size;
      while (left > 0) {
        if (bytes.length === 0) bytes = Buffer.from(await more());
        const body = bytes.subarray(0, left);
        bytes = bytes.subarray(body.length);
        left -= body.length;
        yield body;
      }
      while (bytes.length < 2) bytes = Buffer.concat([bytes, await more()]);
      bytes = bytes.subarray(2);
    }
  }
}

export function header(head: ResponseHead, name: string): string | undefined {
  return head.headers.find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}

function headEnd(bytes: Buffer): number {
  const [strict, loose] = [bytes.indexOf('\r\n\r\n'), bytes.indexOf('\n\n')];
  if (strict !== -1 && (loose === -1 || strict < loose)) return strict + 4;
  return loose === -1 ? -1 : loose + 2;
}

function parseHead(text: string): ResponseHead {
  const lines = text.match(/[^\n]*\n/g) ?? [];
  const [, version = '1.1', status = '0'] = /^HTTP\/(\d(?:\.\d)?) (\d{3})/.exec(lines[0] ?? '') ?? [];
  if (status === '0') throw new CurlError(8, 'Unsupported HTTP version in response');
  const headers = lines.slice(1).flatMap((line): [string, string][] => {
    const cut = line.indexOf(':');
    return cut === -1 ? [] : [[line.slice(0, cut), line.slice(cut + 1).trim()]];
  });
  return { version: version === '2' ? '2' : version, status: Number(status), lines, headers };
}

/** Writes request bytes, as fast as the connection takes them. */
export async function send(process: Process, stream: Duplex, bytes: Uint8Array): Promise<void> {
  if (stream.destroyed || stream.writableEnded) return;
  if (stream.write(bytes)) return;
  let wake: () => void = () => {};
  const woken = new Promise<void>((resolve) => {
    wake = resolve;
  });
  for (const event of ['drain', 'close', 'error']) stream.on(event, wake);
  try {
    await process.race(woken);
  } finally {
    for (const event of ['drain', 'close', 'error']) stream.off(event, wake);
  }
}
