import type { Duplex } from 'node:stream';
import type { Connection } from '../network/connection.ts';
import { joinFlags, type AccessLogEntry } from './access-log.ts';
import { dialApplication } from './application-side.ts';
import { spiffeUri } from './authority.ts';
import { operationOf } from './destination.ts';
import type { Resources } from './cluster-resources.ts';
import type { HttpPool } from './http-pool.ts';
import type { AnswerSink, SentRequest } from './sent-request.ts';
import { localReply, passedBack, passedOn, Relay, relayUpgrade, requestText } from './http-forward.ts';
import type { HttpExchange } from './http-front.ts';
import type { HttpHeaders } from './http-headers.ts';
import type { Framing, ResponseHead } from './http-message.ts';
import { inboundWay } from './inbound-cluster.ts';
import { abandonedFields, cutFields } from './interrupted.ts';
import type { Peer } from './mutual-tls.ts';
import { isGrpc } from './peer-fields.ts';
import { randomUuid } from './request-id.ts';
import type { InboundPort } from './service-protocol.ts';
import type { SidecarContext } from './sidecar.ts';
import { upstreamFailure } from './upstream-failure.ts';

/** A connection at the server's side of a sidecar, once it was let in. */
export interface InboundConnection {
  connection: Connection;
  peer: Peer | null;
  serverName: string | null;
  target: InboundPort | undefined;
  /** `inbound|8080||` */
  upstreamCluster: string;
}

/** One request that was admitted, on its way to the program beside the sidecar. */
export class InboundRequest implements AnswerSink {
  readonly #context: SidecarContext;
  readonly #pool: HttpPool;
  readonly #resources: Resources;
  readonly #exchange: HttpExchange;
  readonly #inbound: InboundConnection;
  readonly #requestId: string;
  readonly #start: number;
  readonly #text: string;
  #sent!: SentRequest;
  #relay: Relay | null = null;
  #upstreamMs = 0;

  /** @param admitted headers that the policies set; null removes one */
  constructor(
    context: SidecarContext,
    pool: HttpPool,
    resources: Resources,
    exchange: HttpExchange,
    inbound: InboundConnection,
    start: number,
    admitted: Readonly<Record<string, string | null>>,
  ) {
    this.#context = context;
    this.#pool = pool;
    this.#resources = resources;
    this.#exchange = exchange;
    this.#inbound = inbound;
    this.#start = start;
    const { request } = exchange;
    const headers = passedOn(request);
    this.#requestId = headers.get('x-request-id') ?? randomUuid(context.randomBytes);
    if (!headers.has('x-forwarded-proto')) headers.append('x-forwarded-proto', 'http');
    headers.set('x-request-id', this.#requestId);
    if (inbound.peer !== null) this.#nameClient(headers, inbound.peer);
    for (const name in admitted) {
      const value = admitted[name] as string | null;
      if (value === null) headers.remove(name);
      else headers.set(name, value);
    }
    this.#text = requestText(request, request.path, headers);
  }

  send(): void {
    const { port } = this.#inbound.connection.local;
    const { request, body } = this.#exchange;
    this.#exchange.onAbandoned = (why) => {
      this.#sent.abort();
      this.#log(abandonedFields(why));
    };
    this.#sent = this.#pool.send(
      String(port),
      () => dialApplication(this.#context.podNetwork, port),
      { method: request.method, head: this.#text, body, isCopy: false },
      this,
      this.#resources,
      this.#resources.stats.host(String(port)),
    );
  }

  head(head: ResponseHead, framing: Framing): void {
    this.#resources.stats.answered(head.status);
    const headers = this.#answerHeaders(head);
    this.#relay = new Relay(this.#exchange, this.#sent, { status: head.status, headers, framing }, (relay, cut) =>
      this.#log({ status: head.status, ...cutFields(cut), bytesSent: relay.bytes, upstreamMs: this.#upstreamMs }),
    );
  }

  data(chunk: Buffer): void {
    this.#relay?.data(chunk);
  }

