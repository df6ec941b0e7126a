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
import type { ClusterStats, HostStats } from './proxy-stats.ts';
import type { BodyTarget, RequestBody } from './request-body.ts';

/** Told of an answer as it comes. `failed` comes at most once, and nothing after it. */
export interface AnswerSink {
  /** With framing `none` the answer is complete. */
  head(head: ResponseHead, framing: Framing): void;
  data(chunk: Buffer): void;
  end(): void;
  /** The upstream has taken the upgrade; the connection is the sink's from here on. */
  upgraded(head: ResponseHead, stream: Duplex, rest: Buffer | null): void;
  failed(error: Error): void;
}

export interface OutgoingRequest {
  method: string;
  /** Request line and headers with the empty line; one byte per character. */
  head: string;
  body: RequestBody;
  /** A copy for a mirror: the body goes on to its true target besides. */
  isCopy: boolean;
}

/** What all requests to one cluster of upstreams may use together (Envoy's circuit breakers). */
export interface Resources {
  readonly maxConnections: number;
  readonly maxPending: number;
  readonly maxRequests: number;
  /** On one connection, which is closed after them. */
  readonly maxRequestsPerConnection: number;
  connections: number;
  /** Requests that wait for a connection. */
  pending: number;
  /** Requests on connections. */
  requests: number;
  readonly stats: ClusterStats;
}

/** Code of an error: the connection was not made in its time. */
export const CONNECT_TIMEOUT = 'ERR_CONNECT_TIMEOUT';

/** More was wanted than {@link Resources} allow. */
export class Overflow extends Error {
  override name = 'Overflow';
}

/** What knows no limits. */
export function unlimited(stats: ClusterStats): Resources {
  return {
    maxConnections: Infinity,
    maxPending: Infinity,
    maxRequests: Infinity,
    maxRequestsPerConnection: Infinity,
    connections: 0,
    pending: 0,
    requests: 0,
    stats,
  };
}

/** A connection that was made, and from where. */
export interface Dialled {
  stream: Duplex;
  local: Endpoint;
}

/** A connection with mutual TLS takes about as many. */
const REFUSAL_TURNS = 20;

/** Connections to one upstream, all made alike. */
interface Host {
  key: string;
  idle: HttpClientConnection[];
  waiting: SentRequest[];
  stats: HostStats;
  /** Those that are, and those that are being made. */
  connections: number;
  dial: () => Promise<Dialled>;
}

/** A request on its way to an upstream. */
export class SentRequest {
  readonly request: OutgoingRequest;
  readonly resources: Resources;
  readonly host: HostStats;
  /** Null once nobody is to be told any more. */
  sink: AnswerSink | null;
  connection: HttpClientConnection | null = null;
  /** Where its connection comes from; null until it has one. */
  local: Endpoint | null = null;
  /** Whether it waits for a connection. */
  isWaiting = false;
  /** Whether it went over a connection that had served before, which its other end may have given up meanwhile. */
  isReused = false;

  constructor(request: OutgoingRequest, resources: Resources, host: HostStats, sink: AnswerSink) {
    this.request = request;
    this.resources = resources;
    this.host = host;
    this.sink = sink;
  }

  /** Ends it; nobody is told any more. */
  abort(): void {
    if (this.sink === null) return;
    this.sink = null;
    if (this.isWaiting) this.resources.stats.counts.upstream_rq_cancelled += 1;
    this.leaveQueue();
    this.connection?.destroy();
  }

  /** It waits no longer, whether it goes on or is given up. */
  leaveQueue(): void {
    if (!this.isWaiting) return;
    this.isWaiting = false;
    this.resources.pending -= 1;
  }

  /** Lets it come to its end, of which nobody is told any more. */
  forget(): void {
    this.sink = null;
  }

  /** Makes the upstream wait. */
  pause(): void {
    this.connection?.pause();
  }

  resume(): void {
    this.connection?.resume();
  }

  fail(error: Error): void {
    const { sink } = this;
    this.sink = null;
    sink?.failed(error);
  }
}

/** Kept connections to upstreams, each by the key of where it leads and how. */
export class HttpPool {
  readonly #hosts = new Map<string, Host>();
  readonly #all = new Set<HttpClientConnection>();
  readonly #keepPerHost: number;
  #disposed = false;

  /** @param keepPerHost idle connections kept for one key */
  constructor(keepPerHost: number) {
    this.#keepPerHost = keepPerHost;
  }

