/**
 * Fields of networking.istio.io of Istio 1.27 (v1, v1beta1 and v1alpha3 are the same), in the notation of
 * `schema-table.ts`. EnvoyFilter is left open below its spec: nothing simulated here reads it.
 */
export const ISTIO_NETWORKING = `
VirtualService
  - metadata meta.ObjectMeta
  - spec VirtualServiceSpec
  - status object
VirtualServiceSpec
  - hosts []string
  - gateways []string
  - http []HTTPRoute
  - tls []TLSRoute
  - tcp []TCPRoute
  - exportTo []string
Destination
  - host string required
  - subset string
  - port PortSelector
PortSelector
  - number int64 min=0 max=4294967295
HTTPRoute
  - name string
  - match []HTTPMatchRequest
  - route []HTTPRouteDestination
  - redirect HTTPRedirect
  - directResponse HTTPDirectResponse
  - delegate Delegate
  - rewrite HTTPRewrite
  - timeout Duration
  - retries HTTPRetry
  - fault HTTPFaultInjection
  - mirror Destination
  - mirrors []HTTPMirrorPolicy
  - mirrorPercent int64
  - mirror_percent int64
  - mirrorPercentage Percent
  - corsPolicy CorsPolicy
  - headers Headers
Delegate
  - name string
  - namespace string
StringMatch
  - exact string
  - prefix string
  - regex string
HTTPMatchRequest
  - name string
  - uri StringMatch
  - scheme StringMatch
  - method StringMatch
  - authority StringMatch
  - headers map<StringMatch>
  - port int64 min=0 max=4294967295
  - sourceLabels map<string>
  - gateways []string
  - queryParams map<StringMatch>
  - ignoreUriCase bool
  - withoutHeaders map<StringMatch>
  - sourceNamespace string
  - statPrefix string
HTTPRouteDestination
  - destination Destination required
  - weight int32
  - headers Headers
Headers
  - request HeaderOperations
  - response HeaderOperations
HeaderOperations
  - set map<string>
  - add map<string>
  - remove []string
HTTPRedirect
  - uri string
  - authority string
  - port int64 min=0 max=4294967295
  - derivePort enum(FROM_PROTOCOL_DEFAULT|FROM_REQUEST_PORT)
  - scheme string
  - redirectCode int64 min=0 max=4294967295
HTTPDirectResponse
  - status int64 required min=0 max=4294967295
  - body HTTPBody
HTTPBody
  - string string
  - bytes string
HTTPRewrite
  - uri string
  - authority string
  - uriRegexRewrite RegexRewrite
RegexRewrite
  - match string
  - rewrite string
HTTPRetry
  - attempts int32
  - perTryTimeout Duration
  - retryOn string
  - retryRemoteLocalities bool
  - retryIgnorePreviousHosts bool
  - backoff Duration
HTTPFaultInjection
  - delay FaultDelay
  - abort FaultAbort
FaultDelay
  - percent int32
  - percentage Percent
  - fixedDelay Duration
  - exponentialDelay Duration
FaultAbort
  - percentage Percent
  - httpStatus int32
  - grpcStatus string
  - http2Error string
Percent
  - value double
HTTPMirrorPolicy
  - destination Destination required
  - percentage Percent
CorsPolicy
  - allowOrigin []string
  - allowOrigins []StringMatch
  - allowMethods []string
  - allowHeaders []string
  - exposeHeaders []string
  - maxAge Duration
  - allowCredentials bool
  - unmatchedPreflights enum(UNSPECIFIED|FORWARD|IGNORE)
TLSRoute
  - match []TLSMatchAttributes required
  - route []RouteDestination
TLSMatchAttributes
  - sniHosts []string required
  - destinationSubnets []string
  - port int64 min=0 max=4294967295
  - sourceLabels map<string>
  - gateways []string
  - sourceNamespace string
TCPRoute
  - match []L4MatchAttributes
  - route []RouteDestination
L4MatchAttributes
  - destinationSubnets []string
  - port int64 min=0 max=4294967295
  - sourceSubnet string
  - sourceLabels map<string>
  - gateways []string
  - sourceNamespace string
RouteDestination
  - destination Destination required
  - weight int32
DestinationRule
  - metadata meta.ObjectMeta
  - spec DestinationRuleSpec
  - status object
DestinationRuleSpec
  - host string required
  - trafficPolicy TrafficPolicy
  - subsets []Subset
  - exportTo []string
  - workloadSelector istiosecurity.WorkloadSelector
Subset
  - name string required
  - labels map<string>
  - trafficPolicy TrafficPolicy
TrafficPolicy
  - loadBalancer LoadBalancerSettings
  - connectionPool ConnectionPoolSettings
  - outlierDetection OutlierDetection
  - tls ClientTLSSettings
  - portLevelSettings []PortTrafficPolicy
  - tunnel object
  - proxyProtocol object
  - retryBudget object
PortTrafficPolicy
  - port PortSelector
  - loadBalancer LoadBalancerSettings
  - connectionPool ConnectionPoolSettings
  - outlierDetection OutlierDetection
  - tls ClientTLSSettings
LoadBalancerSettings
  - simple enum(UNSPECIFIED|LEAST_CONN|RANDOM|PASSTHROUGH|ROUND_ROBIN|LEAST_REQUEST)
  - consistentHash object
  - localityLbSetting object
  - warmup object
  - warmupDurationSecs Duration
ConnectionPoolSettings
  - tcp TCPSettings
  - http HTTPSettings
TCPSettings
  - maxConnections int32
  - connectTimeout Duration
  - tcpKeepalive object
  - maxConnectionDuration Duration
  - idleTimeout Duration
HTTPSettings
  - http1MaxPendingRequests int32
  - http2MaxRequests int32
  - maxRequestsPerConnection int32
  - maxRetries int32
  - idleTimeout Duration
  - h2UpgradePolicy enum(DEFAULT|DO_NOT_UPGRADE|UPGRADE)
  - useClientProtocol bool
  - maxConcurrentStreams int32
OutlierDetection
  - consecutiveErrors int32
  - splitExternalLocalOriginErrors bool
  - consecutiveLocalOriginFailures int64
  - consecutiveGatewayErrors int64
  - consecutive5xxErrors int64
  - interval Duration
  - baseEjectionTime Duration
  - maxEjectionPercent int32
  - minHealthPercent int32
ClientTLSSettings
  - mode enum(DISABLE|SIMPLE|MUTUAL|ISTIO_MUTUAL)
  - clientCertificate string
  - privateKey string
  - caCertificates string
  - credentialName string
  - subjectAltNames []string
  - sni string
  - insecureSkipVerify bool
  - caCrl string
Gateway
  - metadata meta.ObjectMeta
  - spec GatewaySpec
  - status object
GatewaySpec
  - servers []Server
  - selector map<string>
Server
  - port Port required
  - bind string
  - hosts []string required
  - tls ServerTLSSettings
  - defaultEndpoint string
  - name string
Port
  - number int64 required min=0 max=4294967295
  - protocol string required
  - name string required
  - targetPort int64 min=0 max=4294967295
ServerTLSSettings
  - httpsRedirect bool
  - mode enum(PASSTHROUGH|SIMPLE|MUTUAL|AUTO_PASSTHROUGH|ISTIO_MUTUAL|OPTIONAL_MUTUAL)
  - serverCertificate string
  - privateKey string
  - caCertificates string
  - caCrl string
  - credentialName string
  - credentialNames []string
  - caCertCredentialName string
  - tlsCertificates []object
  - subjectAltNames []string
  - verifyCertificateSpki []string
  - verifyCertificateHash []string
  - minProtocolVersion enum(TLS_AUTO|TLSV1_0|TLSV1_1|TLSV1_2|TLSV1_3)
  - maxProtocolVersion enum(TLS_AUTO|TLSV1_0|TLSV1_1|TLSV1_2|TLSV1_3)
  - cipherSuites []string
ServiceEntry
  - metadata meta.ObjectMeta
  - spec ServiceEntrySpec
  - status object
ServiceEntrySpec
  - hosts []string required
  - addresses []string
  - ports []ServiceEntryPort
  - location enum(MESH_EXTERNAL|MESH_INTERNAL)
  - resolution enum(NONE|STATIC|DNS|DNS_ROUND_ROBIN|DYNAMIC_DNS)
  - endpoints []WorkloadEntrySpec
  - workloadSelector EntrySelector
  - exportTo []string
  - subjectAltNames []string
ServiceEntryPort
  - number int64 required min=0 max=4294967295
  - protocol string
  - name string required
  - targetPort int64 min=0 max=4294967295
EntrySelector
  - labels map<string>
WorkloadEntry
  - metadata meta.ObjectMeta
  - spec WorkloadEntrySpec
  - status object
WorkloadEntrySpec
  - address string
  - ports map<int64>
  - labels map<string>
  - network string
  - locality string
  - weight int64 min=0 max=4294967295
  - serviceAccount string
WorkloadGroup
  - metadata meta.ObjectMeta
  - spec WorkloadGroupSpec
  - status object
WorkloadGroupSpec
  - metadata object
  - template WorkloadEntrySpec required
  - probe object
Sidecar
  - metadata meta.ObjectMeta
  - spec SidecarSpec
  - status object
SidecarSpec
  - workloadSelector EntrySelector
  - ingress []IstioIngressListener
  - egress []IstioEgressListener
  - inboundConnectionPool ConnectionPoolSettings
  - outboundTrafficPolicy OutboundTrafficPolicy
IstioIngressListener
  - port SidecarPort required
  - bind string
  - captureMode enum(DEFAULT|IPTABLES|NONE)
  - defaultEndpoint string
  - tls ServerTLSSettings
  - connectionPool ConnectionPoolSettings
IstioEgressListener
  - port SidecarPort
  - bind string
  - captureMode enum(DEFAULT|IPTABLES|NONE)
  - hosts []string required
SidecarPort
  - number int64 min=0 max=4294967295
  - protocol string
  - name string
  - targetPort int64 min=0 max=4294967295
OutboundTrafficPolicy
  - mode enum(REGISTRY_ONLY|ALLOW_ANY)
  - egressProxy Destination
EnvoyFilter
  - metadata meta.ObjectMeta
  - spec EnvoyFilterSpec
  - status object
EnvoyFilterSpec
  - workloadSelector EntrySelector
  - targetRefs []istiosecurity.PolicyTargetReference
  - configPatches []object
  - priority int32
ProxyConfig
  - metadata meta.ObjectMeta
  - spec ProxyConfigSpec
  - status object
ProxyConfigSpec
  - selector istiosecurity.WorkloadSelector
  - concurrency int32
  - environmentVariables map<string>
  - image object
`;
