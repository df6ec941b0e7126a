import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Endpoint } from '../network/connection.ts';
import type { AccessLogEntry } from './access-log.ts';
import { spiffeUri } from './authority.ts';
import { clusterName, operationOf, serviceByHost, withPort, type Destination } from './destination.ts';
import { parseDuration } from './duration.ts';
import { faultOf } from './fault.ts';
import { headerChanges, type HeaderChange } from './header-operations.ts';
import { qualifyHost } from './host-name.ts';
import { localReply, relayAnswer, sendRequest, type SentRequest } from './http-forward.ts';
import {
  findHttpRoute,
  pickDestination,
  redirection,
  rewritePath,
  type RoutedRequest,
  type RouteSource,
} from './http-route.ts';
import { isGrpc } from './peer-fields.ts';
import { randomUuid } from './request-id.ts';
import { RequestBody } from './request-body.ts';
import { retryPolicyOf, shouldRetry, type AttemptOutcome } from './retry-policy.ts';
import type { SidecarContext } from './sidecar.ts';
import { upstreamFailure } from './upstream-failure.ts';
import { ConnectFailed, type Upstream, type Upstreams } from './upstreams.ts';
import type { Verdict } from './verdict-log.ts';
import {
  namespaceOf,
  type HttpMatch,
  type HttpRoute,
  type RouteDestination,
  type VirtualService,
} from './virtual-service.ts';
import { partyOf } from './workload.ts';

/** What a request's host is to a proxy. */
export type VirtualHost =
  /** By the VirtualServices' routes; without any, straight to the service. */
  | { kind: 'routes'; services: readonly VirtualService[]; fallback: Destination | null; source: RouteSource }
  /** Nobody knows the host: where the connection wanted to go. */
  | { kind: 'passthrough'; endpoint: Endpoint }
  /** Nobody knows the host, and such are not to be called. `by`: the object that says so. */
  | { kind: 'blocked'; by: string }
  /** A gateway's server that takes no plaintext. */
  | { kind: 'redirect-to-https' }
  | { kind: 'not-found'; gateway: string | null };

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

interface Routed {
  request: IncomingMessage;
  response: ServerResponse;
  downstream: Downstream;
  requestId: string;
  body: RequestBody;
  start: number;
  /** Set when a VirtualService's route was found. */
  route: { route: HttpRoute; match: HttpMatch | undefined; service: VirtualService } | null;
}

/** One destination with what its route does to requests. */
interface Plan {
  destination: Destination | null;
  endpoint: Endpoint | null;
  path: string;
  authority: string | undefined;
  requestChanges: HeaderChange[];
  responseChanges: HeaderChange[];
}

/** Why there was no answer: of an upstream, or of the route's time. */
type Failure = { status: number; flags: string; details: string; body: string; transportFailure?: string };

/**
 * Routes of HTTP requests at the client's side, of sidecars and of gateways: which destination, with which faults,
 * time and repetitions (Istio 1.27, pilot/pkg/networking/core/route/route.go; Envoy, source/common/router/router.cc).
 * Left out: CORS, delegates, circuit breakers and outlier detection, and the pauses between retries, at most 25 ms.
 */
export class HttpRouter {
  readonly #context: SidecarContext;
  readonly #upstreams: Upstreams;

  constructor(context: SidecarContext, upstreams: Upstreams) {
    this.#context = context;
    this.#upstreams = upstreams;
  }

