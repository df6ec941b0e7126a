/**
 * Fields of authentication.istio.io/v1alpha1 (Istio 1.0 to 1.4), in the notation of `schema-table.ts`. Their CRDs had no
 * schema; what is open here is checked at admission.
 */
export const ISTIO_AUTHENTICATION = `
MeshPolicy
  - metadata meta.ObjectMeta
  - spec PolicySpec
Policy
  - metadata meta.ObjectMeta
  - spec PolicySpec
PolicySpec
  - targets []TargetSelector
  - peers []object
  - peerIsOptional bool
  - origins []OriginMethod
  - originIsOptional bool
  - principalBinding enum(USE_PEER|USE_ORIGIN)
TargetSelector
  - name string
  - labels map<string>
  - ports []PortSelector
PortSelector
  - number int64 min=0 max=4294967295
  - name string
OriginMethod
  - jwt Jwt
Jwt
  - issuer string
  - audiences []string
  - jwksUri string
  - jwks_uri string
  - jwks string
  - jwtHeaders []string
  - jwt_headers []string
  - jwtParams []string
  - jwt_params []string
  - triggerRules []TriggerRule
  - trigger_rules []TriggerRule
TriggerRule
  - excludedPaths []StringMatch
  - excluded_paths []StringMatch
  - includedPaths []StringMatch
  - included_paths []StringMatch
StringMatch
  - exact string
  - prefix string
  - suffix string
  - regex string
`;
