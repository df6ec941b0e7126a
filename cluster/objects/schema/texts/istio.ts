/** What is said of the types and fields of Istio's kinds, in the notation of `field-texts.ts`. */
export const ISTIO_SECURITY_TEXTS = `
AuthorizationPolicySpec Who may send which requests to workloads.
  action What happens to requests that a rule fits: ALLOW, DENY, AUDIT or CUSTOM. Default ALLOW. DENY is looked at before ALLOW.
  provider The external authorizer of the action CUSTOM.
  rules Which requests are meant. Without any rule an ALLOW policy fits nothing, so that everything is refused.
  selector Labels of the workloads. Default all of the namespace; in the root namespace, of the mesh.
  targetRef The gateway or service that the policy is for.
  targetRefs The gateways or services that the policy is for.
ClaimToHeader A claim that becomes a header.
  claim Name of the claim.
  header Name of the header.
Condition A condition for an attribute of the request.
  key Name of the attribute, as request.headers[x-token] or source.namespace.
  notValues Values that it must not have.
  values Values that it may have.
ExtensionProvider A provider of the mesh's configuration.
  name Its name.
JWTHeader A header that carries a token.
  name Name of the header.
  prefix Text in front of the token, as "Bearer ".
JWTRule An issuer whose tokens are accepted.
  audiences Audiences of which a token must name one.
  forwardOriginalToken If true, the workload sees the token as well. Default false.
  fromCookies Cookies that carry a token.
  fromHeaders Headers that carry a token. Default Authorization with "Bearer ".
  fromParams Query parameters that carry a token.
  issuer Who issues the tokens: their claim iss.
  jwks Public keys, as JSON.
  jwksUri Where the public keys are.
  outputClaimToHeaders Claims to hand to the workload as headers.
  outputPayloadToHeader Header in which the workload gets the token's content, in base64.
  timeout How long the keys may take to come. Default 5s.
MutualTLS Whether mutual TLS is demanded.
  mode STRICT demands it, PERMISSIVE takes plain text too, DISABLE is plain text; UNSET inherits.
Operation What is asked for. Everything that is named must fit; a list fits when one of it does.
  hosts Hosts.
  methods Methods, as GET.
  notHosts All hosts but these.
  notMethods All methods but these.
  notPaths All paths but these.
  notPorts All ports but these.
  paths Paths: whole, /begin*, *end or *.
  ports Ports.
PeerAuthenticationSpec Whether workloads demand mutual TLS of those who call them.
  mtls For all ports. Default: the mesh's, and without one PERMISSIVE.
  portLevelMtls By the number of the workload's port; needs a selector.
  selector Labels of the workloads. Default all of the namespace; in the root namespace, of the mesh.
PolicyTargetReference An object that a policy is for.
  group Its group.
  kind Its kind.
  name Its name.
RequestAuthenticationSpec Which tokens workloads accept. A request with a bad one is refused, one without any goes on.
  jwtRules Issuers whose tokens are accepted.
  selector Labels of the workloads. Default all of the namespace; in the root namespace, of the mesh.
  targetRef The gateway or service that the policy is for.
  targetRefs The gateways or services that the policy is for.
Rule Requests that are meant: from, to and when must all fit.
  from Who sends it; one of these. Default anyone.
  to What is asked for; one of these. Default anything.
  when Further conditions; all of these.
RuleFrom A sender.
  source Its properties.
RuleTo A request.
  operation Its properties.
Source Who sends a request. Everything that is named must fit; a list fits when one of it does.
  ipBlocks Addresses that the connection comes from.
  namespaces Namespaces of the sender, from its certificate: needs mutual TLS.
  notIpBlocks All addresses but these.
  notNamespaces All namespaces but these.
  notPrincipals All senders but these.
  notRemoteIpBlocks All addresses but these.
  notRequestPrincipals All tokens but these.
  notServiceAccounts All service accounts but these.
  principals Identities from the sender's certificate, as cluster.local/ns/shop/sa/web: needs mutual TLS.
  remoteIpBlocks Addresses of the client behind proxies, by X-Forwarded-For.
  requestPrincipals Identities from the token, as ISSUER/SUBJECT.
  serviceAccounts Service accounts of the sender, as NAMESPACE/NAME: needs mutual TLS.
WorkloadSelector Which pods are meant.
  matchLabels Labels that they have.
`;

