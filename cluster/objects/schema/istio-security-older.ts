/**
 * AuthorizationPolicy of earlier releases of Istio, in the notation of `schema-table.ts`; the other types of
 * security.istio.io are today's with fewer fields that nobody misses.
 */

/** 1.4: there is only ALLOW, and no `not…` field. */
export const ISTIO_SECURITY_1_4 = `
AuthorizationPolicy
  - metadata meta.ObjectMeta
  - spec AuthorizationPolicySpec
AuthorizationPolicySpec
  - selector istiosecurity.WorkloadSelector
  - rules []Rule
Rule
  - from []RuleFrom
  - to []RuleTo
  - when []istiosecurity.Condition
RuleFrom
  - source Source
RuleTo
  - operation Operation
Source
  - principals []string
  - requestPrincipals []string
  - namespaces []string
  - ipBlocks []string
Operation
  - hosts []string
  - ports []string
  - methods []string
  - paths []string
`;

/** 1.6: DENY beside ALLOW, and everything may be negated. */
export const ISTIO_SECURITY_1_6 = `
AuthorizationPolicy
  - metadata meta.ObjectMeta
  - spec AuthorizationPolicySpec
AuthorizationPolicySpec
  - selector istiosecurity.WorkloadSelector
  - rules []Rule
  - action enum(ALLOW|DENY)
Rule
  - from []RuleFrom
  - to []RuleTo
  - when []istiosecurity.Condition
RuleFrom
  - source Source
RuleTo
  - operation istiosecurity.Operation
Source
  - principals []string
  - notPrincipals []string
  - requestPrincipals []string
  - notRequestPrincipals []string
  - namespaces []string
  - notNamespaces []string
  - ipBlocks []string
  - notIpBlocks []string
`;