  /**
   * Sends over a kept connection, or over one that `dial` makes; its failure is told as it is. An {@link Overflow} is
   * told later than this returns, as every failure.
   */
  send(
    key: string,
    dial: () => Promise<Dialled>,
    request: OutgoingRequest,
    sink: AnswerSink,
    resources: Resources,
    stats: HostStats,
  ): SentRequest {
    const sent = new SentRequest(request, resources, stats, sink);
    let host = this.#hosts.get(key);
    if (host === undefined) this.#hosts.set(key, (host = { key, idle: [], waiting: [], stats, connections: 0, dial }));
    const { counts } = resources.stats;
    if (resources.requests >= resources.maxRequests) {
      counts.upstream_rq_pending_overflow += 1;
      refuse(sent, 'too many requests');
      return sent;
    }
    const kept = host.idle.pop();
    if (kept !== undefined) {
      kept.send(sent);
      return sent;
    }
    if (resources.pending >= resources.maxPending) {
      counts.upstream_rq_pending_overflow += 1;
      refuse(sent, 'too many pending requests');
      return sent;
    }
    resources.pending += 1;
    counts.upstream_rq_pending_total += 1;
    sent.isWaiting = true;
    host.waiting.push(sent);
    // Envoy makes the first connection to a host whatever the limit says.
    if (resources.connections < resources.maxConnections || host.connections === 0) this.#connect(host, resources);
    else counts.upstream_cx_overflow += 1;
    return sent;
  }

  /** Ends what nobody uses; what is in use ends after its answer. */
  closeIdle(): void {
    for (const connection of this.#all) connection.retire();
  }

  /** As {@link closeIdle}, for the keys that begin so. */
  retire(prefix: string): void {
    for (const connection of this.#all) if (connection.key.startsWith(prefix)) connection.retire();
  }

  dispose(): void {
    this.#disposed = true;
    for (const connection of this.#all) connection.destroy();
    this.#hosts.clear();
  }

  #connect(host: Host, resources: Resources): void {
    host.connections += 1;
    resources.connections += 1;
    const { counts } = resources.stats;
    counts.upstream_cx_total += 1;
    counts.upstream_cx_http1_total += 1;
    host.stats.cx_total += 1;
    host.stats.cx_active += 1;
    host.dial().then(
      ({ stream, local }) => {
        if (this.#disposed) {
          stream.destroy();
          return;
        }
        const connection = new HttpClientConnection(stream, local, host.key, resources.maxRequestsPerConnection, {
          idle: (self) => this.#idle(host, self),
          closed: (self) => this.#closed(host, self, resources),
        });
        this.#all.add(connection);
        this.#idle(host, connection);
      },
      (error: Error) => {
        host.connections -= 1;
        resources.connections -= 1;
        countFailedConnection(resources.stats, host.stats, error);
        const waiting = this.#nextWaiting(host);
        if (waiting !== undefined) counts.upstream_rq_pending_failure_eject += 1;
        waiting?.fail(error);
        this.#connectForWaiting(host);
      },
    );
  }

  #nextWaiting(host: Host): SentRequest | undefined {
    for (let sent = host.waiting.shift(); sent !== undefined; sent = host.waiting.shift()) {
      sent.leaveQueue();
      if (sent.sink !== null) return sent;
    }
    return undefined;
  }

  #idle(host: Host, connection: HttpClientConnection): void {
    if (this.#disposed || connection.isOutdated) {
      connection.destroy();
      return;
    }
    const waiting = this.#nextWaiting(host);
    if (waiting !== undefined) connection.send(waiting);
    else if (host.idle.length >= this.#keepPerHost) connection.destroy();
    else host.idle.push(connection);
  }

  #closed(host: Host, connection: HttpClientConnection, resources: Resources): void {
    this.#all.delete(connection);
    host.connections -= 1;
    resources.connections -= 1;
    resources.stats.counts.upstream_cx_destroy += 1;
    host.stats.cx_active -= 1;
    const index = host.idle.indexOf(connection);
    if (index >= 0) host.idle.splice(index, 1);
    this.#connectForWaiting(host);
    if (host.connections === 0 && host.waiting.length === 0) this.#hosts.delete(host.key);
  }

  #connectForWaiting(host: Host): void {
    const [first] = host.waiting;
    if (first === undefined || this.#disposed || host.connections >= host.waiting.length) return;
    if (first.resources.connections < first.resources.maxConnections || host.connections === 0) {
      this.#connect(host, first.resources);
    }
  }
}

interface Owner {
  /** The connection can take another request. */
  idle(connection: HttpClientConnection): void;
  closed(connection: HttpClientConnection): void;
}

class HttpClientConnection implements BodyTarget {
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

/** A connection that could not be made. */
export function countFailedConnection(
  { counts }: ClusterStats,
  host: HostStats,
  { code }: Error & { code?: string },
): void {
  host.cx_connect_fail += 1;
  host.cx_active -= 1;
  counts.upstream_cx_connect_fail += 1;
  if (code === CONNECT_TIMEOUT) counts.upstream_cx_connect_timeout += 1;
  counts.upstream_cx_destroy += 1;
}

function cutOff(): NetworkError {
  return new NetworkError('ECONNRESET', 'connection closed before the answer was complete');
}

/**
 * Fails what overflows after some turns of the event loop. Upstream the threads of a client that asks again at once do not
 * hold the proxy's up; here all are one, and the connection that is being made meanwhile would wait for all of them: of
 * Istio's task about circuit breaking, where most requests of two callers succeed, none but the first would.
 */
function refuse(sent: SentRequest, why: string, turns = REFUSAL_TURNS): void {
  if (turns === 0) sent.fail(new Overflow(why));
  else setImmediate(refuse, sent, why, turns - 1);
}