  end(): void {
    this.#relay?.end();
  }

  upgraded(head: ResponseHead, stream: Duplex, rest: Buffer | null): void {
    relayUpgrade(this.#exchange, this.#answerHeaders(head), { head, stream, rest }, (bytesSent) =>
      this.#log({ status: 101, details: 'via_upstream', bytesSent, upstreamMs: this.#upstreamMs }),
    );
  }

  failed(error: Error & { code?: string }): void {
    if (this.#relay !== null) {
      this.#relay.failed();
      return;
    }
    const wasClosed = error.code === 'ECONNRESET' || error.code === 'EPIPE';
    // A kept connection that the application has closed meanwhile is no answer.
    if (wasClosed && this.#sent.isReused && this.#exchange.body.bytes === 0) {
      this.send();
      return;
    }
    const isCurrent = this.#context.mesh.era.inboundClusters === 'by-port';
    const connected = error.code !== 'ECONNREFUSED';
    const failure = upstreamFailure(error, {
      connected,
      // Istio 1.27, ENABLE_INBOUND_RETRY_POLICY: what did not get to the program is repeated, two times.
      retries: isCurrent && !connected,
      texts: this.#context.mesh.era.failureTexts,
    });
    this.#resources.stats.answered(failure.status);
    localReply(this.#exchange, { ...failure, server: 'istio-envoy', now: this.#context.clock.now() });
    this.#log({
      ...failure,
      flags: isCurrent && !connected ? joinFlags('URX', failure.flags) : failure.flags,
      bytesSent: failure.body.length,
      ...(connected ? {} : { upstreamLocal: undefined }),
    });
  }

  #answerHeaders(head: ResponseHead): HttpHeaders {
    const { target } = this.#inbound;
    const now = this.#context.clock.now();
    this.#upstreamMs = Math.max(0, Math.round(now - this.#start));
    const headers = passedBack(head, now);
    headers.remove('server');
    headers.append('server', 'istio-envoy');
    headers.set('x-envoy-upstream-service-time', String(this.#upstreamMs));
    if (target !== undefined) headers.set('x-envoy-decorator-operation', operationOf(target));
    return headers;
  }

  /** Appended to what an earlier proxy wrote (APPEND_FORWARD). */
  #nameClient(headers: HttpHeaders, peer: Peer): void {
    const { namespace, serviceAccount } = this.#context.workload;
    const own = `By=${spiffeUri(namespace, serviceAccount)};Hash=${peer.hash};Subject="";URI=${peer.uri}`;
    const earlier = headers.get('x-forwarded-client-cert');
    headers.set('x-forwarded-client-cert', earlier === undefined ? own : `${earlier},${own}`);
  }

  #log(rest: Partial<AccessLogEntry>): void {
    const { connection, peer, serverName, upstreamCluster } = this.#inbound;
    const { request, body } = this.#exchange;
    const { headers } = request;
    const here = `${connection.local.ip}:${connection.local.port}`;
    const entry: AccessLogEntry = {
      startTime: this.#start,
      method: request.method,
      path: request.path,
      protocol: `HTTP/${request.version}`,
      status: 0,
      bytesReceived: body.bytes,
      bytesSent: 0,
      durationMs: Math.max(0, Math.round(this.#context.clock.now() - this.#start)),
      forwardedFor: headers.get('x-forwarded-for'),
      userAgent: headers.get('user-agent'),
      requestId: this.#requestId,
      authority: headers.get('host'),
      ...inboundWay(connection, this.#context.mesh.era),
      upstreamCluster,
      downstreamLocal: here,
      downstreamRemote: `${connection.remote.ip}:${connection.remote.port}`,
      serverName,
      route: 'default',
      peerUri: peer?.uri ?? null,
      peerKnown: peer !== null || headers.has('x-envoy-attempt-count'),
      grpc: isGrpc(headers),
    };
    this.#context.record(Object.assign(entry, rest));
  }
}
