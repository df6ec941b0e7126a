import type { Endpoint } from '../network/connection.ts';
import type { AccessLogEntry } from './access-log.ts';
import { localReply } from './http-forward.ts';
import type { HttpExchange } from './http-front.ts';
import type { RequestHead } from './http-message.ts';
import { isGrpc } from './peer-fields.ts';
import { randomUuid } from './request-id.ts';
import type { SidecarContext } from './sidecar.ts';
import type { Upstream } from './upstreams.ts';
import type { Verdict } from './verdict-log.ts';
import { namespaceOf, type HttpMatch, type HttpRoute, type VirtualService } from './virtual-service.ts';
import { partyOf } from './workload.ts';

/** A request at a proxy that faces clients: how it came. */
export interface Downstream {
  local: Endpoint;
  remote: Endpoint;
  /** The port that routes are written for: the service's or the gateway's. */
  port: number;
  scheme: 'http' | 'https';
  serverName: string | null;
  /** Name of the proxy in `server`. */
  server: 'envoy' | 'istio-envoy';
  /** Further headers of each request to an upstream; null removes one. */
  requestHeaders: Readonly<Record<string, string | null>>;
}

/** An answer of the proxy's own: of an upstream that failed, of the route's time, or of the route itself. */
export interface OwnAnswer {
  status: number;
  flags: string;
  details: string;
  body: string;
  transportFailure?: string;
}

/** One request at the client's side of a proxy, with what it says of it. */
export class ProxiedRequest {
  readonly context: SidecarContext;
  readonly exchange: HttpExchange;
  readonly request: RequestHead;
  readonly downstream: Downstream;
  readonly requestId: string;
  readonly start: number;
  /** Set when a VirtualService's route was found. */
  route: { route: HttpRoute; match: HttpMatch | undefined; service: VirtualService } | null = null;
  /** Of this proxy to the client, set by the route; lower case. */
  answerHeaders: readonly (readonly [string, string])[] = [];
  /** A cookie that brings the client back to the same endpoint; null for none. */
  setCookie: string | null = null;

  constructor(context: SidecarContext, exchange: HttpExchange, downstream: Downstream) {
    this.context = context;
    this.exchange = exchange;
    this.request = exchange.request;
    this.downstream = downstream;
    this.requestId = exchange.request.headers.get('x-request-id') ?? randomUuid(context.randomBytes);
    this.start = context.clock.now();
  }

  /** Name of the VirtualService whose route was found, as `namespace/name`. */
  get virtualService(): string | null {
    return this.route === null ? null : nameOf(this.route.service);
  }

  /** Answers by itself, and logs it. */
  reply(answer: OwnAnswer, rest: Partial<AccessLogEntry>, headers: Readonly<Record<string, string>> = {}): void {
    localReply(this.exchange, {
      ...answer,
      headers: { ...headers, ...Object.fromEntries(this.answerHeaders) },
      server: this.downstream.server,
      now: this.context.clock.now(),
    });
    this.log({ ...answer, bytesSent: Buffer.byteLength(answer.body), ...rest });
  }

  log(rest: Partial<AccessLogEntry>): void {
    const { request, downstream } = this;
    const { local, remote } = downstream;
    const { headers } = request;
    const entry: AccessLogEntry = {
      startTime: this.start,
      method: request.method,
      path: request.path,
      protocol: `HTTP/${request.version}`,
      status: 0,
      bytesReceived: this.exchange.body.bytes,
      bytesSent: 0,
      durationMs: Math.max(0, Math.round(this.context.clock.now() - this.start)),
      forwardedFor: headers.get('x-forwarded-for') ?? downstream.requestHeaders['x-forwarded-for'] ?? undefined,
      userAgent: headers.get('user-agent'),
      requestId: this.requestId,
      authority: headers.get('host'),
      downstreamLocal: `${local.ip}:${local.port}`,
      downstreamRemote: `${remote.ip}:${remote.port}`,
      serverName: downstream.serverName,
      route: this.route === null ? 'default' : (this.route.route.name ?? '-'),
      grpc: isGrpc(headers),
    };
    this.context.record(Object.assign(entry, rest));
  }

  /** Says why it did not get through. */
  judge({
    server = null,
    ...rest
  }: Partial<Omit<Verdict, 'server'>> & { code: Verdict['code']; server?: Upstream['server'] }): void {
    const { request, downstream } = this;
    const { mesh, clock, pod } = this.context;
    mesh.verdicts.record({
      time: clock.now(),
      client: partyOf(mesh.workload(pod)),
      server: server === null ? null : partyOf(server),
      port: downstream.port,
      mode: null,
      kind: null,
      policy: null,
      detail: null,
      request: { method: request.method, host: request.headers.get('host') ?? '', path: request.path },
      ...rest,
    });
  }
}

export function nameOf(service: VirtualService): string {
  return `${namespaceOf(service)}/${service.metadata.name}`;
}
