import type { Duplex } from 'node:stream';
import { NetworkError } from '../network/connection.ts';
import {
  mayBecomeResponse,
  readResponseHead,
  responseFraming,
  type Framing,
  type ResponseHead,
} from './http-message.ts';
import { MessageReader } from './http-reader.ts';
import { MessageWriter } from './http-writer.ts';
import type { BodyTarget, RequestBody } from './request-body.ts';

/** Told of an answer as it comes. `failed` comes at most once, and nothing after it. */
export interface AnswerSink {
  head(head: ResponseHead, framing: Framing): void;
  data(chunk: Buffer): void;
  end(): void;
  /** The upstream has taken the upgrade; the connection is the caller's from here on. */
  upgraded(head: ResponseHead, stream: Duplex, rest: Buffer | null): void;
  failed(error: Error): void;
}

export interface OutgoingRequest {
  method: string;
  /** Request line and headers with the empty line; one byte per character. */
  head: string;
  body: RequestBody;
  /** A copy for a mirror: the body goes on to its true target besides. */
  isCopy?: boolean;
}

/** A request on its way to an upstream. */
export interface SentRequest {
  /** Whether it went over a connection that had served before, which its other end may have given up meanwhile. */
  isReused(): boolean;
  /** Ends it; nobody is told any more. */
  abort(): void;
  /** Makes the upstream wait, or go on. */
  pause(): void;
  resume(): void;
}

/** Kept connections to upstreams, each by the key of where it leads and how. */
export class HttpPool {
  readonly #idle = new Map<string, HttpClientConnection[]>();
  readonly #all = new Set<HttpClientConnection>();
  readonly #keepPerKey: number;
  #disposed = false;

  /** @param keepPerKey idle connections kept for one key */
  constructor(keepPerKey: number) {
    this.#keepPerKey = keepPerKey;
  }

  /** Sends over a kept connection, or over one that `dial` makes; its failure is told as it is. */
  send(key: string, dial: () => Promise<Duplex>, request: OutgoingRequest, sink: AnswerSink): SentRequest {
    const kept = this.#idle.get(key)?.pop();
    if (kept !== undefined) {
      kept.send(request, sink);
      return kept.sent;
    }
    return this.#sendFresh(key, dial, request, sink);
  }

  /** Ends what nobody uses; what is in use ends after its answer. */
  closeIdle(): void {
    for (const connections of this.#idle.values()) for (const connection of connections) connection.destroy();
    this.#idle.clear();
    for (const connection of this.#all) connection.isOutdated = true;
  }

  dispose(): void {
    this.#disposed = true;
    for (const connection of this.#all) connection.destroy();
    this.#idle.clear();
  }

  #sendFresh(key: string, dial: () => Promise<Duplex>, request: OutgoingRequest, sink: AnswerSink): SentRequest {
    let connection: HttpClientConnection | null = null;
    let aborted = false;
    dial().then(
      (stream) => {
        if (aborted || this.#disposed) {
          stream.destroy();
          return;
        }
        connection = new HttpClientConnection(stream, {
          idle: (self) => this.#keep(key, self),
          closed: (self) => this.#drop(key, self),
        });
        this.#all.add(connection);
        connection.send(request, sink);
      },
      (error: Error) => {
        if (!aborted) sink.failed(error);
      },
    );
    return {
      isReused: () => false,
      abort() {
        aborted = true;
        connection?.sent.abort();
      },
      pause: () => connection?.sent.pause(),
      resume: () => connection?.sent.resume(),
    };
  }

  #keep(key: string, connection: HttpClientConnection): void {
    const idle = this.#idle.get(key);
    if (this.#disposed || connection.isOutdated || (idle?.length ?? 0) >= this.#keepPerKey) connection.destroy();
    else if (idle === undefined) this.#idle.set(key, [connection]);
    else idle.push(connection);
  }

  #drop(key: string, connection: HttpClientConnection): void {
    this.#all.delete(connection);
    const idle = this.#idle.get(key);
    const index = idle?.indexOf(connection) ?? -1;
    if (index >= 0) idle?.splice(index, 1);
    if (idle?.length === 0) this.#idle.delete(key);
  }
}

interface Owner {
  /** The connection can take another request. */
  idle(connection: HttpClientConnection): void;
  closed(connection: HttpClientConnection): void;
}

class HttpClientConnection {
  /** Whether it is not to be used again. */
  isOutdated = false;
  /** The request on its way. */
  sent!: SentRequest;
  readonly #stream: Duplex;
  readonly #writer: MessageWriter;
  readonly #reader: MessageReader<ResponseHead>;
  readonly #owner: Owner;
  #request: OutgoingRequest | null = null;
  #sink: AnswerSink | null = null;
  #requestsBefore = -1;
  #answerIsComplete = false;
  #keeps = true;
  #upgrade: ResponseHead | null = null;

