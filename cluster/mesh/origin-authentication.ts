import {
  modeOfPolicy,
  type AuthenticationPolicy,
  type OriginMethod,
  type PathMatch,
  type TriggerRule,
} from './authentication-policy.ts';
import { policyPath } from './peer-authentication.ts';
import type { NamedJwtRule, TokenRequirement } from './request-authentication.ts';
import { compile } from './string-match.ts';

/** Body of the 401 to a request without a good token (istio/proxy, src/envoy/http/authn/http_filter.cc). */
export const ORIGIN_FAILED = 'Origin authentication failed.';

/** Where the token's payload went, for the filters behind and the program (istio/proxy, src/envoy/utils/constants.h). */
const PAYLOAD_HEADER = 'sec-istio-auth-userinfo';

/** Which tokens a Policy or MeshPolicy of v1alpha1 wants; null is no policy. */
export function originRequirement(policy: AuthenticationPolicy | null): TokenRequirement {
  const by = modeOfPolicy(policy).policy;
  if (policy === null || by === null) return { by: 'Policy', kind: 'Policy', policy: '', optional: true, rules: [] };
  const rules = (policy.spec?.origins ?? []).map((method) => ruleOf(method, policyPath(by)));
  return {
    by: 'Policy',
    kind: by.kind === 'MeshPolicy' ? 'MeshPolicy' : 'Policy',
    policy: policyPath(by),
    optional: policy.spec?.originIsOptional === true,
    rules,
  };
}

function ruleOf({ jwt = {} }: OriginMethod, policy: string): NamedJwtRule {
  const { issuer, audiences, jwks, jwksUri, jwtHeaders, jwtParams, triggerRules } = jwt;
  return {
    policy,
    ...(issuer === undefined ? {} : { issuer }),
    ...(audiences === undefined ? {} : { audiences }),
    ...(jwks === undefined ? {} : { jwks }),
    ...(jwksUri === undefined ? {} : { jwksUri }),
    ...(jwtHeaders === undefined ? {} : { fromHeaders: jwtHeaders.map((name) => ({ name })) }),
    ...(jwtParams === undefined ? {} : { fromParams: jwtParams }),
    forwardOriginalToken: true,
    outputPayloadToHeader: PAYLOAD_HEADER,
    ...(triggerRules === undefined ? {} : { appliesTo: (path: string) => isTriggered(triggerRules, path) }),
  };
}

/** istio/proxy, src/envoy/http/authn/authenticator_base.cc: one rule that wants the path is enough; none at all wants all. */
export function isTriggered(rules: readonly TriggerRule[], target: string): boolean {
  const path = /^[^?#]*/.exec(target)?.[0] ?? '';
  return (
    rules.length === 0 ||
    rules.some(
      ({ excludedPaths = [], includedPaths = [] }) =>
        !excludedPaths.some((match) => matchesPath(match, path)) &&
        (includedPaths.length === 0 || includedPaths.some((match) => matchesPath(match, path))),
    )
  );
}

function matchesPath({ exact, prefix, suffix, regex }: PathMatch, path: string): boolean {
  if (exact !== undefined) return path === exact;
  if (prefix !== undefined) return path.startsWith(prefix);
  if (suffix !== undefined) return path.endsWith(suffix);
  return regex !== undefined && (compile(regex)?.matches(path) ?? false);
}