  async handle(
    request: IncomingMessage,
    response: ServerResponse,
    downstream: Downstream,
    host: VirtualHost,
  ): Promise<void> {
    const routed: Routed = {
      request,
      response,
      downstream,
      requestId: String(request.headers['x-request-id'] ?? randomUuid(this.#context.randomBytes)),
      body: new RequestBody(request),
      start: this.#context.clock.now(),
      route: null,
    };
    switch (host.kind) {
      case 'passthrough':
        return this.#send(routed, { ...plainPlan(request), endpoint: host.endpoint });
      case 'blocked':
        this.#record(routed, { code: 'outbound-blocked', kind: 'Sidecar', policy: host.by });
        return this.#reply(
          routed,
          { status: 502, flags: '-', details: 'direct_response', body: '' },
          {
            upstreamCluster: 'BlackHoleCluster',
            route: 'block_all',
          },
        );
      case 'redirect-to-https': {
        const location = `https://${(request.headers.host ?? '').replace(/:\d+$/, '')}${request.url ?? '/'}`;
        return this.#reply(routed, { status: 301, flags: '-', details: 'direct_response', body: '' }, {}, { location });
      }
      case 'not-found':
        return this.#notFound(routed, 'Gateway', host.gateway);
      case 'routes':
        return this.#followRoutes(routed, host);
    }
  }

  async #followRoutes(routed: Routed, host: Extract<VirtualHost, { kind: 'routes' }>): Promise<void> {
    const { request, downstream } = routed;
    const services = host.services.filter(({ spec }) => (spec?.http ?? []).length > 0);
    if (services.length === 0) {
      if (host.fallback === null) return this.#notFound(routed, null, null);
      return this.#send(routed, { ...plainPlan(request), destination: host.fallback });
    }
    const asked: RoutedRequest = {
      method: request.method ?? 'GET',
      path: request.url ?? '/',
      authority: request.headers.host ?? '',
      scheme: downstream.scheme,
      port: downstream.port,
      header: (name) => headerOf(request, name),
    };
    for (const service of services) {
      const found = findHttpRoute(service.spec?.http ?? [], asked, host.source, namespaceOf(service));
      if (found !== undefined) {
        routed.route = { ...found, service };
        return this.#follow(routed, asked, found.route, found.match, service);
      }
    }
    return this.#notFound(routed, 'VirtualService', services.map(nameOf).join(', '));
  }

