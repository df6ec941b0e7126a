import type { Endpoint } from '../network/connection.ts';
import { applyCors } from './cors.ts';
import { clusterName, withPort, type Destination } from './destination.ts';
import { faultOf } from './fault.ts';
import { headerChanges } from './header-operations.ts';
import { qualifyHost } from './host-name.ts';
import { HttpAttempts, sendMirror, type Plan } from './http-attempts.ts';
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
import { blockedBy } from './mesh-config.ts';
import { nameOf, ProxiedRequest, type Downstream } from './proxied-request.ts';
import type { Registry } from './registry.ts';
import type { SidecarContext } from './sidecar.ts';
import type { Upstreams } from './upstreams.ts';
import {
  namespaceOf,
  type HttpMatch,
  type HttpRoute,
  type RouteDestination,
  type VirtualService,
} from './virtual-service.ts';

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

/**
 * Routes of HTTP requests at the client's side, of sidecars and of gateways: which destination, with which faults,
 * time and repetitions (Istio 1.27, pilot/pkg/networking/core/route/route.go; Envoy, source/common/router/router.cc).
 */
export class HttpRouter {
  readonly #context: SidecarContext;
  readonly #upstreams: Upstreams;
  readonly #registry: Registry;

  constructor(context: SidecarContext, upstreams: Upstreams, registry: Registry) {
    this.#context = context;
    this.#upstreams = upstreams;
    this.#registry = registry;
  }

  handle(exchange: HttpExchange, downstream: Downstream, host: VirtualHost): void {
    const { request } = exchange;
    const routed = new ProxiedRequest(this.#context, exchange, downstream);
    // No route of Istio's takes it (Envoy's connect_matcher).
    if (request.method === 'CONNECT') return this.#notFound(routed, null, null);
    switch (host.kind) {
      case 'passthrough':
        return this.#send(routed, { ...plainPlan(request), endpoint: host.endpoint });
      case 'blocked':
        routed.judge({ code: 'outbound-blocked', ...blockedBy(host.by) });
        return routed.reply(
          { status: 502, flags: '-', details: 'direct_response', body: '' },
          {
            upstreamCluster: 'BlackHoleCluster',
            route: 'block_all',
          },
        );
      case 'redirect-to-https': {
        const location = `https://${(request.headers.get('host') ?? '').replace(/:\d+$/, '')}${request.path}`;
        return routed.reply({ status: 301, flags: '-', details: 'direct_response', body: '' }, {}, { location });
      }
      case 'not-found':
        return this.#notFound(routed, 'Gateway', host.gateway);
      case 'routes':
        return this.#followRoutes(routed, host);
    }
  }

  #followRoutes(routed: ProxiedRequest, host: Extract<VirtualHost, { kind: 'routes' }>): void {
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

  #follow(
    routed: ProxiedRequest,
    asked: RoutedRequest,
    route: HttpRoute,
    match: HttpMatch | undefined,
    service: VirtualService,
  ): void {
    if (route.redirect !== undefined) {
      const { status, location } = redirection(route.redirect, asked, match);
      return routed.reply({ status, flags: '-', details: 'direct_response', body: '' }, {}, { location });
    }
    if (route.directResponse !== undefined) {
      const { status, body } = route.directResponse;
      const text = body?.string ?? (body?.bytes === undefined ? '' : Buffer.from(body.bytes, 'base64').toString());
      return routed.reply({ status, flags: '-', details: 'direct_response', body: text }, {});
    }
    const cors = applyCors(route.corsPolicy, routed.request);
    if (cors.kind === 'preflight') {
      return routed.reply({ status: 200, flags: '-', details: 'cors_response', body: '' }, {}, cors.headers);
    }
    if (cors.kind === 'marked') routed.answerHeaders = cors.headers;
    const chosen = pickDestination(route.route ?? [], this.#dice());
    const destination =
      chosen === undefined ? null : this.#resolve(chosen.destination, service, routed.downstream.port);
    const plan: Plan = {
      destination,
      endpoint: null,
      path: rewritePath(asked.path, route, match),
      authority: route.rewrite?.authority,
      requestChanges: headerChanges(chosen?.headers?.request, route.headers?.request),
      responseChanges: headerChanges(chosen?.headers?.response, route.headers?.response),
    };
    const { delayMs, abortStatus } = faultOf(route, () => this.#dice());
    const flags = delayMs > 0 ? 'DI' : '-';
    const goOn =
      abortStatus === null
        ? () => this.#sendAlong(routed, plan, route, service, flags)
        : () => this.#abort(routed, plan, abortStatus, delayMs > 0 ? 'DI,FI' : 'FI');
    if (delayMs > 0) this.#context.clock.schedule(delayMs, goOn);
    else goOn();
  }

  #abort(routed: ProxiedRequest, { destination }: Plan, status: number, flags: string): void {
    const policy = routed.virtualService;
    routed.judge({ code: 'fault-injected', kind: 'VirtualService', policy, detail: String(status) });
    routed.reply(
      { status, flags, details: 'fault_filter_abort', body: 'fault filter abort' },
      { upstreamCluster: destination === null ? undefined : clusterName(destination) },
    );
  }

  #sendAlong(routed: ProxiedRequest, plan: Plan, route: HttpRoute, service: VirtualService, flags: string): void {
    const mirrors = [
      ...(route.mirrors ?? []),
      ...(route.mirror === undefined ? [] : [{ destination: route.mirror, percentage: route.mirrorPercentage }]),
    ];
    for (const { destination: to, percentage } of mirrors) {
      if (this.#dice() * 100 >= (percentage?.value ?? 100)) continue;
      const destination = this.#resolve(to, service, routed.downstream.port);
      sendMirror(routed, { ...plan, destination }, this.#upstreams);
    }
    this.#send(routed, plan, flags);
  }

  #send(routed: ProxiedRequest, plan: Plan, flags = '-'): void {
    new HttpAttempts(routed, plan, this.#upstreams, flags).start();
  }

  #notFound(routed: ProxiedRequest, kind: 'Gateway' | 'VirtualService' | null, policy: string | null): void {
    routed.judge({ code: 'no-route', kind, policy });
    routed.reply({ status: 404, flags: 'NR', details: 'route_not_found', body: '' }, { route: undefined });
  }

  /** Null for a host or port that is none of this cluster. A service with one port needs no number. */
  #resolve({ host, subset, port }: RouteDestination, service: VirtualService, requestPort: number): Destination | null {
    const found = this.#registry.byHost(qualifyHost(host, namespaceOf(service)));
    const ports = found?.spec?.ports ?? [];
    const number = port?.number ?? (ports.length === 1 ? ports[0]?.port : undefined) ?? requestPort;
    return withPort(found, number, subset ?? null);
  }

  /** 0 (inclusive) to 1 (exclusive) */
  #dice(): number {
    const bytes = this.#context.randomBytes(3);
    return ((bytes[0] ?? 0) * 65_536 + (bytes[1] ?? 0) * 256 + (bytes[2] ?? 0)) / 16_777_216;
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
