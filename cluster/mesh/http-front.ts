import type { Duplex } from 'node:stream';
import type { Clock } from '../clock.ts';
import { Connection } from '../network/connection.ts';
import { malformedBody } from './interrupted.ts';
import { HttpHeaders } from './http-headers.ts';
import {
  MalformedMessage,
  readRequestHead,
  requestFraming,
  mayBecomeRequest,
  type Framing,
  type RequestHead,
} from './http-message.ts';
import { MessageReader, type MessageSyntax } from './http-reader.ts';
import { MessageWriter } from './http-writer.ts';
import { reasonPhrase } from './reason-phrase.ts';
import { RequestBody } from './request-body.ts';
import { spliceFrom } from './splice.ts';

/** Envoy's idle_timeout: a connection without a request, or with the beginning of one, is closed after an hour. */
const IDLE_MS = 3_600_000;

/** Envoy's delayed_close_timeout: how long a client may still send after an answer that did not wait for its request. */
const DELAYED_CLOSE_MS = 1000;

/** Requests that a client sent ahead wait in the connection, not here. */
const PIPELINED_BYTES = 65_536;

const REQUESTS: MessageSyntax<RequestHead> = {
  readHead: readRequestHead,
  framingOf: requestFraming,
  mayBecome: mayBecomeRequest,
};

/** Why nobody waits for an answer any more. */
export type Abandoned = 'disconnected' | 'malformed';

export interface FrontOptions<Context> {
  clock: Clock;
  /** Name of the proxy in `server`. */
  server: 'envoy' | 'istio-envoy';
  /** Answers the request. */
  handle(exchange: HttpExchange, context: Context): void | Promise<void>;
  /** Told of what was no request and got an answer all the same. */
  malformed(problem: MalformedMessage, context: Context): void;
}

/** The HTTP/1.1 side of a proxy that faces its clients: many connections, each with what is known of it. */
export class HttpFront<Context> {
  readonly #options: FrontOptions<Context>;

  constructor(options: FrontOptions<Context>) {
    this.#options = options;
  }

  serve(stream: Duplex, context: Context): void {
    if (stream instanceof Connection) stream.hurry();
    const { clock, server, handle, malformed } = this.#options;
    // oxlint-disable-next-line no-new -- it lives as long as its stream
    new FrontConnection(stream, {
      clock,
      server,
      handle: (exchange) => {
        handle(exchange, context)?.catch((error: unknown) => stream.destroy(error as Error));
      },
      malformed: (problem) => malformed(problem, context),
    });
  }
}

interface FrontCallbacks {
  clock: Clock;
  server: string;
  handle(exchange: HttpExchange): void;
  malformed(problem: MalformedMessage): void;
}

class FrontConnection {
  readonly stream: Duplex;
  readonly writer: MessageWriter;
  readonly #reader: MessageReader<RequestHead>;
  readonly #callbacks: FrontCallbacks;
  #exchange: HttpExchange | null = null;
  #closing = false;
  #lastUse: number;
  #cancelTimer: () => void = () => {};

  constructor(stream: Duplex, callbacks: FrontCallbacks) {
    this.stream = stream;
    this.writer = new MessageWriter(stream);
    this.#callbacks = callbacks;
    this.#lastUse = callbacks.clock.now();
    this.#reader = new MessageReader<RequestHead>(REQUESTS, {
      head: (head, framing) => this.#begin(head, framing),
      data: (chunk) => this.#exchange?.body.push(chunk),
      end: () => this.#exchange?.body.finish(),
    });
    this.#watchIdle(IDLE_MS);
    stream.on('data', this.#onData);
    stream.on('end', this.#onEnd);
    stream.on('close', this.#onClose);
    stream.on('error', this.#onClose);
    stream.on('drain', this.#onDrain);
  }

  get clock(): Clock {
    return this.#callbacks.clock;
  }

  get server(): string {
    return this.#callbacks.server;
  }

  /** The answer is complete. @param keep whether the client may ask again */
  answered(keep: boolean): void {
    if (keep) {
      this.#goOn();
      return;
    }
    this.#closing = true;
    this.#exchange = null;
    this.writer.end();
    this.#cancelTimer();
    // What the client still sends is read and dropped, or its kernel would take the answer away with a reset.
    this.stream.resume();
    this.#cancelTimer = this.clock.schedule(DELAYED_CLOSE_MS, () => this.stream.destroy());
  }

  /** Hands the stream over; nothing here reads it any more. @returns bytes that were read already */
  release(): Buffer | null {
    this.#cancelTimer();
    this.#exchange = null;
    this.writer.flush();
    const { stream } = this;
    stream.pause();
    stream.off('data', this.#onData);
    stream.off('end', this.#onEnd);
    stream.off('close', this.#onClose);
    stream.off('drain', this.#onDrain);
    return this.#reader.takeRest();
  }

  #begin(head: RequestHead, framing: Framing): void {
    if (head.version === '1.0') throw new MalformedMessage(426, 'low_version', 'HTTP/1.0');
    if (head.headers.get('expect')?.toLowerCase() === '100-continue') {
      // Envoy says so itself, before anybody was asked.
      this.writer.head('HTTP/1.1 100 Continue\r\n\r\n');
      this.writer.flush();
      head.headers.remove('expect');
    }
    const body = new RequestBody(framing, {
      pause: () => void this.stream.pause(),
      resume: () => void (this.stream.isPaused() && this.stream.resume()),
    });
    this.#exchange = new HttpExchange(this, head, body);
    this.#callbacks.handle(this.#exchange);
  }

  #goOn(): void {
    this.#lastUse = this.clock.now();
    this.#exchange = null;
    this.#read(() => this.#reader.next());
    if (this.stream.isPaused()) this.stream.resume();
  }

  #read(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof MalformedMessage)) throw error;
      this.#refuse(error);
    }
  }

  /** Envoy's answer to what is no HTTP; a request whose answer has begun is cut off. */
  #refuse(problem: MalformedMessage): void {
    const exchange = this.#exchange;
    this.#exchange = null;
    this.#closing = true;
    if (exchange?.hasBegun === true) {
      exchange.abandon('malformed');
      this.stream.destroy();
      return;
    }
    const body = malformedBody(problem.status);
    const headers = new HttpHeaders(['content-length', String(body.length)]);
    if (body !== '') headers.append('content-type', 'text/plain');
    headers.append('date', new Date(this.clock.now()).toUTCString());
    headers.append('server', this.server);
    headers.append('connection', 'close');
    this.writer.head(`HTTP/1.1 ${problem.status} ${reasonPhrase(problem.status)}\r\n${headers.toString()}\r\n${body}`);
    if (exchange === null) this.#callbacks.malformed(problem);
    else exchange.abandon('malformed');
    this.answered(false);
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#closing) return;
    this.#lastUse = this.clock.now();
    this.#read(() => this.#reader.push(chunk));
    if (this.#reader.isDone && this.#reader.waitingBytes > PIPELINED_BYTES) this.stream.pause();
  };

  /** Envoy knows no half-open HTTP connection: whoever ends it waits for no answer. */
  readonly #onEnd = (): void => {
    const exchange = this.#exchange;
    this.#exchange = null;
    exchange?.abandon('disconnected');
    if (this.#closing) this.stream.destroy();
    else this.writer.end();
  };

  readonly #onClose = (): void => {
    this.#cancelTimer();
    const exchange = this.#exchange;
    this.#exchange = null;
    exchange?.abandon('disconnected');
  };

  readonly #onDrain = (): void => this.#exchange?.drained();

  #watchIdle(afterMs: number): void {
    this.#cancelTimer = this.clock.schedule(afterMs, () => {
      const left = this.#lastUse + IDLE_MS - this.clock.now();
      if (this.#exchange !== null || left > 0) this.#watchIdle(Math.max(left, 1000));
      else this.stream.destroy();
    });
  }
}