  async #follow(
    routed: Routed,
    asked: RoutedRequest,
    route: HttpRoute,
    match: HttpMatch | undefined,
    service: VirtualService,
  ): Promise<void> {
    if (route.redirect !== undefined) {
      const { status, location } = redirection(route.redirect, asked, match);
      return this.#reply(routed, { status, flags: '-', details: 'direct_response', body: '' }, {}, { location });
    }
    if (route.directResponse !== undefined) {
      const { status, body } = route.directResponse;
      const text = body?.string ?? (body?.bytes === undefined ? '' : Buffer.from(body.bytes, 'base64').toString());
      return this.#reply(routed, { status, flags: '-', details: 'direct_response', body: text }, {});
    }
    const chosen = pickDestination(route.route ?? [], this.#dice());
    const destination =
      chosen === undefined ? null : this.#resolve(chosen.destination, service, routed.downstream.port);
    const fault = faultOf(route, () => this.#dice());
    if (fault.delayMs > 0) await this.#pause(fault.delayMs);
    if (fault.abortStatus !== null) {
      this.#record(routed, {
        code: 'fault-injected',
        kind: 'VirtualService',
        policy: nameOf(service),
        detail: String(fault.abortStatus),
      });
      const flags = fault.delayMs > 0 ? 'DI,FI' : 'FI';
      return this.#reply(
        routed,
        { status: fault.abortStatus, flags, details: 'fault_filter_abort', body: 'fault filter abort' },
        { upstreamCluster: destination === null ? undefined : clusterName(destination) },
      );
    }
    const plan: Plan = {
      destination,
      endpoint: null,
      path: rewritePath(asked.path, route, match),
      authority: route.rewrite?.authority,
      requestChanges: headerChanges(chosen?.headers?.request, route.headers?.request),
      responseChanges: headerChanges(chosen?.headers?.response, route.headers?.response),
    };
    const mirrors = [
      ...(route.mirrors ?? []),
      ...(route.mirror === undefined ? [] : [{ destination: route.mirror, percentage: route.mirrorPercentage }]),
    ];
    for (const { destination: to, percentage } of mirrors) {
      if (this.#dice() * 100 < (percentage?.value ?? 100))
        this.#mirror(routed, plan, this.#resolve(to, service, routed.downstream.port));
    }
    return this.#send(routed, plan, fault.delayMs > 0 ? 'DI' : '-');
  }

  /** Sends to the destination, again where the route's policy says so, and answers. */
  async #send(routed: Routed, plan: Plan, flags = '-'): Promise<void> {
    const { response } = routed;
    const { clock } = this.#context;
    const route = routed.route?.route;
    const policy = retryPolicyOf(route);
    const timeoutMs = parseDuration(route?.timeout) ?? 0;
    const timer = { fired: false };
    let sent: SentRequest | null = null;
    let gone = false;
    const cancelTimeout =
      timeoutMs > 0
        ? clock.schedule(timeoutMs, () => {
            timer.fired = true;
            sent?.abort();
          })
        : () => {};
    const onClose = (): void => {
      gone = !response.writableFinished;
      if (gone) sent?.abort();
    };
    response.once('close', onClose);
    try {
      for (let attempt = 1; ; attempt += 1) {
        const upstream = this.#upstreamOf(plan);
        if (typeof upstream === 'string') return this.#noUpstream(routed, plan, upstream);
        const mayRetry = attempt <= policy.attempts;
        let perTry = false;
        const cancelTry =
          policy.perTryTimeoutMs === null
            ? () => {}
            : clock.schedule(policy.perTryTimeoutMs, () => {
                perTry = true;
                sent?.abort();
              });
        const startedAt = clock.now();
        sent = sendRequest(routed.request, {
          body: routed.body,
          connection: null,
          agent: this.#upstreams.pool,
          target: { upstream },
          path: plan.path,
          headers: this.#requestHeaders(routed, plan, upstream, attempt),
          changes: plan.requestChanges,
        });
        let failure: Failure;
        let outcome: AttemptOutcome;
        try {
          const answer = await sent.answer;
          cancelTry();
          const status = answer.statusCode ?? 502;
          if (mayRetry && routed.body.canReplay && shouldRetry(policy, { status })) {
            answer.resume();
            continue;
          }
          cancelTimeout();
          return await this.#relay(
            routed,
            plan,
            upstream,
            answer,
            Math.max(0, Math.round(clock.now() - startedAt)),
            flags,
          );
        } catch (error) {
          cancelTry();
          if (gone)
            return this.#log(routed, plan, {
              status: 0,
              flags: 'DC',
              details: 'downstream_remote_disconnect',
              ...hostsOf(upstream),
            });
          if (timer.fired || perTry) {
            const details = timer.fired ? 'response_timeout' : 'upstream_per_try_timeout';
            outcome = 'per-try-timeout';
            failure = { status: 504, flags: 'UT', details, body: 'upstream request timeout' };
          } else {
            const connected = !(error instanceof ConnectFailed);
            outcome = connected ? 'reset' : 'connect-failure';
            failure = upstreamFailure(error as Error, { connected, retries: attempt > 1 });
          }
        }
        if (!timer.fired && mayRetry && routed.body.canReplay && shouldRetry(policy, outcome)) continue;
        this.#failed(routed, plan, upstream, failure);
        return this.#reply(routed, failure, { ...this.#clusterOf(plan), ...hostsOf(upstream) });
      }
    } finally {
      cancelTimeout();
      response.off('close', onClose);
    }
  }

  async #relay(
    routed: Routed,
    plan: Plan,
    upstream: Upstream,
    answer: IncomingMessage,
    upstreamMs: number,
    flags: string,
  ): Promise<void> {
    const bytesSent = await relayAnswer(answer, routed.response, {
      headers: {
        server: routed.downstream.server,
        'x-envoy-upstream-service-time': String(upstreamMs),
        // Meant for this proxy, not for the program behind it.
        'x-envoy-decorator-operation': null,
      },
      changes: plan.responseChanges,
      now: this.#context.clock.now(),
    });
    this.#log(routed, plan, {
      status: answer.statusCode ?? 502,
      flags,
      details: 'via_upstream',
      bytesSent,
      upstreamMs,
      peerUri:
        upstream.tls.kind === 'mesh' && upstream.server !== null
          ? spiffeUri(upstream.server.namespace, upstream.server.serviceAccount)
          : null,
      ...hostsOf(upstream),
    });
  }

  #requestHeaders(routed: Routed, plan: Plan, upstream: Upstream, attempt: number): Record<string, string | null> {
    const { downstream, requestId } = routed;
    const { destination, authority } = plan;
    return {
      'x-forwarded-proto': downstream.scheme,
      'x-request-id': requestId,
      'x-envoy-attempt-count': String(attempt),
      ...(destination !== null && upstream.tls.kind === 'plaintext'
        ? { 'x-envoy-decorator-operation': operationOf(destination) }
        : {}),
      ...downstream.requestHeaders,
      ...(authority === undefined ? {} : { host: authority }),
      ...(plan.path === routed.request.url ? {} : { 'x-envoy-original-path': routed.request.url ?? '/' }),
    };
  }

  /** A copy whose answer nobody waits for. Envoy marks its host. */
  #mirror(routed: Routed, plan: Plan, destination: Destination | null): void {
    const upstream = destination === null ? 'unknown-host' : this.#upstreams.choose(destination);
    if (typeof upstream === 'string') return;
    const host = plan.authority ?? routed.request.headers.host ?? '';
    const copy = sendRequest(routed.request, {
      body: new RequestBody(routed.request),
      connection: null,
      agent: this.#upstreams.pool,
      target: { upstream },
      path: plan.path,
      headers: {
        ...this.#requestHeaders(routed, plan, upstream, 1),
        host: host.replace(/(:\d+)?$/, '-shadow$1'),
      },
      changes: plan.requestChanges,
    });
    copy.answer.then(
      (answer) => answer.resume(),
      () => {}, // a mirror that fails is nobody's business: Envoy counts it and says nothing
    );
  }

  #upstreamOf({ destination, endpoint }: Plan): Upstream | 'no-endpoints' | 'unknown-subset' | 'unknown-host' {
    if (endpoint !== null) return { endpoint, tls: { kind: 'plaintext' }, server: null, rule: null };
    return destination === null ? 'unknown-host' : this.#upstreams.choose(destination);
  }

  #noUpstream(routed: Routed, plan: Plan, problem: 'no-endpoints' | 'unknown-subset' | 'unknown-host'): void {
    const rule = plan.destination === null ? null : this.#upstreams.ruleOf(plan.destination);
    const subset = plan.destination?.subset ?? null;
    if (problem === 'no-endpoints') {
      this.#record(routed, {
        code: 'no-endpoints',
        kind: subset === null ? null : 'DestinationRule',
        policy: subset === null ? null : (rule?.name ?? null),
        detail: subset === null ? null : `subset ${subset}`,
      });
      this.#reply(
        routed,
        { status: 503, flags: 'UH', details: 'no_healthy_upstream', body: 'no healthy upstream' },
        this.#clusterOf(plan),
      );
      return;
    }
    const service = routed.route?.service;
    this.#record(routed, {
      code: 'destination-unknown',
      kind: service === undefined ? null : 'VirtualService',
      policy: service === undefined ? null : nameOf(service),
      detail: subset === null ? null : `subset ${subset}`,
    });
    this.#reply(routed, { status: 503, flags: 'NC', details: 'cluster_not_found', body: '' }, this.#clusterOf(plan));
  }

  #failed(routed: Routed, plan: Plan, upstream: Upstream, failure: Failure): void {
    const service = routed.route?.service;
    if (failure.flags === 'UT') {
      this.#record(routed, {
        code: 'request-timeout',
        kind: 'VirtualService',
        policy: service === undefined ? null : nameOf(service),
        detail: failure.details,
        server: upstream.server,
      });
      return;
    }
    const { config } = this.#context.mesh;
    this.#record(routed, {
      code: 'upstream-failed',
      kind: upstream.rule === null ? null : 'DestinationRule',
      policy: upstream.rule?.name ?? null,
      detail: failure.flags,
      server: upstream.server,
      port: upstream.endpoint.port,
      mode:
        upstream.server?.hasSidecar === true && plan.destination !== null
          ? config.serverMode(upstream.server, upstream.endpoint.port).mode
          : null,
    });
  }

  #notFound(routed: Routed, kind: 'Gateway' | 'VirtualService' | null, policy: string | null): void {
    this.#record(routed, { code: 'no-route', kind, policy });
    this.#reply(routed, { status: 404, flags: 'NR', details: 'route_not_found', body: '' }, { route: undefined });
  }

  #reply(
    routed: Routed,
    failure: Failure,
    rest: Partial<AccessLogEntry>,
    headers: Readonly<Record<string, string>> = {},
  ): void {
    routed.request.resume();
    localReply(routed.response, {
      ...failure,
      headers,
      server: routed.downstream.server,
      now: this.#context.clock.now(),
    });
    this.#log(routed, null, { ...failure, bytesSent: Buffer.byteLength(failure.body), ...rest });
  }

  #clusterOf({ destination, endpoint }: Plan): Partial<AccessLogEntry> {
    return endpoint !== null
      ? { upstreamCluster: 'PassthroughCluster', route: 'allow_any' }
      : { upstreamCluster: destination === null ? undefined : clusterName(destination) };
  }

  #log(routed: Routed, plan: Plan | null, rest: Partial<AccessLogEntry>): void {
    const { request, downstream } = routed;
    const { local, remote } = downstream;
    this.#context.record({
      startTime: routed.start,
      method: request.method,
      path: request.url,
      protocol: `HTTP/${request.httpVersion}`,
      status: 0,
      bytesReceived: routed.body.bytes,
      bytesSent: 0,
      durationMs: Math.max(0, Math.round(this.#context.clock.now() - routed.start)),
      forwardedFor: headerOf(request, 'x-forwarded-for') ?? downstream.requestHeaders['x-forwarded-for'] ?? undefined,
      userAgent: request.headers['user-agent'],
      requestId: routed.requestId,
      authority: request.headers.host,
      downstreamLocal: `${local.ip}:${local.port}`,
      downstreamRemote: `${remote.ip}:${remote.port}`,
      serverName: downstream.serverName,
      route: routed.route === null ? 'default' : (routed.route.route.name ?? '-'),
      grpc: isGrpc(request),
      ...(plan === null ? {} : this.#clusterOf(plan)),
      ...rest,
    });
  }

  #record(
    { request, downstream }: Routed,
    {
      server = null,
      ...rest
    }: Partial<Omit<Verdict, 'server'>> & { code: Verdict['code']; server?: Upstream['server'] },
  ): void {
    const { mesh, clock, pod } = this.#context;
    mesh.verdicts.record({
      time: clock.now(),
      client: partyOf(mesh.workload(pod)),
      server: server === null ? null : partyOf(server),
      port: downstream.port,
      mode: null,
      kind: null,
      policy: null,
      detail: null,
      request: { method: request.method ?? 'GET', host: request.headers.host ?? '', path: request.url ?? '/' },
      ...rest,
    });
  }

  /** Null for a host or port that is none of this cluster. A service with one port needs no number. */
  #resolve({ host, subset, port }: RouteDestination, service: VirtualService, requestPort: number): Destination | null {
    const found = serviceByHost(this.#context.network, qualifyHost(host, namespaceOf(service)));
    const ports = found?.spec?.ports ?? [];
    const number = port?.number ?? (ports.length === 1 ? ports[0]?.port : undefined) ?? requestPort;
    return withPort(found, number, subset ?? null);
  }

  /** 0 (inclusive) to 1 (exclusive) */
  #dice(): number {
    const bytes = this.#context.randomBytes(3);
    return ((bytes[0] ?? 0) * 65_536 + (bytes[1] ?? 0) * 256 + (bytes[2] ?? 0)) / 16_777_216;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#context.clock.schedule(ms, resolve);
    });
  }
}

function plainPlan(request: IncomingMessage): Plan {
  return {
    destination: null,
    endpoint: null,
    path: request.url ?? '/',
    authority: undefined,
    requestChanges: [],
    responseChanges: [],
  };
}

function hostsOf({ endpoint }: Upstream): Partial<AccessLogEntry> {
  return { upstreamHost: `${endpoint.ip}:${endpoint.port}` };
}

function nameOf(service: VirtualService): string {
  return `${namespaceOf(service)}/${service.metadata.name}`;
}

export function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}
