import type { Duplex } from 'node:stream';
import type { Endpoint } from '../network/connection.ts';
import { addressOf, joinFlags, type AccessLogEntry } from './access-log.ts';
import { spiffeUri } from './authority.ts';
import { clusterName, operationOf, type Destination } from './destination.ts';
import { parseDuration } from './duration.ts';
import type { HeaderChange } from './header-operations.ts';
import { Overflow } from './cluster-resources.ts';
import type { AnswerSink, SentRequest } from './sent-request.ts';
import { applyChanges, passedBack, passedOn, Relay, relayUpgrade, requestText } from './http-forward.ts';
import type { Abandoned } from './http-front.ts';
import type { HttpHeaders } from './http-headers.ts';
import type { Framing, ResponseHead } from './http-message.ts';
import { abandonedFields, cutFields } from './interrupted.ts';
import { retryPolicyOf, shouldRetry, type AttemptOutcome, type RetryPolicy } from './retry-policy.ts';
import { type OwnAnswer, type ProxiedRequest } from './proxied-request.ts';
import { upstreamFailure } from './upstream-failure.ts';
import { ConnectFailed, type Upstream, type Upstreams } from './upstreams.ts';

/** One destination with what its route does to requests. */
export interface Plan {
  /** Null for what is none of this cluster. */
  destination: Destination | null;
  /** Where the connection wanted to go, for a host that nobody knows; null for a destination. */
  endpoint: Endpoint | null;
  path: string;
  authority: string | undefined;
  requestChanges: readonly HeaderChange[];
  responseChanges: readonly HeaderChange[];
}

/** Why a plan leads to no endpoint. */
export type NoUpstream = 'no-endpoints' | 'unknown-subset' | 'unknown-host';

const TIMED_OUT = 'upstream request timeout';

/**
 * A routed request on its way: to one endpoint, to further ones where the route's policy says so, within its time
 * (Envoy, source/common/router/router.cc). Left out: the pauses between retries, at most 25 ms.
 */
export class HttpAttempts implements AnswerSink {
  readonly #routed: ProxiedRequest;
  readonly #plan: Plan;
  readonly #upstreams: Upstreams;
  readonly #flags: string;
  readonly #policy: RetryPolicy;
  #cancelTimeout: (() => void) | null = null;
  #cancelTry: (() => void) | null = null;
  #number = 0;
  /** Whether it was repeated as often as it may be, and should be once more. */
  #isExhausted = false;
  #upstream: Upstream | null = null;
  #sent: SentRequest | null = null;
  #relay: Relay | null = null;
  #tryStart = 0;
  #upstreamMs = 0;

  /** @param flags of what was done to the request before, `-` for nothing */
  constructor(routed: ProxiedRequest, plan: Plan, upstreams: Upstreams, flags: string) {
    this.#routed = routed;
    this.#plan = plan;
    this.#upstreams = upstreams;
    this.#flags = flags;
    this.#policy = retryPolicyOf(routed.route?.route, routed.context.mesh.era.defaultRetries);
  }

  start(): void {
    const { exchange, context, route } = this.#routed;
    if (exchange.abandoned !== null) {
      this.#logAbandoned(exchange.abandoned);
      return;
    }
    exchange.onAbandoned = (why) => {
      this.#stop();
      this.#sent?.abort();
      this.#logAbandoned(why);
    };
    const timeoutMs = parseDuration(route?.route.timeout) ?? 0;
    if (timeoutMs > 0) this.#cancelTimeout = context.clock.schedule(timeoutMs, () => this.#timedOut());
    this.#try();
  }

