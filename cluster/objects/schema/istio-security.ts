/** Fields of security.istio.io of Istio 1.27 (v1 and v1beta1 are the same), in the notation of `schema-table.ts`. */
export const ISTIO_SECURITY = `
PeerAuthentication
  - metadata meta.ObjectMeta
  - spec PeerAuthenticationSpec
  - status object
PeerAuthenticationSpec
  - selector WorkloadSelector
  - mtls MutualTLS
  - portLevelMtls map<MutualTLS>
MutualTLS
  - mode enum(UNSET|DISABLE|PERMISSIVE|STRICT)
WorkloadSelector
  - matchLabels map<string>
PolicyTargetReference
  - group string
  - kind string required
  - name string required
  - namespace string
AuthorizationPolicy
  - metadata meta.ObjectMeta
  - spec AuthorizationPolicySpec
  - status object
AuthorizationPolicySpec
  - selector WorkloadSelector
  - targetRef PolicyTargetReference
  - targetRefs []PolicyTargetReference
  - rules []Rule
  - action enum(ALLOW|DENY|AUDIT|CUSTOM)
  - provider ExtensionProvider
ExtensionProvider
  - name string
Rule
  - from []RuleFrom
  - to []RuleTo
  - when []Condition
RuleFrom
  - source Source
RuleTo
  - operation Operation
Source
  - principals []string
  - notPrincipals []string
  - requestPrincipals []string
  - notRequestPrincipals []string
  - namespaces []string
  - notNamespaces []string
  - ipBlocks []string
  - notIpBlocks []string
  - remoteIpBlocks []string
  - notRemoteIpBlocks []string
  - serviceAccounts []string
  - notServiceAccounts []string
Operation
  - hosts []string
  - notHosts []string
  - ports []string
  - notPorts []string
  - methods []string
  - notMethods []string
  - paths []string
  - notPaths []string
Condition
  - key string required
  - values []string
  - notValues []string
RequestAuthentication
  - metadata meta.ObjectMeta
  - spec RequestAuthenticationSpec
  - status object
RequestAuthenticationSpec
  - selector WorkloadSelector
  - targetRef PolicyTargetReference
  - targetRefs []PolicyTargetReference
  - jwtRules []JWTRule
JWTRule
  - issuer string required
  - audiences []string
  - jwksUri string
  - jwks_uri string
  - jwks string
  - fromHeaders []JWTHeader
  - fromParams []string
  - fromCookies []string
  - outputPayloadToHeader string
  - forwardOriginalToken bool
  - outputClaimToHeaders []ClaimToHeader
  - timeout Duration
JWTHeader
  - name string required
  - prefix string
ClaimToHeader
  - header string required
  - claim string required
`;
