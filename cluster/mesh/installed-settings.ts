import type { IstioVersion } from '../istio-version.ts';
import type { Era } from './era.ts';

/**
 * Entry `mesh` of the ConfigMap `istio` as an installation with the demo profile writes it, without comments: through 1.4
 * install/kubernetes/helm/istio/templates/configmap.yaml, from 1.6 on manifests/charts/istio-control/istio-discovery.
 */
export function installedSettings({ version }: Pick<Era, 'version'>): string {
  return TEXTS[version];
}

/** What Helm's charts of all releases wrote at the end. */
function defaultConfig(discoveryPort: number, rest = ''): string {
  return `defaultConfig:
  connectTimeout: 10s
  configPath: "/etc/istio/proxy"
  binaryPath: "/usr/local/bin/envoy"
  serviceCluster: istio-proxy
  drainDuration: 45s
  parentShutdownDuration: 1m0s
  proxyAdminPort: 15000
${rest}  controlPlaneAuthPolicy: NONE
  discoveryAddress: istio-pilot.istio-system:${discoveryPort}`;
}

const ZIPKIN = `  tracing:
    zipkin:
      address: zipkin.istio-system:9411
`;

const MIXER = `mixerCheckServer: istio-policy.istio-system.svc.cluster.local:9091
mixerReportServer: istio-telemetry.istio-system.svc.cluster.local:9091`;

const TEXTS: Readonly<Record<IstioVersion, string>> = {
  '1.0': `disablePolicyChecks: false
enableTracing: true
${MIXER}
accessLogFile: "/dev/stdout"
authPolicy: NONE
sdsUdsPath: ""
sdsRefreshDelay: 15s
${defaultConfig(15_007, '  zipkinAddress: zipkin.istio-system:9411\n')}`,
  '1.1': `disablePolicyChecks: false
enableTracing: true
accessLogFile: "/dev/stdout"
accessLogFormat: ""
accessLogEncoding: 'TEXT'
${MIXER}
policyCheckFailOpen: false
ingressService: istio-ingressgateway
dnsRefreshRate: 5s
sdsUdsPath:
enableSdsTokenMount: false
sdsUseK8sSaJwt: false
trustDomain:
outboundTrafficPolicy:
  mode: ALLOW_ANY
localityLbSetting:
  {}
rootNamespace: istio-system
configSources:
- address: istio-galley.istio-system.svc:9901
${defaultConfig(15_010, ZIPKIN)}`,
  '1.4': `disablePolicyChecks: true
disableMixerHttpReports: false
enableTracing: true
accessLogFile: "/dev/stdout"
accessLogFormat: ""
accessLogEncoding: 'TEXT'
enableEnvoyAccessLogService: false
${MIXER}
policyCheckFailOpen: false
reportBatchMaxEntries: 100
reportBatchMaxTime: 1s
ingressClass: istio
ingressControllerMode: STRICT
ingressService: istio-ingressgateway
protocolDetectionTimeout: 100ms
dnsRefreshRate: 300s
sdsUdsPath:
trustDomain: "cluster.local"
outboundTrafficPolicy:
  mode: ALLOW_ANY
localityLbSetting:
  enabled: true
rootNamespace: istio-system
configSources:
- address: istio-galley.istio-system.svc:9901
enableAutoMtls: false
${defaultConfig(15_010, ZIPKIN)}`,
  '1.6': `accessLogEncoding: TEXT
accessLogFile: /dev/stdout
accessLogFormat: ""
defaultConfig:
  concurrency: 2
  configPath: ./etc/istio/proxy
  connectTimeout: 10s
  controlPlaneAuthPolicy: NONE
  discoveryAddress: istiod.istio-system.svc:15012
  drainDuration: 45s
  parentShutdownDuration: 1m0s
  proxyAdminPort: 15000
  proxyMetadata:
    DNS_AGENT: ""
  serviceCluster: istio-proxy
  tracing:
    zipkin:
      address: zipkin.istio-system:9411
disableMixerHttpReports: true
disablePolicyChecks: false
enablePrometheusMerge: false
ingressClass: istio
ingressControllerMode: STRICT
ingressService: istio-ingressgateway
protocolDetectionTimeout: 100ms
reportBatchMaxEntries: 100
reportBatchMaxTime: 1s
sdsUdsPath: unix:/etc/istio/proxy/SDS
trustDomain: cluster.local
trustDomainAliases: null`,
  current: `accessLogFile: /dev/stdout
defaultConfig:
  discoveryAddress: istiod.istio-system.svc:15012
defaultProviders:
  metrics:
  - prometheus
enablePrometheusMerge: true
extensionProviders:
- envoyOtelAls:
    port: 4317
    service: opentelemetry-collector.observability.svc.cluster.local
  name: otel
- name: skywalking
  skywalking:
    port: 11800
    service: tracing.istio-system.svc.cluster.local
- name: otel-tracing
  opentelemetry:
    port: 4317
    service: opentelemetry-collector.observability.svc.cluster.local
- name: jaeger
  opentelemetry:
    port: 4317
    service: jaeger-collector.istio-system.svc.cluster.local
rootNamespace: istio-system
trustDomain: cluster.local`,
};
