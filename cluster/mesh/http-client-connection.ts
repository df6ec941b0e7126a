import type { Duplex } from 'node:stream';
import { Connection, NetworkError, type Endpoint } from '../network/connection.ts';
import {
  mayBecomeResponse,
  readResponseHead,
  responseFraming,
  type Framing,
  type ResponseHead,
} from './http-message.ts';
import { MessageReader } from './http-reader.ts';
import { MessageWriter } from './http-writer.ts';
import type { BodyTarget } from './request-body.ts';
import type { SentRequest } from './sent-request.ts';

/** The pool that a connection is of. */
interface Owner {
  /** The connection can take another request. */
  idle(connection: HttpClientConnection): void;
  closed(connection: HttpClientConnection): void;
}

/** A connection to an upstream, over which one request goes after the other. */
export class HttpClientConnection implements BodyTarget {
  readonly key: string;
  /** Whether it is not to be used again. */
  isOutdated = false;
  readonly #local: Endpoint;
  readonly #stream: Duplex;
  readonly #writer: MessageWriter;
  readonly #reader: MessageReader<ResponseHead>;
  readonly #owner: Owner;
  #requestsLeft: number;
  #hasServed = false;
  #sent: SentRequest | null = null;
  #answerIsComplete = false;
  #keeps = true;
  #upgrade: ResponseHead | null = null;

  constructor(stream: Duplex, local: Endpoint, key: string, maxRequests: number, owner: Owner) {
    this.key = key;
    this.#local = local;
    this.#stream = stream;
    this.#owner = owner;
    this.#requestsLeft = maxRequests;
    this.#writer = new MessageWriter(stream);
    if (stream instanceof Connection) stream.hurry();
    this.#reader = new MessageReader<ResponseHead>(
      {
        readHead: readResponseHead,
        framingOf: (head) => responseFraming(head, this.#sent?.request.method ?? ''),
        mayBecome: mayBecomeResponse,
      },
      {
        head: (head, framing) => this.#head(head, framing),
        data: (chunk) => this.#sent?.sink?.data(chunk),
        end: () => this.#answerEnded(),
      },
    );
    stream.on('data', this.#onData);
    stream.on('end', this.#onEnd);
    stream.on('error', this.#onError);
    stream.on('close', this.#onClose);
    stream.on('drain', this.#onDrain);
  }

  /** Ends it once it is not used. */
  retire(): void {
    this.isOutdated = true;
    if (this.#sent === null) this.destroy();
  }

  send(sent: SentRequest): void {
    this.#sent = sent;
    this.#answerIsComplete = false;
    this.#requestsLeft -= 1;
    sent.connection = this;
    sent.local = this.#local;
    sent.isReused = this.#hasServed;
    sent.resources.requests += 1;
    sent.resources.stats.counts.upstream_rq_total += 1;
    sent.host.rq_total += 1;
    sent.host.rq_active += 1;
    this.#hasServed = true;
    const { head, body, isCopy } = sent.request;
    if (body.framing.kind === 'none') {
      this.#writer.message(head);
      return;
    }
    this.#writer.head(head);
    if (isCopy) body.copyTo(this);
    else body.sendTo(this);
  }

  /** A piece of the request's body. */
  data(chunk: Buffer): void {
    if (this.#sent !== null) this.#writer.data(chunk, this.#sent.request.body.framing);
  }

  /** The end of the request's body. */
  end(): void {
    if (this.#sent === null) return;
    this.#writer.finish(this.#sent.request.body.framing);
    // The answer did not wait for this.
    if (this.#answerIsComplete) this.destroy();
  }

  get isFull(): boolean {
    return this.#writer.isFull;
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    if (this.#stream.isPaused()) this.#stream.resume();
  }

  destroy(): void {
    this.#stream.destroy();
  }

  #head(head: ResponseHead, framing: Framing): void {
    if (framing.kind === 'interim') return;
    const connection = head.headers.get('connection');
    if (head.version === '1.0') this.#keeps = connection !== undefined && /\bkeep-alive\b/i.test(connection);
    else if (connection !== undefined && /\bclose\b/i.test(connection)) this.#keeps = false;
    if (framing.kind === 'until-close') this.#keeps = false;
    if (framing.kind === 'tunnel') {
      this.#upgrade = head;
      return;
    }
    const sent = this.#sent;
    if (framing.kind === 'none') this.#answered();
    sent?.sink?.head(head, framing);
  }

  #answerEnded(): void {
    const sent = this.#sent;
    this.#answered();
    sent?.sink?.end();
  }

  /** The next request may come, also before the sink hears of this one; unless the answer did not wait for its request. */
  #answered(): void {
    this.#answerIsComplete = true;
    if (this.#sent?.request.body.isComplete === true) this.#release();
  }

  /** Both directions are through: the next request may come. */
  #release(): void {
    const sent = this.#sent as SentRequest;
    this.#sent = null;
    sent.connection = null;
    sent.resources.requests -= 1;
    sent.host.rq_active -= 1;
    if (this.#requestsLeft <= 0) sent.resources.stats.counts.upstream_cx_max_requests += 1;
    if (!this.#keeps || this.#requestsLeft <= 0 || sent.request.isCopy || this.#reader.waitingBytes > 0) {
      this.destroy();
      return;
    }
    this.#reader.next();
    this.resume();
    this.#owner.idle(this);
  }

  readonly #onData = (chunk: Buffer): void => {
    // Bytes that nobody asked for.
    if (this.#sent === null) {
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
    const stream = this.#stream;
    const sink = this.#sent?.sink ?? null;
    this.#drop();
    this.#writer.flush();
    stream.pause();
    stream.off('data', this.#onData);
    stream.off('end', this.#onEnd);
    stream.off('drain', this.#onDrain);
    const rest = this.#reader.takeRest();
    if (sink === null) stream.destroy();
    else sink.upgraded(head, stream, rest);
  }

  #drop(): SentRequest | null {
    const sent = this.#sent;
    this.#sent = null;
    if (sent !== null) {
      sent.connection = null;
      sent.resources.requests -= 1;
      sent.host.rq_active -= 1;
    }
    return sent;
  }

  #fail(error: Error): void {
    const sent = this.#drop();
    if (sent !== null) sent.resources.stats.counts.upstream_cx_destroy_with_active_rq += 1;
    this.destroy();
    sent?.fail(error);
  }

  readonly #onEnd = (): void => {
    // A body that ends with the connection has ended.
    if (this.#sent !== null) this.#reader.finish();
    this.#fail(cutOff());
  };
  readonly #onError = (error: Error): void => this.#fail(error);
  readonly #onClose = (): void => {
    this.#fail(cutOff());
    this.#owner.closed(this);
  };
  readonly #onDrain = (): void => this.#sent?.request.body.flow();
}

function cutOff(): NetworkError {
  return new NetworkError('ECONNRESET', 'connection closed before the answer was complete');
}
