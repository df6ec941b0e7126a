import type { KubernetesObject } from '../objects/object.ts';
import {
  audiencesOf,
  parseToken,
  signatureProblem,
  timeProblem,
  verifiedToken,
  type VerifiedToken,
  type WebKey,
} from './json-web-token.ts';
import type { WorkloadLabels } from './peer-authentication.ts';
import { selects } from './workload-selector.ts';

export interface JwtRule {
  issuer?: string;
  audiences?: string[];
  jwks?: string;
  jwksUri?: string;
  jwks_uri?: string;
  fromHeaders?: { name: string; prefix?: string }[];
  fromParams?: string[];
  fromCookies?: string[];
  outputPayloadToHeader?: string;
  outputClaimToHeaders?: { header: string; claim: string }[];
  forwardOriginalToken?: boolean;
}

/** What the mesh reads of a RequestAuthentication. */
export interface RequestAuthentication extends KubernetesObject {
  spec?: {
    selector?: { matchLabels?: Record<string, string> };
    targetRefs?: unknown[];
    targetRef?: unknown;
    jwtRules?: JwtRule[];
  };
}

/** A rule with the object that holds it, as `namespace/name`. */
export interface NamedJwtRule extends JwtRule {
  policy: string;
  /** Whether it looks at requests of this path at all. Default: at all. */
  appliesTo?(path: string): boolean;
}

/** Which tokens a workload takes, and by which kind of object. */
export type TokenRequirement =
  /** A request may come without one. */
  | { by: 'RequestAuthentication'; rules: readonly NamedJwtRule[] }
  /** Of v1alpha1: each request needs one, unless it is `optional`; then a bad one counts as none. */
  | {
      by: 'Policy';
      kind: 'Policy' | 'MeshPolicy';
      /** `namespace/name` */
      policy: string;
      optional: boolean;
      rules: readonly NamedJwtRule[];
    };

export interface TokenRequest {
  /** With its query. */
  path: string;
  header(name: string): string | undefined;
}

export type Authentication =
  | { status: 'none' }
  | { status: 'verified'; token: VerifiedToken; rule: NamedJwtRule; location: TokenLocation }
  /** `problem` is the body of the 401; `policy` is null where no rule knows the issuer. */
  | { status: 'rejected'; problem: string; policy: string | null };

/** Where a token was found. */
export interface TokenLocation {
  in: 'header' | 'parameter' | 'cookie';
  name: string;
}

/** All rules that apply to a workload: those of its namespace and of the root namespace, united. */
export function jwtRulesFor(
  policies: readonly RequestAuthentication[],
  workload: WorkloadLabels,
  rootNamespace = 'istio-system',
): NamedJwtRule[] {
  return policies
    .filter(
      ({ metadata, spec }) =>
        (metadata.namespace === rootNamespace || metadata.namespace === workload.namespace) &&
        spec?.targetRef === undefined &&
        (spec?.targetRefs ?? []).length === 0 &&
        selects(spec?.selector?.matchLabels, workload.labels),
    )
    .flatMap(({ metadata, spec }) =>
      (spec?.jwtRules ?? []).map((rule) => ({ ...rule, policy: `${metadata.namespace ?? ''}/${metadata.name}` })),
    );
}

/**
 * Istio 1.27, pilot/pkg/security/authn/policy_applier.go (convertToEnvoyJwtConfig), and Envoy's jwt_authn filter: a
 * request without a token passes; one with a token passes if the rule of its issuer takes it. Several tokens in one
 * request are not supported upstream either: the first that is found is judged.
 *
 * @param keysOf the key set of a rule; empty when it could not be had
 * @param now milliseconds since 1970
 */
export async function authenticate(
  rules: readonly NamedJwtRule[],
  request: TokenRequest,
  now: number,
  keysOf: (rule: NamedJwtRule) => Promise<readonly WebKey[]>,
): Promise<Authentication> {
  const found = rules.flatMap((rule) => findToken(rule, request).map((token) => ({ rule, ...token })));
  const [first] = found;
  if (first === undefined) return { status: 'none' };
  const parsed = parseToken(first.text);
  if (typeof parsed === 'string') return { status: 'rejected', problem: parsed, policy: first.rule.policy };
  const candidates = found.filter(
    ({ rule, text }) => text === first.text && (rule.issuer ?? '') === (parsed.claims['iss'] ?? ''),
  );
  let rejected: Authentication = { status: 'rejected', problem: 'Jwt issuer is not configured', policy: null };
  for (const { rule, location } of candidates) {
    const problem =
      timeProblem(parsed, now) ??
      audienceProblem(rule, audiencesOf(parsed)) ??
      signatureProblem(parsed, await keysOf(rule));
    if (problem === null) return { status: 'verified', token: verifiedToken(parsed), rule, location };
    rejected = { status: 'rejected', problem, policy: rule.policy };
  }
  return rejected;
}

/** What the request carries on after its token was verified; null removes a header. */
export function forwardedHeaders({
  rule,
  token,
  location,
}: Extract<Authentication, { status: 'verified' }>): Record<string, string | null> {
  const result: Record<string, string | null> = {};
  if (rule.forwardOriginalToken !== true && location.in === 'header') result[location.name.toLowerCase()] = null;
  if (rule.outputPayloadToHeader !== undefined) result[rule.outputPayloadToHeader.toLowerCase()] = token.payload;
  for (const { header, claim } of rule.outputClaimToHeaders ?? []) {
    const value = claim
      .split('.')
      .reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], token.claims);
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      result[header.toLowerCase()] = String(value);
    }
  }
  return result;
}

function audienceProblem(rule: JwtRule, audiences: readonly string[]): string | null {
  const allowed = rule.audiences ?? [];
  // A closing slash and the scheme are no difference (Envoy, jwt_verify_lib/check_audience.cc).
  const plain = (audience: string): string => audience.replace(/^https?:\/\//, '').replace(/\/$/, '');
  const isAllowed = allowed.length === 0 || audiences.some((one) => allowed.some((each) => plain(each) === plain(one)));
  return isAllowed ? null : 'Audiences in Jwt are not allowed';
}

function findToken(rule: JwtRule, request: TokenRequest): { text: string; location: TokenLocation }[] {
  const { fromHeaders = [], fromParams = [], fromCookies = [] } = rule;
  const isDefault = fromHeaders.length + fromParams.length + fromCookies.length === 0;
  const headers = isDefault ? [{ name: 'Authorization', prefix: 'Bearer ' }] : fromHeaders;
  const parameters = isDefault ? ['access_token'] : fromParams;
  const found: { text: string; location: TokenLocation }[] = [];
  for (const { name, prefix = '' } of headers) {
    const value = request.header(name.toLowerCase());
    if (value?.startsWith(prefix) === true) {
      found.push({ text: value.slice(prefix.length).trim(), location: { in: 'header', name } });
    }
  }
  const query = new URLSearchParams(/\?([^#]*)/.exec(request.path)?.[1] ?? '');
  for (const name of parameters) {
    const text = query.get(name);
    if (text !== null) found.push({ text, location: { in: 'parameter', name } });
  }
  for (const name of fromCookies) {
    const text = cookie(request.header('cookie') ?? '', name);
    if (text !== undefined) found.push({ text, location: { in: 'cookie', name } });
  }
  return found;
}

function cookie(header: string, name: string): string | undefined {
  for (const pair of header.split(';')) {
    const [key = '', value = ''] = pair.trim().split(/=(.*)/s);
    if (key === name) return value;
  }
  return undefined;
}
