import type { Endpoint } from '../network/connection.ts';
import type { AccessLogEntry } from './access-log.ts';
import { spiffeUri } from './authority.ts';
import { clusterName, operationOf, serviceByHost, withPort, type Destination } from './destination.ts';
import { parseDuration } from './duration.ts';
import { faultOf } from './fault.ts';
import { headerChanges, type HeaderChange } from './header-operations.ts';
import { qualifyHost } from './host-name.ts';
import type { SentRequest } from './http-client.ts';
import { localReply, relayAnswer, sendRequest, type Answer } from './http-forward.ts';
import type { HttpExchange } from './http-front.ts';
import type { RequestHead } from './http-message.ts';
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
import { abandonedFields, cutFields } from './interrupted.ts';
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
  exchange: HttpExchange;
  request: RequestHead;
  downstream: Downstream;
  requestId: string;
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

  async handle(exchange: HttpExchange, downstream: Downstream, host: VirtualHost): Promise<void> {
    const { request } = exchange;
    const routed: Routed = {
      exchange,
      request,
      downstream,
      requestId: request.headers.get('x-request-id') ?? randomUuid(this.#context.randomBytes),
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
        const location = `https://${(request.headers.get('host') ?? '').replace(/:\d+$/, '')}${request.path}`;
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
      method: request.method,
      path: request.path,
      authority: request.headers.get('host') ?? '',
      scheme: downstream.scheme,
      port: downstream.port,
      header: (name) => request.headers.get(name),
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
  #send(routed: Routed, plan: Plan, flags = '-'): void {
    const { exchange } = routed;
    const { body } = exchange;
    const { clock, mesh } = this.#context;
    if (exchange.abandoned !== null) {
      this.#log(routed, plan, abandonedFields(exchange.abandoned));
      return;
    }
    const route = routed.route?.route;
    const policy = retryPolicyOf(route);
    const timeoutMs = parseDuration(route?.timeout) ?? 0;
    let sent: SentRequest | null = null;
    let cancelTry = (): void => {};
    const endTry = (): void => {
      cancelTry();
      sent?.abort();
    };
    const cancelTimeout =
      timeoutMs > 0
        ? clock.schedule(timeoutMs, () => {
            endTry();
            fail({ status: 504, flags: 'UT', details: 'response_timeout', body: 'upstream request timeout' });
          })
        : () => {};
    let current: Upstream | null = null;
    const fail = (failure: Failure): void => {
      cancelTimeout();
      exchange.onAbandoned = null;
      if (current === null) return;
      this.#failed(routed, plan, current, failure);
      this.#reply(routed, failure, { ...this.#clusterOf(plan), ...hostsOf(current) });
    };
    exchange.onAbandoned = (why) => {
      cancelTimeout();
      endTry();
      this.#log(routed, plan, { ...abandonedFields(why), ...(current === null ? {} : hostsOf(current)) });
    };
    const attempt = (number: number): void => {
      const upstream = this.#upstreamOf(plan);
      if (typeof upstream === 'string') {
        cancelTimeout();
        exchange.onAbandoned = null;
        this.#noUpstream(routed, plan, upstream);
        return;
      }
      current = upstream;
      const startedAt = clock.now();
      const again = (outcome: AttemptOutcome): boolean => {
        if (number > policy.attempts || !body.canReplay || !shouldRetry(policy, outcome)) return false;
        attempt(number + 1);
        return true;
      };
      if (policy.perTryTimeoutMs !== null) {
        cancelTry = clock.schedule(policy.perTryTimeoutMs, () => {
          sent?.abort();
          if (!again('per-try-timeout')) {
            fail({ status: 504, flags: 'UT', details: 'upstream_per_try_timeout', body: 'upstream request timeout' });
          }
        });
      }
      sent = sendRequest(
        exchange,
        {
          pool: this.#upstreams.pool,
          key: this.#upstreams.keyOf(upstream),
          dial: () => this.#upstreams.dialHttp(upstream),
          path: plan.path,
          headers: this.#requestHeaders(routed, plan, upstream, number),
          changes: plan.requestChanges,
        },
        {
          answered: (answer) => {
            cancelTry();
            if (answer.upgraded === null && again({ status: answer.status })) {
              answer.drop();
              return;
            }
            cancelTimeout();
            body.settle();
            const upstreamMs = Math.max(0, Math.round(clock.now() - startedAt));
            this.#relay(routed, plan, upstream, answer, upstreamMs, flags, () => sent?.abort());
          },
          failed: (error) => {
            cancelTry();
            const connected = !(error instanceof ConnectFailed);
            if (!again(connected ? 'reset' : 'connect-failure')) {
              fail(upstreamFailure(error, { connected, retries: number > 1, texts: mesh.era.failureTexts }));
            }
          },
        },
      );
    };
    attempt(1);
  }

  #relay(
    routed: Routed,
    plan: Plan,
    upstream: Upstream,
    answer: Answer,
    upstreamMs: number,
    flags: string,
    abort: () => void,
  ): void {
    relayAnswer(answer, routed.exchange, {
      headers: {
        server: routed.downstream.server,
        'x-envoy-upstream-service-time': String(upstreamMs),
        // Meant for this proxy, not for the program behind it.
        'x-envoy-decorator-operation': null,
      },
      changes: plan.responseChanges,
      now: this.#context.clock.now(),
      done: (bytesSent, cut) => {
        if (cut === 'client') abort();
        this.#log(routed, plan, {
          status: answer.status,
          flags,
          ...cutFields(cut),
          bytesSent,
          upstreamMs,
          peerUri:
            upstream.tls.kind === 'mesh' && upstream.server !== null
              ? spiffeUri(upstream.server.namespace, upstream.server.serviceAccount)
              : null,
          ...hostsOf(upstream),
        });
      },
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
      ...(plan.path === routed.request.path ? {} : { 'x-envoy-original-path': routed.request.path }),
    };
  }

  /** A copy whose answer nobody waits for. Envoy marks its host. */
  #mirror(routed: Routed, plan: Plan, destination: Destination | null): void {
    const upstream = destination === null ? 'unknown-host' : this.#upstreams.choose(destination);
    if (typeof upstream === 'string') return;
    const host = plan.authority ?? routed.request.headers.get('host') ?? '';
    sendRequest(
      routed.exchange,
      {
        pool: this.#upstreams.pool,
        key: this.#upstreams.keyOf(upstream),
        dial: () => this.#upstreams.dialHttp(upstream),
        path: plan.path,
        headers: {
          ...this.#requestHeaders(routed, plan, upstream, 1),
          host: host.replace(/(:\d+)?$/, '-shadow$1'),
        },
        changes: plan.requestChanges,
        isCopy: true,
      },
      {
        answered: (answer) => answer.drop(),
        failed: () => {}, // a mirror that fails is nobody's business: Envoy counts it and says nothing
      },
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
    localReply(routed.exchange, {
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
      path: request.path,
      protocol: `HTTP/${request.version}`,
      status: 0,
      bytesReceived: routed.exchange.body.bytes,
      bytesSent: 0,
      durationMs: Math.max(0, Math.round(this.#context.clock.now() - routed.start)),
      forwardedFor: request.headers.get('x-forwarded-for') ?? downstream.requestHeaders['x-forwarded-for'] ?? undefined,
      userAgent: request.headers.get('user-agent'),
      requestId: routed.requestId,
      authority: request.headers.get('host'),
      downstreamLocal: `${local.ip}:${local.port}`,
      downstreamRemote: `${remote.ip}:${remote.port}`,
      serverName: downstream.serverName,
      route: routed.route === null ? 'default' : (routed.route.route.name ?? '-'),
      grpc: isGrpc(request.headers),
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
      request: { method: request.method, host: request.headers.get('host') ?? '', path: request.path },
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

function plainPlan(request: RequestHead): Plan {
  return {
    destination: null,
    endpoint: null,
    path: request.path,
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