export const ISTIO_NETWORKING_TEXTS = `
ClientTLSSettings How TLS is spoken to a host.
  caCertificates File with the certificates of those who are trusted.
  clientCertificate File with the own certificate; with MUTUAL.
  credentialName Secret with the own certificate and key.
  insecureSkipVerify If true, the server's certificate is not checked.
  mode DISABLE: none. SIMPLE: TLS without a certificate of one's own. MUTUAL: with one that you give. ISTIO_MUTUAL: with the mesh's.
  privateKey File with the own key; with MUTUAL.
  sni Name to say in the handshake.
  subjectAltNames Names of which the server's certificate must have one.
ConnectionPoolSettings Bounds for connections and requests.
  http Bounds for HTTP.
  tcp Bounds for connections.
CorsPolicy What pages of other origins may ask.
  allowCredentials Whether cookies may be sent along.
  allowHeaders Headers that may be sent.
  allowMethods Methods that may be used.
  allowOrigins Origins that may ask.
  exposeHeaders Headers of the answer that they may read.
  maxAge How long this holds.
Destination A service, or a part of it.
  host Name of the service in the registry; a short one is completed by the namespace of the rule.
  port Its port, where it has several.
  subset Name of a subset of its DestinationRule.
DestinationRuleSpec How clients talk to a host, once it has been chosen.
  exportTo Namespaces in which the rule holds: "." for its own, "*" for all. Default all.
  host Name of the service, also with a wildcard as *.local.
  subsets Named parts of the service, by labels.
  trafficPolicy TLS, load balancing and bounds.
  workloadSelector Labels of the clients that the rule is for.
FaultAbort Refuses requests.
  grpcStatus Status of gRPC to answer with.
  httpStatus Status to answer with.
  percentage Part of the requests.
FaultDelay Holds requests up.
  fixedDelay For how long.
  percentage Part of the requests.
GatewaySpec Ports that a gateway's proxy opens, and for which hosts.
  selector Labels of the gateway's pods.
  servers The ports.
HTTPDirectResponse An answer without asking anybody.
  body Its body.
  status Its status.
HTTPFaultInjection Errors on purpose.
  abort Refuses requests.
  delay Holds requests up.
HTTPMatchRequest Conditions for a request; all must fit.
  authority The host.
  gateways Only by these gateways.
  headers Headers, by lower-case name.
  ignoreUriCase If true, upper and lower case of the path are the same.
  method The method.
  name Name of the condition.
  port Port of the service.
  queryParams Query parameters.
  scheme http or https.
  sourceLabels Labels of the client.
  sourceNamespace Namespace of the client.
  uri The path.
  withoutHeaders Headers that must not fit.
HTTPRedirect An answer that sends the client elsewhere.
  authority The host to go to.
  port The port to go to.
  redirectCode Status to answer with. Default 301.
  scheme The scheme to go to.
  uri The path to go to.
HTTPRetry Asking again after a failure.
  attempts How often.
  perTryTimeout How long each may take.
  retryOn After which failures, as 5xx,reset.
HTTPRewrite What is changed before a request goes on.
  authority The host.
  uri The path, or the beginning that matched.
HTTPRoute Conditions, and what happens to requests that fit.
  corsPolicy What pages of other origins may ask.
  delegate A VirtualService that decides further.
  directResponse An answer without asking anybody.
  fault Errors on purpose.
  headers Headers to set, add or remove.
  match Which requests; one of these. Default all.
  mirror A destination that gets a copy.
  mirrorPercentage Part of the requests that are copied. Default all.
  mirrors Destinations that get a copy.
  name Name of the route, for logs.
  redirect An answer that sends the client elsewhere.
  retries Asking again after a failure.
  rewrite What is changed before the request goes on.
  route Where requests go, with weights.
  timeout How long an answer may take. Default no limit.
HTTPRouteDestination A destination and its weight.
  destination The destination.
  headers Headers to set, add or remove.
  weight Its part of the requests, in relation to the others.
HeaderOperations Changes of headers.
  add Headers to add to those of the same name.
  remove Headers to take away.
  set Headers to put in place of those of the same name.
Headers Changes of the headers of requests and answers.
  request Of the request.
  response Of the answer.
IstioEgressListener Services that workloads can reach, by one port or all.
  bind Address to listen on.
  captureMode Whether connections are taken by iptables.
  hosts The services, as NAMESPACE/NAME: ./* for its own namespace, */* for all.
  port The port. Default all.
IstioIngressListener A port at which a workload is reached.
  bind Address to listen on.
  defaultEndpoint Where the workload itself listens, as 127.0.0.1:8080.
  port The port.
  tls Settings for TLS at this port.
LoadBalancerSettings How an endpoint is chosen.
  consistentHash The same for what a header, a cookie or the address says.
  localityLbSetting Endpoints that are near go first.
  simple ROUND_ROBIN, RANDOM, LEAST_REQUEST or PASSTHROUGH. Default LEAST_REQUEST.
OutboundTrafficPolicy Whether hosts that the mesh does not know can be reached.
  egressProxy Where such requests go.
  mode ALLOW_ANY or REGISTRY_ONLY.
OutlierDetection Endpoints that keep failing are left out for a while.
  baseEjectionTime For how long at first. Default 30s.
  consecutive5xxErrors After how many answers of 5xx in a row. Default 5.
  consecutiveGatewayErrors After how many answers of 502, 503 or 504 in a row.
  interval How often it is looked at. Default 10s.
  maxEjectionPercent Most endpoints that may be left out. Default 10%.
  minHealthPercent Below so many healthy ones, none is left out.
Percent A part in percent.
  value From 0 to 100.
Port A port of a gateway.
  name Its name.
  number Its number.
  protocol HTTP, HTTPS, HTTP2, GRPC, TCP, TLS or MONGO.
  targetPort Port of the proxy, where it is another.
PortSelector A port.
  number Its number.
PortTrafficPolicy Settings for one port; what it does not name is the default again.
  port The port.
  tls How TLS is spoken.
Server A port that a gateway opens.
  hosts Hosts that it is open for, also as NAMESPACE/HOST or *.
  name Its name.
  port The port.
  tls Settings for TLS.
ServerTLSSettings TLS at a gateway's port.
  credentialName Secret with the certificate and its key, in the namespace of the gateway.
  httpsRedirect If true, plain requests are sent to https.
  mode SIMPLE, MUTUAL, PASSTHROUGH, AUTO_PASSTHROUGH, ISTIO_MUTUAL or OPTIONAL_MUTUAL.
  minProtocolVersion The oldest version of TLS that is spoken.
  maxProtocolVersion The newest version of TLS that is spoken.
  subjectAltNames Names of which a client's certificate must have one.
ServiceEntryPort A port of the host.
  name Its name.
  number Its number.
  protocol HTTP, HTTPS, HTTP2, GRPC, TCP, TLS or MONGO.
  targetPort Port of the endpoints, where it is another.
ServiceEntrySpec A host that the mesh should know, mostly one outside.
  addresses Addresses of the service.
  endpoints Where it really is.
  exportTo Namespaces in which it is known. Default all.
  hosts Names of the host.
  location MESH_EXTERNAL or MESH_INTERNAL: whether it has a sidecar, so that mutual TLS can be spoken.
  ports Its ports.
  resolution How its addresses are found: NONE, STATIC, DNS or DNS_ROUND_ROBIN.
  subjectAltNames Names of which its certificate must have one.
  workloadSelector Labels of the pods or WorkloadEntries behind it.
SidecarSpec What the sidecars of workloads know, and how they are reached.
  egress Services that they can reach. Default all.
  inboundConnectionPool Bounds for connections that come in.
  ingress Ports at which they are reached. Default those of their services.
  outboundTrafficPolicy Whether hosts that the mesh does not know can be reached.
  workloadSelector Labels of the workloads. Default all of the namespace.
StringMatch How a text is compared; one is set.
  exact It is this.
  prefix It begins with this.
  regex It fits this regular expression (RE2), as a whole.
Subset A part of a service.
  labels Labels of its pods.
  name Name, by which VirtualServices refer to it.
  trafficPolicy Settings that win over those of the rule.
TrafficPolicy How clients talk to a host.
  connectionPool Bounds for connections and requests.
  loadBalancer How an endpoint is chosen.
  outlierDetection Endpoints that keep failing are left out for a while.
  portLevelSettings Settings for single ports.
  tls How TLS is spoken. Default: mutual TLS wherever the server has a sidecar.
VirtualServiceSpec Where requests for hosts go.
  exportTo Namespaces in which it holds: "." for its own, "*" for all. Default all.
  gateways Gateways by which it holds; mesh stands for all sidecars. Default mesh.
  hosts Hosts that it is about, as clients ask for them.
  http Routes for HTTP; the first that fits decides.
  tcp Routes for TCP.
  tls Routes for TLS that is not opened, by the name in the handshake.
WorkloadEntrySpec A workload that is no pod.
  address Its address.
  labels Its labels.
  ports Its ports, by the name of the service's.
  serviceAccount The account as which it acts.
  weight Its part of the requests.
`;
