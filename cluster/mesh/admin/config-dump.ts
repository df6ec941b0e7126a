/** `/config_dump` of Envoy, envoy.admin.v3.ConfigDump, from the objects that the simulated proxies act upon. */
import { dynamicClusters, staticClusters } from './envoy-clusters.ts';
import { clusterEndpoints } from './envoy-endpoints.ts';
import { listeners } from './envoy-listeners.ts';
import { dynamicRoutes, inlineRoutes } from './envoy-routes.ts';
import { secrets } from './envoy-secrets.ts';
import { nodeOf } from './node.ts';
import type { Subject } from './subject.ts';

const TYPE = 'type.googleapis.com/envoy';

/** @param withEndpoints as `?include_eds` asks */
export function configDump(subject: Subject, withEndpoints: boolean): unknown {
  const updated = new Date(subject.context.clock.now()).toISOString();
  const version = configVersion(subject);
  const stamp = { version_info: version, last_updated: updated };
  const typed = (type: string, value: object): object => ({ '@type': `${TYPE}.${type}`, ...value });
  const all = listeners(subject);
  return {
    configs: [
      typed('admin.v3.BootstrapConfigDump', { bootstrap: bootstrap(subject), last_updated: updated }),
      typed('admin.v3.ClustersConfigDump', {
        version_info: version,
        static_clusters: staticClusters(subject).map(({ cluster }) => ({
          cluster: typed('config.cluster.v3.Cluster', cluster),
          last_updated: updated,
        })),
        dynamic_active_clusters: dynamicClusters(subject).map((cluster) => ({
          ...stamp,
          cluster: typed('config.cluster.v3.Cluster', cluster),
        })),
      }),
      typed('admin.v3.ListenersConfigDump', {
        version_info: version,
        static_listeners: all
          .filter(({ name }) => name === '')
          .map((listener) => ({ listener: typed('config.listener.v3.Listener', listener), last_updated: updated })),
        dynamic_listeners: all
          .filter(({ name }) => name !== '')
          .map((listener) => ({
            name: listener.name,
            active_state: { ...stamp, listener: typed('config.listener.v3.Listener', listener) },
          })),
      }),
      typed('admin.v3.RoutesConfigDump', {
        static_route_configs: inlineRoutes(subject).map((route) => ({
          route_config: typed('config.route.v3.RouteConfiguration', route),
          last_updated: updated,
        })),
        dynamic_route_configs: dynamicRoutes(subject).map((route) => ({
          ...stamp,
          route_config: typed('config.route.v3.RouteConfiguration', route),
        })),
      }),
      typed('admin.v3.SecretsConfigDump', { dynamic_active_secrets: secrets(subject) }),
      ...(withEndpoints ? [typed('admin.v3.EndpointsConfigDump', endpoints(subject))] : []),
    ],
  };
}

/** Of what proxies were told last: the newest of the objects that they are told of. */
export function configVersion({ context }: Subject): string {
  const kinds = [
    'services',
    'endpointslices.discovery.k8s.io',
    'destinationrules.networking.istio.io',
    'virtualservices.networking.istio.io',
    'gateways.networking.istio.io',
    'sidecars.networking.istio.io',
    'peerauthentications.security.istio.io',
    'authorizationpolicies.security.istio.io',
    'requestauthentications.security.istio.io',
  ];
  const versions = kinds.flatMap((kind) =>
    context.objects.list(kind).map(({ metadata }) => Number(metadata.resourceVersion ?? 0)),
  );
  return String(Math.max(0, ...versions));
}

function bootstrap(subject: Subject): unknown {
  return {
    node: nodeOf(subject),
    static_resources: {
      clusters: staticClusters(subject).map(({ cluster }) => cluster),
    },
    dynamic_resources: {
      lds_config: { ads: {}, resource_api_version: 'V3' },
      cds_config: { ads: {}, resource_api_version: 'V3' },
      ads_config: { api_type: 'GRPC', grpc_services: [{ envoy_grpc: { cluster_name: 'xds-grpc' } }] },
    },
    admin: { address: { socket_address: { address: '127.0.0.1', port_value: 15_000 } } },
  };
}

function endpoints(subject: Subject): object {
  const dump = (byApi: boolean): unknown[] =>
    clusterEndpoints(subject)
      .filter(({ addedByApi, endpoints: own }) => addedByApi === byApi && own.length > 0)
      .map(({ cluster, endpoints: own }) => ({
        endpoint_config: {
          '@type': `${TYPE}.config.endpoint.v3.ClusterLoadAssignment`,
          cluster_name: cluster,
          endpoints: [
            {
              locality: {},
              lb_endpoints: own.map((endpoint) => ({
                endpoint: {
                  address:
                    'path' in endpoint
                      ? { pipe: { path: endpoint.path.replace('unix://', '') } }
                      : { socket_address: { address: endpoint.ip, port_value: endpoint.port } },
                },
                health_status: 'HEALTHY',
                ...('tlsMode' in endpoint && endpoint.tlsMode === 'istio'
                  ? { metadata: { filter_metadata: { 'envoy.transport_socket_match': { tlsMode: 'istio' } } } }
                  : {}),
              })),
            },
          ],
        },
      }));
  return { static_endpoint_configs: dump(false), dynamic_endpoint_configs: dump(true) };
}
