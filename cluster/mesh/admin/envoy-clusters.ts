/** Envoy's clusters of a proxy. Istio 1.27, pilot/pkg/networking/core/cluster.go and cluster_tls.go. */
import type { ServicePort } from '../../network/services.ts';
import { portPolicy, type ClientTlsSettings, type MergedRule, type PortPolicy } from '../destination-rule.ts';
import { clusterName, hostOf, serverNameOf, type Destination, type MeshService } from '../destination.ts';
import { MESH_ALPN } from '../mutual-tls.ts';
import {
  isHeadless,
  isSince,
  meshServices,
  protocolOf,
  servedPorts,
  tcpPorts,
  type ServedPort,
  type Subject,
} from './subject.ts';

export interface EnvoyCluster {
  name: string;
  type: 'EDS' | 'STATIC' | 'ORIGINAL_DST' | 'STRICT_DNS';
  [field: string]: unknown;
}

/** The clusters that come from the mesh's objects; those of the bootstrap are {@link staticClusters}. */
export function dynamicClusters(subject: Subject): EnvoyCluster[] {
  const { context } = subject;
  const outbound = meshServices(subject).flatMap((service) =>
    tcpPorts(service).flatMap((port) => outboundClusters(subject, service, port)),
  );
  if (context.workload.isGateway) return [...outbound, plain('BlackHoleCluster', 'STATIC')];
  return [
    ...outbound,
    plain('BlackHoleCluster', 'STATIC'),
    plain('PassthroughCluster', 'ORIGINAL_DST'),
    ...servedPorts(subject).map((served) => inboundCluster(subject, served)),
    ...(isSince(subject, 3) ? [passthroughCluster(subject)] : []),
  ];
}

/** Ports of the pod that no service names. */
function passthroughCluster(subject: Subject): EnvoyCluster {
  return {
    ...plain(passthroughInbound(subject), 'ORIGINAL_DST'),
    upstream_bind_config: { source_address: { address: '127.0.0.6', port_value: 0 } },
  };
}

/** `InboundPassthroughCluster`; with the IP family behind it before 1.22. */
export function passthroughInbound(subject: Subject): string {
  return isSince(subject, 22) ? 'InboundPassthroughCluster' : 'InboundPassthroughClusterIpv4';
}

/** Up to 1.6 an inbound cluster was named like an outbound one, by the service's port. */
export function inboundClusterName(subject: Subject, { service, port, target }: ServedPort): string {
  return isSince(subject, 8) ? `inbound|${target}||` : `inbound|${port.port}|${port.name ?? ''}|${hostOf(service)}`;
}

/** Those of the proxy's own bootstrap, with where they lead. */
export function staticClusters(subject: Subject): { cluster: EnvoyCluster; endpoint: string }[] {
  const one = (name: string, type: EnvoyCluster['type'], endpoint: string) => ({ cluster: { name, type }, endpoint });
  const own = one('prometheus_stats', 'STATIC', '127.0.0.1:15000');
  if (!isSince(subject, 5)) return [own, one('xds-grpc', 'STRICT_DNS', 'istio-pilot.istio-system:15010')];
  if (!isSince(subject, 7)) {
    return [
      own,
      one('sds-grpc', 'STATIC', 'unix:///etc/istio/proxy/SDS'),
      one('xds-grpc', 'STRICT_DNS', 'istiod.istio-system.svc:15012'),
    ];
  }
  return [
    one('agent', 'STATIC', '127.0.0.1:15020'),
    own,
    one('sds-grpc', 'STATIC', 'unix://./var/run/secrets/workload-spiffe-uds/socket'),
    one('xds-grpc', 'STATIC', 'unix://./etc/istio/proxy/XDS'),
  ];
}

