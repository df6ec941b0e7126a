import type { KubernetesObject } from '../objects/object.ts';
import { matchesRule, type AuthorizationRequest, type AuthorizationRule } from './authorization-rule.ts';
import { selects } from './workload-selector.ts';
import type { WorkloadLabels } from './peer-authentication.ts';

export type { AuthorizationRequest } from './authorization-rule.ts';

/** What the mesh reads of an AuthorizationPolicy. */
export interface AuthorizationPolicy extends KubernetesObject {
  spec?: {
    selector?: { matchLabels?: Record<string, string> };
    /** Gateways and waypoints of the Gateway API, of which there are none here: such a policy applies to nothing. */
    targetRefs?: unknown[];
    targetRef?: unknown;
    action?: string;
    provider?: { name?: string };
    rules?: AuthorizationRule[];
  };
}

/** Where a policy decided: which of its rules. */
export interface MatchedRule {
  /** `namespace/name` */
  policy: string;
  rule: number;
}

export type Decision =
  | { allowed: true; audits: readonly MatchedRule[] }
  /** `by` is null where ALLOW policies exist and none of them matched; `allows` are those, as `namespace/name`. */
  | { allowed: false; by: MatchedRule | null; allows: readonly string[]; audits: readonly MatchedRule[] };

/** The policies that apply to a workload: of its namespace and of the root namespace, whose selector selects it. */
export function policiesFor(
  policies: readonly AuthorizationPolicy[],
  workload: WorkloadLabels,
  rootNamespace = 'istio-system',
): AuthorizationPolicy[] {
  return policies.filter(
    ({ metadata, spec }) =>
      (metadata.namespace === rootNamespace || metadata.namespace === workload.namespace) &&
      spec?.targetRef === undefined &&
      (spec?.targetRefs ?? []).length === 0 &&
      selects(spec?.selector?.matchLabels, workload.labels),
  );
}

/**
 * Istio 1.27, pilot/pkg/security/authz/builder/builder.go: any DENY rule that matches ends it; then, if there is an
 * ALLOW policy at all, one of their rules has to match. AUDIT only tells. A policy with the annotation
 * `istio.io/dry-run: "true"` decides nothing. Left out: CUSTOM, which asks a server that is not simulated; see
 * {@link isCustom}.
 *
 * @param policies those that apply to the workload
 * @param isTcp the port's traffic is bytes: an ALLOW rule with HTTP's fields never matches, a DENY or AUDIT rule is
 *   read without them
 */
export function authorize(
  policies: readonly AuthorizationPolicy[],
  request: AuthorizationRequest,
  isTcp: boolean,
): Decision {
  const enforced = policies.filter((policy) => !isDryRun(policy));
  const ofAction = (action: string): AuthorizationPolicy[] =>
    enforced.filter(({ spec }) => (spec?.action ?? 'ALLOW') === action);
  const audits = ofAction('AUDIT').flatMap((policy) => firstMatch(policy, request, isTcp) ?? []);
  for (const policy of ofAction('DENY')) {
    const by = firstMatch(policy, request, isTcp);
    if (by !== null) return { allowed: false, by, allows: [], audits };
  }
  const allows = ofAction('ALLOW');
  if (allows.length === 0 || allows.some((policy) => firstMatch(policy, request, isTcp) !== null)) {
    return { allowed: true, audits };
  }
  return { allowed: false, by: null, allows: allows.map(nameOf), audits };
}

/** Whether the policy asks an external authorizer. */
export function isCustom(policy: AuthorizationPolicy): boolean {
  return policy.spec?.action === 'CUSTOM';
}

/** As Envoy's log names what decided: `ns[foo]-policy[name]-rule[0]`, or `none`. */
export function matchedPolicyId(by: MatchedRule | null): string {
  if (by === null) return 'none';
  const [namespace = '', name = ''] = by.policy.split('/');
  return `ns[${namespace}]-policy[${name}]-rule[${by.rule}]`;
}

function firstMatch(policy: AuthorizationPolicy, request: AuthorizationRequest, isTcp: boolean): MatchedRule | null {
  // No rules at all match nothing, while one empty rule matches everything.
  const rules = policy.spec?.rules ?? [];
  const isAllow = (policy.spec?.action ?? 'ALLOW') === 'ALLOW';
  const namespace = policy.metadata.namespace ?? 'default';
  const onTcp = isTcp ? (isAllow ? 'never' : 'ignore') : null;
  const rule = rules.findIndex((candidate) => matchesRule(candidate, request, { namespace, httpFields: onTcp }));
  return rule < 0 ? null : { policy: nameOf(policy), rule };
}

function isDryRun({ metadata }: AuthorizationPolicy): boolean {
  return metadata.annotations?.['istio.io/dry-run'] === 'true';
}

function nameOf({ metadata }: AuthorizationPolicy): string {
  return `${metadata.namespace ?? 'default'}/${metadata.name}`;
}