  #try(): void {
    const { exchange, context } = this.#routed;
    const upstream = upstreamOf(this.#plan, this.#upstreams, this.#routed);
    if (typeof upstream === 'string') {
      this.#stop();
      this.#noUpstream(upstream);
      return;
    }
    this.#number += 1;
    if (this.#number > 1) this.#upstreams.resourcesOf(upstream).stats.counts.upstream_rq_retry += 1;
    this.#upstream = upstream;
    this.#tryStart = context.clock.now();
    const { perTryTimeoutMs } = this.#policy;
    if (perTryTimeoutMs !== null) {
      this.#cancelTry = context.clock.schedule(perTryTimeoutMs, () => this.#tryTimedOut());
    }
    const { request, body } = exchange;
    const text = requestText(
      request,
      this.#plan.path,
      requestHeaders(this.#routed, this.#plan, upstream, this.#number),
    );
    this.#sent = this.#upstreams.send(upstream, { method: request.method, head: text, body, isCopy: false }, this);
  }

  head(head: ResponseHead, framing: Framing): void {
    const upstream = this.#upstream as Upstream;
    this.#cancelTry?.();
    this.#upstreams.answered(upstream, head.status);
    this.#upstreams.hostOf(upstream)[head.status >= 500 ? 'rq_error' : 'rq_success'] += 1;
    if (this.#again({ status: head.status })) return;
    const { stats } = this.#upstreams.resourcesOf(upstream);
    stats.answered(head.status);
    if (this.#number > 1 && !shouldRetry(this.#policy, { status: head.status })) {
      stats.counts.upstream_rq_retry_success += 1;
    }
    const headers = this.#answerHeaders(head);
    this.#relay = new Relay(
      this.#routed.exchange,
      this.#sent as SentRequest,
      { status: head.status, headers, framing },
      (relay, cut) => this.#relayed(head.status, relay.bytes, cut),
    );
  }

  data(chunk: Buffer): void {
    this.#relay?.data(chunk);
  }

  end(): void {
    this.#relay?.end();
  }

  upgraded(head: ResponseHead, stream: Duplex, rest: Buffer | null): void {
    this.#cancelTry?.();
    relayUpgrade(this.#routed.exchange, this.#answerHeaders(head), { head, stream, rest }, (bytes) =>
      this.#relayed(101, bytes, null),
    );
  }

  failed(error: Error): void {
    if (this.#relay !== null) {
      this.#relay.failed();
      return;
    }
    this.#cancelTry?.();
    const connected = !(error instanceof ConnectFailed);
    const isOverflow = error instanceof Overflow;
    if (!isOverflow) {
      this.#upstreams.failed(this.#upstream as Upstream, 'connection');
      this.#upstreams.hostOf(this.#upstream as Upstream).rq_error += 1;
      if (this.#again(connected ? 'reset' : 'connect-failure')) return;
    }
    const texts = this.#routed.context.mesh.era.failureTexts;
    const cause = error instanceof ConnectFailed ? (error.cause as Error) : error;
    this.#fail(upstreamFailure(cause, { connected, retries: this.#number > 1, texts }));
  }

  /** Sends once more where the policy says so. The answer or failure that it is for is heard no more. */
  #again(outcome: AttemptOutcome): boolean {
    const { body } = this.#routed.exchange;
    if (!shouldRetry(this.#policy, outcome)) return false;
    if (this.#number > this.#policy.attempts) {
      const { counts } = this.#upstreams.resourcesOf(this.#upstream as Upstream).stats;
      if (this.#policy.attempts === 0) return false;
      counts.upstream_rq_retry_limit_exceeded += 1;
      this.#isExhausted = true;
      return false;
    }
    if (!body.canReplay) return false;
    this.#sent?.forget();
    this.#try();
    return true;
  }

  #tryTimedOut(): void {
    this.#sent?.abort();
    this.#upstreams.failed(this.#upstream as Upstream, 'time');
    this.#upstreams.hostOf(this.#upstream as Upstream).rq_timeout += 1;
    this.#upstreams.resourcesOf(this.#upstream as Upstream).stats.counts.upstream_rq_per_try_timeout += 1;
    if (this.#again('per-try-timeout')) return;
    this.#fail({ status: 504, flags: 'UT', details: 'upstream_per_try_timeout', body: TIMED_OUT });
  }

  #timedOut(): void {
    this.#sent?.abort();
    this.#upstreams.failed(this.#upstream as Upstream, 'time');
    this.#upstreams.hostOf(this.#upstream as Upstream).rq_timeout += 1;
    this.#upstreams.resourcesOf(this.#upstream as Upstream).stats.counts.upstream_rq_timeout += 1;
    this.#fail({ status: 504, flags: 'UT', details: 'response_timeout', body: TIMED_OUT });
  }

  #stop(): void {
    this.#cancelTimeout?.();
    this.#cancelTry?.();
  }

  #answerHeaders(head: ResponseHead): HttpHeaders {
    const { exchange, context, downstream, answerHeaders, setCookie } = this.#routed;
    this.#cancelTimeout?.();
    exchange.body.settle();
    const now = context.clock.now();
    this.#upstreamMs = Math.max(0, Math.round(now - this.#tryStart));
    const headers = passedBack(head, now);
    headers.remove('server');
    headers.append('server', downstream.server);
    headers.remove('x-envoy-upstream-service-time');
    headers.append('x-envoy-upstream-service-time', String(this.#upstreamMs));
    // Meant for this proxy, not for the program behind it.
    headers.remove('x-envoy-decorator-operation');
    for (const [name, value] of answerHeaders) headers.set(name, value);
    if (setCookie !== null) headers.append('set-cookie', setCookie);
    applyChanges(this.#plan.responseChanges, headers);
    return headers;
  }

  #relayed(status: number, bytesSent: number, cut: 'upstream' | 'client' | null): void {
    const { tls, server } = this.#upstream as Upstream;
    this.#log({
      status,
      flags: this.#flagsWith('-'),
      ...this.#cutFields(cut),
      bytesSent,
      upstreamMs: this.#upstreamMs,
      peerUri: tls.kind === 'mesh' && server !== null ? spiffeUri(server.namespace, server.serviceAccount) : null,
    });
  }

  #fail(failure: OwnAnswer): void {
    const routed = this.#routed;
    const upstream = this.#upstream as Upstream;
    this.#stop();
    this.#upstreams.resourcesOf(upstream).stats.answered(failure.status);
    const policy = routed.virtualService;
    if (failure.flags === 'UT') {
      routed.judge({
        code: 'request-timeout',
        kind: 'VirtualService',
        policy,
        detail: failure.details,
        server: upstream.server,
      });
    } else {
      const { config } = routed.context.mesh;
      const isJudged = upstream.server?.hasSidecar === true && this.#plan.destination !== null;
      routed.judge({
        code: 'upstream-failed',
        kind: upstream.rule === null ? null : 'DestinationRule',
        policy: upstream.rule?.name ?? null,
        detail: failure.flags,
        server: upstream.server,
        port: upstream.endpoint.port,
        mode:
          isJudged && upstream.server !== null ? config.serverMode(upstream.server, upstream.endpoint.port).mode : null,
      });
    }
    // What overflows has no host, which is chosen with a connection.
    const upstreamHost = failure.flags === 'UO' ? undefined : addressOf(upstream.endpoint);
    const rest = { ...clusterOf(this.#plan), upstreamHost, upstreamLocal: this.#upstreamLocal() };
    routed.reply({ ...failure, flags: this.#flagsWith(failure.flags) }, rest);
  }

  /** Of the log; releases before Envoy 1.17 did not know. */
  #upstreamLocal(): string | undefined {
    const local = this.#sent?.local ?? null;
    return local === null || this.#routed.context.mesh.era.accessLog !== 'details' ? undefined : addressOf(local);
  }

  #flagsWith(flag: string): string {
    const exhausted = this.#isExhausted ? 'URX' : '-';
    return this.#routed.context.mesh.era.accessLog === 'details'
      ? joinFlags(this.#flags, exhausted, flag)
      : joinFlags(this.#flags, flag, exhausted);
  }

  #cutFields(cut: 'upstream' | 'client' | null): Partial<AccessLogEntry> {
    const fields = cutFields(cut);
    return fields.flags === undefined ? fields : { ...fields, flags: this.#flagsWith(fields.flags) };
  }

  #noUpstream(problem: NoUpstream): void {
    const routed = this.#routed;
    const { destination } = this.#plan;
    const rule = destination === null ? null : this.#upstreams.ruleOf(destination);
    const subset = destination?.subset ?? null;
    const detail = subset === null ? null : `subset ${subset}`;
    if (problem === 'no-endpoints') {
      if (destination !== null) routed.context.stats.cluster(clusterName(destination)).answered(503);
      routed.judge({
        code: 'no-endpoints',
        kind: subset === null ? null : 'DestinationRule',
        policy: subset === null ? null : (rule?.name ?? null),
        detail,
      });
      const body = 'no healthy upstream';
      routed.reply({ status: 503, flags: 'UH', details: 'no_healthy_upstream', body }, clusterOf(this.#plan));
      return;
    }
    routed.judge({
      code: 'destination-unknown',
      kind: routed.route === null ? null : 'VirtualService',
      policy: routed.virtualService,
      detail,
    });
    routed.reply({ status: 503, flags: 'NC', details: 'cluster_not_found', body: '' }, clusterOf(this.#plan));
  }

  #logAbandoned(why: Abandoned): void {
    const fields = abandonedFields(why);
    this.#log({ ...fields, flags: this.#flagsWith(fields.flags) });
  }

  #log(rest: Partial<AccessLogEntry>): void {
    const entry: Partial<AccessLogEntry> = clusterOf(this.#plan);
    if (this.#upstream !== null) entry.upstreamHost = addressOf(this.#upstream.endpoint);
    entry.upstreamLocal = this.#upstreamLocal();
    this.#routed.log(Object.assign(entry, rest));
  }
}

/** A copy of a request, whose answer nobody waits for. Envoy marks its host. */
export function sendMirror(routed: ProxiedRequest, plan: Plan, upstreams: Upstreams): void {
  const upstream = upstreamOf(plan, upstreams, routed);
  if (typeof upstream === 'string') return;
  const { request, body } = routed.exchange;
  const headers = requestHeaders(routed, plan, upstream, 1);
  headers.set('host', (headers.get('host') ?? '').replace(/(:\d+)?$/, '-shadow$1'));
  const text = requestText(request, plan.path, headers);
  upstreams.send(upstream, { method: request.method, head: text, body, isCopy: true }, NOBODY);
}

/** A mirror that fails is nobody's business: Envoy counts it and says nothing. */
const NOBODY: AnswerSink = {
  head: () => {},
  data: () => {},
  end: () => {},
  upgraded: (_head, stream) => void stream.destroy(),
  failed: () => {},
};

function upstreamOf(
  { destination, endpoint }: Plan,
  upstreams: Upstreams,
  routed: ProxiedRequest,
): Upstream | NoUpstream {
  if (endpoint !== null) return upstreams.direct(endpoint);
  return destination === null ? 'unknown-host' : upstreams.choose(destination, routed.downstream.local, routed);
}

function requestHeaders(routed: ProxiedRequest, plan: Plan, upstream: Upstream, attempt: number): HttpHeaders {
  const { downstream, request } = routed;
  const headers = passedOn(request);
  headers.set('x-forwarded-proto', downstream.scheme);
  headers.set('x-request-id', routed.requestId);
  headers.set('x-envoy-attempt-count', String(attempt));
  if (plan.destination !== null && upstream.tls.kind === 'plaintext') {
    headers.set('x-envoy-decorator-operation', operationOf(plan.destination));
  }
  for (const name in downstream.requestHeaders) {
    const value = downstream.requestHeaders[name] as string | null;
    if (value === null) headers.remove(name);
    else headers.set(name, value);
  }
  if (plan.authority !== undefined) headers.set('host', plan.authority);
  if (plan.path !== request.path) headers.set('x-envoy-original-path', request.path);
  applyChanges(plan.requestChanges, headers);
  return headers;
}

export function clusterOf({ destination, endpoint }: Plan): Partial<AccessLogEntry> {
  return endpoint !== null
    ? { upstreamCluster: 'PassthroughCluster', route: 'allow_any' }
    : { upstreamCluster: destination === null ? undefined : clusterName(destination) };
}