/** One request and its answer. */
export class HttpExchange {
  readonly request: RequestHead;
  readonly body: RequestBody;
  /** Called when nobody waits for the answer any more. */
  onAbandoned: ((why: Abandoned) => void) | null = null;
  /** Called when the client takes more of the answer. */
  onDrain: (() => void) | null = null;
  readonly #connection: FrontConnection;
  #state: 'waiting' | 'answering' | 'answered' = 'waiting';
  #abandoned: Abandoned | null = null;
  #framing: Framing = { kind: 'none' };
  #keep = true;

  constructor(connection: FrontConnection, request: RequestHead, body: RequestBody) {
    this.#connection = connection;
    this.request = request;
    this.body = body;
  }

  get abandoned(): Abandoned | null {
    return this.#abandoned;
  }

  /** Whether an answer's head was sent. */
  get hasBegun(): boolean {
    return this.#state !== 'waiting';
  }

  /** Whether the client should take what it got before it gets more. */
  get isFull(): boolean {
    return this.#connection.writer.isFull;
  }

  /** Begins the answer. `headers` are sent as they are, but for what belongs to the connection. */
  begin(status: number, headers: HttpHeaders, framing: Framing): void {
    if (this.#abandoned !== null || this.#state !== 'waiting') return;
    this.#state = 'answering';
    this.#framing = framing;
    // Whoever has not sent all of its request by now shall not use the connection again.
    this.#keep = this.body.isComplete && !/\bclose\b/i.test(this.request.headers.get('connection') ?? '');
    const line = status === 200 ? 'HTTP/1.1 200 OK\r\n' : `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\n`;
    this.#connection.writer.head(
      `${line}${headers.toString()}${framing.kind === 'chunked' ? 'transfer-encoding: chunked\r\n' : ''}${
        this.#keep ? '' : 'connection: close\r\n'
      }\r\n`,
    );
  }

  data(chunk: Buffer): void {
    if (this.#state === 'answering' && this.#abandoned === null) this.#connection.writer.data(chunk, this.#framing);
  }

  end(): void {
    if (this.#state !== 'answering' || this.#abandoned !== null) return;
    this.#state = 'answered';
    this.#connection.writer.finish(this.#framing);
    this.#connection.answered(this.#keep);
  }

  /** Cuts an answer off that has begun. */
  destroy(): void {
    this.#connection.stream.destroy();
  }

  /** Answers 101 and joins the client with what it asked for. `rest`: bytes of the upstream that were read already. */
  tunnel(headers: HttpHeaders, upstream: Duplex, rest: Buffer | null): void {
    if (this.#abandoned !== null) {
      upstream.destroy();
      return;
    }
    this.#state = 'answered';
    const { writer, stream } = this.#connection;
    writer.head(`HTTP/1.1 101 ${reasonPhrase(101)}\r\n${headers.toString()}\r\n`);
    const early = this.#connection.release();
    spliceFrom(stream, early, upstream, rest);
  }

  abandon(why: Abandoned): void {
    if (this.#abandoned !== null || this.#state === 'answered') return;
    this.#abandoned = why;
    this.onAbandoned?.(why);
  }

  drained(): void {
    this.onDrain?.();
  }
}