  constructor(stream: Duplex, owner: Owner) {
    this.#stream = stream;
    this.#owner = owner;
    this.#writer = new MessageWriter(stream);
    this.#reader = new MessageReader<ResponseHead>(
      {
        readHead: readResponseHead,
        framingOf: (head) => responseFraming(head, this.#request?.method ?? ''),
        mayBecome: mayBecomeResponse,
      },
      {
        head: (head, framing) => this.#head(head, framing),
        data: (chunk) => this.#sink?.data(chunk),
        end: () => this.#answerEnded(),
      },
    );
    stream.on('data', this.#onData);
    stream.on('end', this.#onEnd);
    stream.on('error', this.#onError);
    stream.on('close', this.#onClose);
    stream.on('drain', this.#onDrain);
  }

  send(request: OutgoingRequest, sink: AnswerSink): void {
    this.#requestsBefore += 1;
    this.#request = request;
    this.#sink = sink;
    this.#answerIsComplete = false;
    const isReused = this.#requestsBefore > 0;
    const isMine = (): boolean => this.#sink === sink;
    this.sent = {
      isReused: () => isReused,
      abort: () => {
        if (!isMine()) return;
        this.#sink = null;
        this.destroy();
      },
      pause: () => void (isMine() && this.#stream.pause()),
      resume: () => void (isMine() && this.#stream.resume()),
    };
    this.#writer.head(request.head);
    const { body } = request;
    if (body.framing.kind === 'none') return;
    const writer = this.#writer;
    const target: BodyTarget = {
      data: (chunk) => {
        if (isMine()) writer.data(chunk, body.framing);
      },
      end: () => {
        if (!isMine()) return;
        writer.finish(body.framing);
        this.#finishIfDone();
      },
      get isFull() {
        return writer.isFull;
      },
    };
    if (request.isCopy === true) body.copyTo(target);
    else body.sendTo(target);
  }

  destroy(): void {
    this.#stream.destroy();
  }

  #head(head: ResponseHead, framing: Framing): void {
    if (framing.kind === 'interim') return;
    const connection = head.headers.get('connection') ?? '';
    this.#keeps =
      framing.kind !== 'until-close' &&
      (head.version === '1.1' ? !/\bclose\b/i.test(connection) : /\bkeep-alive\b/i.test(connection));
    if (framing.kind === 'tunnel') {
      this.#upgrade = head;
      return;
    }
    this.#sink?.head(head, framing);
    if (framing.kind === 'none') this.#answerEnded();
  }

  #answerEnded(): void {
    this.#answerIsComplete = true;
    this.#sink?.end();
    this.#finishIfDone();
  }

  /** Both directions are through: the next request may come. An answer that did not wait for the request ends it. */
  #finishIfDone(): void {
    if (!this.#answerIsComplete || this.#request === null) return;
    const { body, isCopy } = this.#request;
    const isSent = body.isComplete;
    this.#request = null;
    this.#sink = null;
    this.#stream.resume();
    if (!this.#keeps || !isSent || isCopy === true || this.#reader.waitingBytes > 0) {
      this.destroy();
      return;
    }
    this.#reader.next();
    this.#owner.idle(this);
  }

  readonly #onData = (chunk: Buffer): void => {
    // Bytes that nobody asked for.
    if (this.#request === null) {
      this.destroy();
      return;
    }
    try {
      this.#reader.push(chunk);
    } catch (error) {
      this.#fail(error as Error);
      return;
    }
    if (this.#upgrade !== null) this.#handOver(this.#upgrade);
  };

  #handOver(head: ResponseHead): void {
    const [stream, sink] = [this.#stream, this.#sink];
    this.#sink = null;
    this.#writer.flush();
    stream.pause();
    stream.off('data', this.#onData);
    stream.off('end', this.#onEnd);
    stream.off('drain', this.#onDrain);
    const rest = this.#reader.takeRest();
    if (sink === null) stream.destroy();
    else sink.upgraded(head, stream, rest);
  }

  /** @param error the sink is told */
  #fail(error: Error): void {
    const sink = this.#sink;
    this.#sink = null;
    this.#request = null;
    this.destroy();
    sink?.failed(error);
  }

  readonly #onEnd = (): void => {
    if (this.#request !== null && this.#reader.finish()) {
      // A body that ends with the connection has ended; otherwise the answer was never begun.
      if (this.#answerIsComplete || this.#request === null) return;
    }
    this.#fail(new NetworkError('ECONNRESET', 'connection closed before the answer was complete'));
  };
  readonly #onError = (error: Error): void => this.#fail(error);
  readonly #onClose = (): void => {
    this.#fail(new NetworkError('ECONNRESET', 'connection closed before the answer was complete'));
    this.#owner.closed(this);
  };
  readonly #onDrain = (): void => this.#request?.body.flow();
}