function outboundClusters(subject: Subject, service: MeshService, port: ServicePort): EnvoyCluster[] {
  const { mesh, pod } = subject.context;
  const rule = mesh.config.destinationRule(
    mesh.workload(pod),
    hostOf(service),
    service.metadata.namespace ?? 'default',
  );
  const subsets = [null, ...(rule?.subsets.keys() ?? [])];
  return subsets.map((subset) => outboundCluster(subject, { service, port, subset }, rule));
}

function outboundCluster(subject: Subject, destination: Destination, rule: MergedRule | null): EnvoyCluster {
  const { service, port, subset } = destination;
  const name = clusterName(destination);
  const type = typeOf(service);
  const policy = portPolicy(rule, port.port, subset);
  return {
    name,
    type,
    ...(type === 'EDS'
      ? { eds_cluster_config: { eds_config: { ads: {}, resource_api_version: 'V3' }, service_name: name } }
      : {}),
    ...(type === 'ORIGINAL_DST' ? {} : trafficPolicy(policy)),
    ...(policy.tls?.mode === undefined
      ? automaticTls(subject, destination)
      : explicitTls(subject, destination, policy.tls)),
    metadata: {
      filter_metadata: {
        istio: {
          ...(rule === null ? {} : { config: configPath('destination-rule', rule.name) }),
          ...(subset === null ? {} : { subset }),
          services: [serviceReference(service)],
        },
      },
    },
  };
}

/** What a rule says beside TLS; Istio's defaults where it is silent. */
function trafficPolicy({ connectionPool, loadBalancer, outlierDetection }: PortPolicy): Record<string, unknown> {
  const { tcp = {}, http = {} } = connectionPool ?? {};
  const limit = (value: number | undefined): number => (value === undefined || value === 0 ? NO_LIMIT : value);
  const hash = loadBalancer?.consistentHash !== undefined;
  return {
    connect_timeout: tcp.connectTimeout ?? '10s',
    lb_policy: hash ? 'RING_HASH' : (LOAD_BALANCERS[loadBalancer?.simple ?? ''] ?? 'LEAST_REQUEST'),
    circuit_breakers: {
      thresholds: [
        {
          max_connections: limit(tcp.maxConnections),
          max_pending_requests: limit(http.http1MaxPendingRequests),
          max_requests: limit(http.http2MaxRequests),
          max_retries: limit(http.maxRetries),
          track_remaining: true,
        },
      ],
    },
    ...(outlierDetection === undefined
      ? {}
      : {
          outlier_detection: {
            consecutive_5xx: outlierDetection.consecutive5xxErrors,
            consecutive_gateway_failure:
              outlierDetection.consecutiveGatewayErrors ?? outlierDetection.consecutiveErrors,
            base_ejection_time: outlierDetection.baseEjectionTime,
            max_ejection_percent: outlierDetection.maxEjectionPercent,
          },
        }),
  };
}

/** 2^32 - 1, which istiod sends for none. */
const NO_LIMIT = 4_294_967_295;

const LOAD_BALANCERS: Readonly<Record<string, string>> = {
  LEAST_CONN: 'LEAST_REQUEST',
  PASSTHROUGH: 'CLUSTER_PROVIDED',
  RANDOM: 'RANDOM',
  ROUND_ROBIN: 'ROUND_ROBIN',
};

/** How endpoints are found: told by istiod, asked of DNS, or where the client wanted to go. */
function typeOf(service: MeshService): EnvoyCluster['type'] {
  const { entryHost, spec } = service;
  if (entryHost === undefined) {
    return spec?.type === 'ExternalName' ? 'STRICT_DNS' : isHeadless(service) ? 'ORIGINAL_DST' : 'EDS';
  }
  const { resolution = 'NONE' } = entryHost.entry.spec ?? {};
  return resolution === 'NONE' ? 'ORIGINAL_DST' : resolution === 'STATIC' ? 'EDS' : 'STRICT_DNS';
}

function inboundCluster(subject: Subject, served: ServedPort): EnvoyCluster {
  return {
    ...plain(inboundClusterName(subject, served), isSince(subject, 11) ? 'ORIGINAL_DST' : 'STATIC'),
    metadata: { filter_metadata: { istio: { services: [serviceReference(served.service)] } } },
  };
}

