/** Fields of project.openshift.io/v1, route.openshift.io/v1 and user.openshift.io/v1 of OpenShift 4, in the notation of `schema-table.ts`. */
export const OPENSHIFT = `
Project
  1 metadata meta.ObjectMeta
  2 spec ProjectSpec
  3 status ProjectStatus
ProjectRequest
  1 metadata meta.ObjectMeta
  2 displayName string
  3 description string
ProjectSpec
  1 finalizers []string
ProjectStatus
  1 phase string
  2 conditions []core.NamespaceCondition merge=type
Route
  1 metadata meta.ObjectMeta
  2 spec RouteSpec
  3 status RouteStatus
RouteHTTPHeader
  1 name string
  2 action RouteHTTPHeaderActionUnion
RouteHTTPHeaderActionUnion
  1 type string
  2 set RouteSetHTTPHeader
RouteHTTPHeaderActions
  1 response []RouteHTTPHeader merge=name
  2 request []RouteHTTPHeader merge=name
RouteHTTPHeaders
  1 actions RouteHTTPHeaderActions
RouteIngress
  1 host string
  2 routerName string
  3 conditions []RouteIngressCondition merge=type
  4 wildcardPolicy string
  5 routerCanonicalHostname string
RouteIngressCondition
  1 type string
  2 status string
  3 reason string
  4 message string
  5 lastTransitionTime Time
RoutePort
  1 targetPort IntOrString
RouteSetHTTPHeader
  1 value string
RouteSpec
  1 host string
  2 path string
  3 to RouteTargetReference
  4 alternateBackends []RouteTargetReference
  5 port RoutePort
  6 tls TLSConfig
  7 wildcardPolicy string
  8 subdomain string
  9 httpHeaders RouteHTTPHeaders
RouteStatus
  1 ingress []RouteIngress
RouteTargetReference
  1 kind string
  2 name string
  3 weight int32 pointer
TLSConfig
  1 termination string
  2 certificate string
  3 key string
  4 caCertificate string
  5 destinationCACertificate string
  6 insecureEdgeTerminationPolicy string
User
  1 metadata meta.ObjectMeta
  2 fullName string
  3 identities []string
  4 groups []string
`;
