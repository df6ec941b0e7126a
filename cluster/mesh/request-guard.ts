import type { Endpoint } from '../network/connection.ts';
import { addressOf, type AccessLogEntry } from './access-log.ts';
import {
  authorize,
  isCustom,
  matchedPolicyId,
  type AuthorizationPolicy,
  type AuthorizationRequest,
  type Decision,
} from './authorization-policy.ts';
import { localReply } from './http-forward.ts';
import type { HttpExchange } from './http-front.ts';
import type { RequestHead } from './http-message.ts';
import { peerFields } from './peer-fields.ts';
import type { Era } from './era.ts';
import { MALFORMED_TOKEN, type VerifiedToken } from './json-web-token.ts';
import { ORIGIN_FAILED } from './origin-authentication.ts';
import type { Peer } from './mutual-tls.ts';
import {
  authenticate,
  forwardedHeaders,
  type Authentication,
  type TokenRequirement,
} from './request-authentication.ts';
import type { SidecarContext } from './sidecar.ts';
import type { Verdict } from './verdict-log.ts';
import { partyOf } from './workload.ts';

/** A connection at the server's side, as its policies see it. */
export interface GuardedConnection {
  local: Endpoint;
  remote: Endpoint;
  peer: Peer | null;
  serverName: string | null;
  /** For the log. */
  upstreamCluster: string | undefined;
}

export interface GuardedRequest extends GuardedConnection {
  scheme: 'http' | 'https';
}

/**
 * Lets a request pass or answers it: first its token (401, or 403 for a wrong audience, as Envoy's filters), then who may.
 * @returns headers to send on with it, null removing one; null when it was answered
 */
export function authorizeHttp(
  context: SidecarContext,
  exchange: HttpExchange,
  connection: GuardedRequest,
): Admission | Promise<Admission> {
  const { mesh, pod } = context;
  const workload = mesh.workload(pod);
  const tokens = mesh.config.tokens(workload, connection.local.port);
  const policies = mesh.config.authorizationPolicies(workload);
  // The common case costs nothing, not even a promise.
  if (tokens.rules.length === 0 && policies.length === 0) return NOTHING_SET;
  return judge(context, exchange, connection, tokens, policies);
}

/** Headers to send on with a request, null removing one; null when it was answered. */
export type Admission = Readonly<Record<string, string | null>> | null;

const NOTHING_SET: Admission = {};

