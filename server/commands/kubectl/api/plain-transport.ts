import { connect, type Socket } from 'node:net';
import { HttpTimeout, type HttpAnswer, type HttpRequest, type HttpTransport } from './http-answer.ts';
import { AnswerReader } from './answer-reader.ts';

/** A server may close what has been idle for some seconds (Node's after 5); no request must go into that. */
const IDLE_MS = 2000;

/** Bytes of an answer that nobody has taken yet before the server has to wait. */
const HIGH_BYTES = 1024 * 1024;

/**
 * HTTP/1.1 without TLS, over sockets that are kept. Loading and using node:http instead takes a fifth of the time of a
 * whole `get pods`.
 */
export function createPlainTransport(): HttpTransport {
  const idle: { socket: Socket; since: number }[] = [];

  function take(url: URL): Socket {
    for (let kept = idle.pop(); kept; kept = idle.pop()) {
      kept.socket.removeAllListeners();
      if (performance.now() - kept.since < IDLE_MS && !kept.socket.destroyed) return kept.socket.resume();
      kept.socket.destroy();
    }
    return connect({ host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 80), noDelay: true });
  }

  function keep(socket: Socket): void {
    socket.removeAllListeners();
    // An idle connection that breaks is none any more.
    socket.on('error', () => socket.destroy());
    idle.push({ socket, since: performance.now() });
  }

  return {
    send: (request) => exchange(take(request.url), request, keep),
    dispose() {
      for (const { socket } of idle) socket.destroy();
      idle.length = 0;
    },
  };
}

function exchange(socket: Socket, request: HttpRequest, keep: (socket: Socket) => void): Promise<HttpAnswer> {
  const reader = new AnswerReader();
  const body = new Body(socket);
  return new Promise((resolve, reject) => {
    const timer =
      request.timeoutMs > 0 ? setTimeout(() => socket.destroy(new HttpTimeout()), request.timeoutMs) : undefined;
    let begun = false;
    const advance = (events: ReturnType<AnswerReader['read']>) => {
      for (const bytes of events) body.push(bytes);
      if (!begun && reader.head) {
        begun = true;
        clearTimeout(timer);
        const { status, headers } = reader.head;
        resolve({
          status,
          header: (name) => headers.get(name),
          pieces: () => body.pieces(),
          // Done, the connection may already serve another request.
          destroy: () => void (reader.done || socket.destroy()),
        });
      }
      if (!reader.done) return;
      if (reader.reusable) keep(socket);
      else socket.destroy();
      body.end();
    };
    const fail = (error: Error) => {
      clearTimeout(timer);
      reject(error); // without effect when the answer has begun
      body.fail(error);
    };
    socket.on('data', (bytes: Buffer) => {
      try {
        advance(reader.read(bytes));
      } catch (error) {
        socket.destroy(error as Error);
      }
    });
    socket.on('error', fail);
    socket.on('close', () => {
      if (reader.done) return;
      if (reader.endsWithConnection) return body.end();
      fail(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }));
    });
    socket.write(renderRequest(request));
  });
}

function renderRequest({ method, url, headers, body }: HttpRequest): string {
  const lines = [`${method} ${url.pathname}${url.search} HTTP/1.1`, `host: ${url.host}`];
  for (const [name, value] of Object.entries(headers)) {
    for (const each of typeof value === 'string' ? [value] : value) lines.push(`${name}: ${clean(each)}`);
  }
  if (body !== undefined) lines.push(`content-length: ${Buffer.byteLength(body)}`);
  return `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`;
}

/** What comes from flags and files must not become a header of its own. */
function clean(value: string): string {
  if (/[\r\n\0]/.test(value)) throw new Error(`a header cannot hold ${JSON.stringify(value)}`);
  return value;
}

/** Bytes on their way to one reader. */
class Body {
  readonly #socket: Socket;
  #waiting: Buffer[] = [];
  #bytes = 0;
  #ended = false;
  #error: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  push(bytes: Buffer): void {
    this.#waiting.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes > HIGH_BYTES) this.#socket.pause();
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  fail(error: Error): void {
    this.#error = error;
    this.#wake?.();
  }

  async *pieces(): AsyncGenerator<string> {
    const decoder = new TextDecoder();
    for (;;) {
      while (this.#waiting.length === 0 && !this.#ended && !this.#error) {
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
      const bytes = this.#waiting.length === 1 ? this.#waiting[0] : Buffer.concat(this.#waiting);
      const last = this.#ended;
      this.#waiting = [];
      this.#bytes = 0;
      if (!last) this.#socket.resume();
      const text = decoder.decode(bytes, { stream: !last });
      if (text !== '') yield text;
      if (last) return;
      if (this.#error && this.#waiting.length === 0) throw this.#error;
    }
  }
}