function plain(name: string, type: EnvoyCluster['type']): EnvoyCluster {
  return { name, type };
}

/** By the label that an endpoint of the mesh carries. Without automatic mTLS nothing is encrypted. */
function automaticTls(subject: Subject, destination: Destination): Record<string, unknown> {
  const { context } = subject;
  if (!context.mesh.config.automaticMutualTls) return {};
  const { entryHost, metadata } = destination.service;
  if (entryHost !== undefined && entryHost.entry.spec?.location !== 'MESH_INTERNAL') return {};
  const { namespace = 'default' } = metadata;
  if (context.mesh.config.namespaceMode(namespace) === 'DISABLE') return {};
  return {
    transport_socket_matches: [
      { name: 'tlsMode-istio', match: { tlsMode: 'istio' }, transport_socket: meshSocket(subject, destination) },
      { name: 'tlsMode-disabled', match: {}, transport_socket: { name: 'envoy.transport_sockets.raw_buffer' } },
    ],
  };
}

function explicitTls(subject: Subject, destination: Destination, settings: ClientTlsSettings): Record<string, unknown> {
  switch (settings.mode) {
    case 'ISTIO_MUTUAL':
      return { transport_socket: meshSocket(subject, destination, settings.sni) };
    case 'SIMPLE':
    case 'MUTUAL':
      return {
        transport_socket: {
          name: 'envoy.transport_sockets.tls',
          typed_config: {
            '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
            common_tls_context: certificatesOf(settings),
            sni: settings.sni ?? hostOf(destination.service),
          },
        },
      };
    default:
      return {};
  }
}

/** From files of the proxy, or from a secret. */
function certificatesOf(settings: ClientTlsSettings): Record<string, unknown> {
  const { credentialName, caCertificates, clientCertificate, privateKey } = settings;
  if (credentialName !== undefined) {
    return {
      ...(settings.mode === 'MUTUAL'
        ? { tls_certificate_sds_secret_configs: [{ name: `kubernetes://${credentialName}` }] }
        : {}),
      combined_validation_context: {
        validation_context_sds_secret_config: { name: `kubernetes://${credentialName}-cacert` },
      },
    };
  }
  return {
    ...(clientCertificate === undefined
      ? {}
      : { tls_certificate_sds_secret_configs: [{ name: `file-cert:${clientCertificate}~${privateKey ?? ''}` }] }),
    ...(caCertificates === undefined
      ? {}
      : {
          combined_validation_context: {
            validation_context_sds_secret_config: { name: `file-root:${caCertificates}` },
          },
        }),
  };
}

function meshSocket(subject: Subject, destination: Destination, sni?: string): Record<string, unknown> {
  const protocol = protocolOf(subject, destination.port);
  const alpn =
    protocol === 'http2' ? MESH_ALPN.http2 : protocol === 'tcp' ? MESH_ALPN.tcp : ['istio-peer-exchange', 'istio'];
  return {
    name: 'envoy.transport_sockets.tls',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
      common_tls_context: {
        alpn_protocols: alpn,
        tls_certificate_sds_secret_configs: [{ name: 'default' }],
        combined_validation_context: { validation_context_sds_secret_config: { name: 'ROOTCA' } },
      },
      sni: sni ?? serverNameOf(destination),
    },
  };
}

function serviceReference(service: MeshService): Record<string, string> {
  const { name, namespace = 'default' } = service.metadata;
  return { host: hostOf(service), name, namespace };
}

/** Where istiod says that something comes from. @param name `namespace/name` */
export function configPath(kind: 'destination-rule' | 'virtual-service', name: string): string {
  const [namespace = '', own = ''] = name.split('/');
  return `/apis/networking.istio.io/v1alpha3/namespaces/${namespace}/${kind}/${own}`;
}
