import type { Duplex } from 'node:stream';
import type { Endpoint } from '../network/connection.ts';
import type { Resources } from './cluster-resources.ts';
import type { Framing, ResponseHead } from './http-message.ts';
import type { HostStats } from './proxy-stats.ts';
import type { RequestBody } from './request-body.ts';

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

/** The connection that a request is on. */
interface Carrier {
  pause(): void;
  resume(): void;
  destroy(): void;
}

/** A request on its way to an upstream. */
export class SentRequest {
  readonly request: OutgoingRequest;
  readonly resources: Resources;
  readonly host: HostStats;
  /** Null once nobody is to be told any more. */
  sink: AnswerSink | null;
  connection: Carrier | null = null;
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