async function judge(
  context: SidecarContext,
  exchange: HttpExchange,
  connection: GuardedRequest,
  tokens: TokenRequirement,
  policies: readonly AuthorizationPolicy[],
): Promise<Admission> {
  const { mesh, clock } = context;
  const { request } = exchange;
  const header = (name: string): string | undefined => request.headers.get(name);
  const { path } = request;
  const host = header('host') ?? '';
  let token: VerifiedToken | null = null;
  let headers: Record<string, string | null> = {};
  const rules = tokens.rules.filter(({ appliesTo }) => appliesTo?.(path) !== false);
  if (rules.length > 0) {
    const result = await authenticate(rules, { path, header }, clock.now(), (rule) =>
      mesh.keySets.keysOf(rule, context.podNetwork),
    );
    if (result.status === 'verified') {
      token = result.token;
      headers = forwardedHeaders(result);
    } else {
      const refusal = refusalOf(tokens, result, `${connection.scheme}://${host}${path}`, mesh.era);
      if (refusal !== null) {
        record(context, connection, request, { code: 'token-rejected', ...refusal.verdict });
        deny(context, exchange, connection, refusal.answer);
        return null;
      }
    }
  }
  const asked = {
    ...authorizationRequest(connection, header('x-forwarded-for')?.split(',').at(-1)?.trim()),
    http: { method: request.method, path, host, header },
    token,
  };
  warnOfCustom(
    context,
    policies.filter(isCustom).map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`),
  );
  const decision = authorize(policies, asked, false);
  audit(context, connection, request, decision);
  context.stats.count(
    `http.${context.workload.isGateway ? 'outbound' : 'inbound'}_0.0.0.0_${connection.local.port}.rbac.${decision.allowed ? 'allowed' : 'denied'}`,
  );
  if (decision.allowed) return headers;
  record(context, connection, request, verdictOf(decision));
  deny(context, exchange, connection, {
    status: 403,
    body: 'RBAC: access denied',
    details: `rbac_access_denied_matched_policy[${matchedPolicyId(decision.by)}]`,
    headers: {},
  });
  return null;
}

/** Whether bytes may pass. Records and logs where not; the caller closes the connection. */
export function authorizeBytes(context: SidecarContext, connection: GuardedConnection): boolean {
  const { mesh, clock, pod } = context;
  const policies = mesh.config.authorizationPolicies(mesh.workload(pod));
  if (policies.length === 0) return true;
  const decision = authorize(policies, authorizationRequest(connection, undefined), true);
  audit(context, connection, null, decision);
  context.stats.count(`tcp.rbac.${decision.allowed ? 'allowed' : 'denied'}`);
  if (decision.allowed) return true;
  record(context, connection, null, verdictOf(decision));
  const entry: AccessLogEntry = {
    startTime: clock.now(),
    status: 0,
    flags: '-',
    termination: `rbac_access_denied_matched_policy[${matchedPolicyId(decision.by)}]`,
    bytesReceived: 0,
    bytesSent: 0,
    durationMs: 0,
    upstreamCluster: connection.upstreamCluster,
    downstreamLocal: addressOf(connection.local),
    downstreamRemote: addressOf(connection.remote),
    serverName: connection.serverName,
  };
  context.logAccess(entry);
  return false;
}

function authorizationRequest(connection: GuardedConnection, forwardedFor: string | undefined): AuthorizationRequest {
  return {
    principal: connection.peer?.uri.replace('spiffe://', '') ?? null,
    sourceIp: connection.remote.ip,
    // An inbound proxy trusts the last proxy before it.
    remoteIp: forwardedFor ?? connection.remote.ip,
    destinationIp: connection.local.ip,
    destinationPort: connection.local.port,
    serverName: connection.serverName,
    http: null,
    token: null,
  };
}

interface Refusal {
  verdict: Pick<Verdict, 'kind' | 'policy' | 'detail'>;
  answer: { status: number; body: string; details: string; headers: Readonly<Record<string, string>> };
}

/** What a request gets whose token is missing or bad; null where it may pass without. */
function refusalOf(
  tokens: TokenRequirement,
  result: Exclude<Authentication, { status: 'verified' }>,
  url: string,
  { tokens: texts }: Era,
): Refusal | null {
  if (tokens.by === 'Policy') {
    if (tokens.optional) return null;
    const detail = result.status === 'none' ? 'Jwt is missing' : result.problem;
    return {
      verdict: { kind: tokens.kind, policy: tokens.policy, detail },
      answer: { status: 401, body: ORIGIN_FAILED, details: '', headers: {} },
    };
  }
  if (result.status === 'none') return null;
  const problem = result.problem === MALFORMED_TOKEN ? texts.malformed : result.problem;
  const policy = result.policy ?? [...new Set(tokens.rules.map((rule) => rule.policy))].join(', ');
  return {
    verdict: { kind: 'RequestAuthentication', policy, detail: problem },
    answer: {
      status: problem === 'Audiences in Jwt are not allowed' ? 403 : 401,
      body: problem,
      details: `jwt_authn_access_denied{${problem.replaceAll(' ', '_')}}`,
      headers: texts.challenge
        ? { 'www-authenticate': `Bearer realm="${url.slice(0, 256)}", error="invalid_token"` }
        : {},
    },
  };
}

/** Remembers what AUDIT policies wanted to be told. */
function audit(
  { mesh, network, clock, pod }: SidecarContext,
  { local, remote }: GuardedConnection,
  request: RequestHead | null,
  { audits }: Decision,
): void {
  const client = network.at(remote.ip);
  for (const { policy, rule } of audits) {
    mesh.audits.record({
      time: clock.now(),
      client: client === undefined ? null : partyOf(mesh.workload(client.pod)),
      server: partyOf(mesh.workload(pod)),
      port: local.port,
      policy,
      rule,
      request: request === null ? null : requestOf(request),
    });
  }
}

function requestOf(request: RequestHead): NonNullable<Verdict['request']> {
  return { method: request.method, host: request.headers.get('host') ?? '', path: request.path };
}

function verdictOf(decision: Extract<Decision, { allowed: false }>): Partial<Verdict> & { code: Verdict['code'] } {
  const { by, allows } = decision;
  return by === null
    ? { code: 'authorization-not-allowed', kind: 'AuthorizationPolicy', policy: allows.join(', ') }
    : { code: 'authorization-denied', kind: 'AuthorizationPolicy', policy: by.policy, detail: `rule[${by.rule}]` };
}

function record(
  { mesh, network, clock, pod }: SidecarContext,
  { local, remote }: GuardedConnection,
  request: RequestHead | null,
  rest: Partial<Verdict> & { code: Verdict['code'] },
): void {
  const client = network.at(remote.ip);
  mesh.verdicts.record({
    time: clock.now(),
    client: client === undefined ? null : partyOf(mesh.workload(client.pod)),
    server: partyOf(mesh.workload(pod)),
    port: local.port,
    mode: null,
    kind: null,
    policy: null,
    detail: null,
    request: request === null ? null : requestOf(request),
    ...rest,
  });
}

function deny(
  context: SidecarContext,
  exchange: HttpExchange,
  connection: GuardedRequest,
  answer: { status: number; body: string; details: string; headers: Readonly<Record<string, string>> },
): void {
  const { clock } = context;
  const { request } = exchange;
  localReply(exchange, { ...answer, server: 'istio-envoy', now: clock.now() });
  context.record({
    startTime: clock.now(),
    method: request.method,
    path: request.path,
    protocol: `HTTP/${request.version}`,
    status: answer.status,
    flags: '-',
    details: answer.details,
    bytesReceived: 0,
    bytesSent: answer.body.length,
    durationMs: 0,
    userAgent: request.headers.get('user-agent'),
    requestId: request.headers.get('x-request-id'),
    authority: request.headers.get('host'),
    upstreamCluster: connection.upstreamCluster,
    downstreamLocal: addressOf(connection.local),
    downstreamRemote: addressOf(connection.remote),
    serverName: connection.serverName,
    route: 'default',
    ...peerFields(request.headers, connection.peer),
  });
}

const warned = new WeakMap<object, Set<string>>();

/** Says in the proxy's log, once for each, that a policy does nothing here. */
function warnOfCustom(context: SidecarContext, policies: readonly string[]): void {
  const told = warned.get(context) ?? new Set();
  warned.set(context, told);
  for (const policy of policies) {
    if (told.has(policy)) continue;
    told.add(policy);
    context.log(`warning: AuthorizationPolicy ${policy} is passed over: the action CUSTOM is not simulated`);
  }
}
