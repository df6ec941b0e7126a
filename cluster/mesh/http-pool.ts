import { Overflow, type Resources } from './cluster-resources.ts';
import { countFailedConnection, type Dialled } from './dialling.ts';
import { HttpClientConnection } from './http-client-connection.ts';
import type { HostStats } from './proxy-stats.ts';
import { SentRequest, type AnswerSink, type OutgoingRequest } from './sent-request.ts';

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

/**
 * Fails what overflows after some turns of the event loop. Upstream the threads of a client that asks again at once do not
 * hold the proxy's up; here all are one, and the connection that is being made meanwhile would wait for all of them: of
 * Istio's task about circuit breaking, where most requests of two callers succeed, none but the first would.
 */
function refuse(sent: SentRequest, why: string, turns = REFUSAL_TURNS): void {
  if (turns === 0) sent.fail(new Overflow(why));
  else setImmediate(refuse, sent, why, turns - 1);
}
