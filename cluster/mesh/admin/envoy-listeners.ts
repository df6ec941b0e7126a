/** Envoy's listeners of a proxy. Istio 1.27, pilot/pkg/networking/core/{listener,listener_inbound,filterchain_options}.go. */
import { clusterName, hostOf, type Destination } from '../destination.ts';
import type { MutualTlsMode } from '../peer-authentication.ts';
import { isTls, type PortProtocol } from '../service-protocol.ts';
import { gatewaysOf, namespaceOf, type VirtualService, type WeightedDestination } from '../virtual-service.ts';
import { inboundClusterName, passthroughInbound } from './envoy-clusters.ts';
import { bytesFilters, httpFilters } from './envoy-filters.ts';
import {
  backendRoute,
  destinationCluster,
  inboundRoute,
  passthroughRoute,
  type EnvoyRouteConfiguration,
} from './envoy-routes.ts';
import { gatewayPorts, type GatewayChain } from './gateway-ports.ts';
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

export interface FilterChain {
  filter_chain_match?: Record<string, unknown>;
  filters: { name: string; typed_config: Record<string, unknown> }[];
  transport_socket?: unknown;
}
export interface EnvoyListener {
  name: string;
  address: { socket_address: { address: string; port_value: number } };
  filter_chains: FilterChain[];
  default_filter_chain?: FilterChain;
  [field: string]: unknown;
}

const PLAIN_HTTP = ['http/1.1', 'h2c'];
const MESH_HTTP = ['istio-http/1.0', 'istio-http/1.1', 'istio-h2'];
const MESH_BYTES = ['istio-peer-exchange', 'istio'];
const MESH_ANY = ['istio', 'istio-peer-exchange', ...MESH_HTTP];

export function listeners(subject: Subject): EnvoyListener[] {
  const status = own(15_021, '/healthz/ready');
  const prometheus = own(15_090, '/stats/prometheus');
  const statics = isSince(subject, 7) ? [prometheus, status] : [prometheus];
  if (subject.context.workload.isGateway) return [...gatewayListeners(subject), ...statics];
  return [...outboundListeners(subject), virtualOutbound(subject), ...inboundListeners(subject), ...statics];
}

function listener(address: string, port: number, chains: FilterChain[], rest?: FilterChain): EnvoyListener {
  return {
    name: `${address}_${port}`,
    address: { socket_address: { address, port_value: port } },
    filter_chains: chains,
    ...(rest === undefined ? {} : { default_filter_chain: rest }),
  };
}

/** A port that the proxy itself answers. */
function own(port: number, path: string): EnvoyListener {
  return { ...listener('0.0.0.0', port, [{ filters: [inlineManager(backendRoute(path), [])] }]), name: '' };
}

function outboundListeners(subject: Subject): EnvoyListener[] {
  const { network } = subject.context;
  const shared = new Set<number>();
  /** Chains of hosts without an address of their own, by port. */
  const anywhere = new Map<number, FilterChain[]>();
  const alone: EnvoyListener[] = [];
  for (const service of meshServices(subject)) {
    for (const port of tcpPorts(service)) {
      const protocol = protocolOf(subject, port);
      if (protocol === 'http' || protocol === 'http2') {
        shared.add(port.port);
        continue;
      }
      const destination = { service, port, subset: null };
      // A service without an address of its own has a listener for each of its pods'.
      const addresses = isHeadless(service)
        ? network.services.endpoints(service, port).map(({ ip }) => ip)
        : (service.entryHost?.addresses ?? [service.spec?.clusterIP ?? '']).filter((address) => address !== '');
      for (const address of addresses) alone.push(serviceListener(subject, address, destination, protocol));
      if (service.entryHost !== undefined && addresses.length === 0) {
        const match = isTls(port) ? { filter_chain_match: { server_names: [hostOf(service)] } } : {};
        const chain = { ...match, filters: [bytesTo(subject, destination)] };
        anywhere.set(port.port, [...(anywhere.get(port.port) ?? []), chain]);
      }
    }
  }
  // Whatever is no HTTP passes, since protocols are told by their first bytes also at ports of HTTP.
  const rest = { filters: [toCluster(elsewhere(subject))] };
  const common = [...shared].map((port) =>
    listener(
      '0.0.0.0',
      port,
      [
        {
          filter_chain_match: { transport_protocol: 'raw_buffer', application_protocols: PLAIN_HTTP },
          filters: [namedManager(String(port))],
        },
      ],
      isSince(subject, 5) ? rest : undefined,
    ),
  );
  const unaddressed = [...anywhere].map(([port, chains]) =>
    listener(
      '0.0.0.0',
      port,
      chains,
      chains.some((chain) => chain.filter_chain_match === undefined) ? undefined : rest,
    ),
  );
  return [...common, ...unaddressed, ...alone];
}

function serviceListener(
  subject: Subject,
  address: string,
  destination: Destination,
  protocol: PortProtocol,
): EnvoyListener {
  const { port, service } = destination;
  const rest = { filters: [bytesTo(subject, destination)] };
  if (protocol === 'tcp') return listener(address, port.port, [rest]);
  const http: FilterChain = {
    filter_chain_match: { transport_protocol: 'raw_buffer', application_protocols: PLAIN_HTTP },
    filters: [namedManager(`${hostOf(service)}:${port.port}`)],
  };
  return listener(address, port.port, [http], rest);
}

/** Where a port's bytes go: as the TCP routes of a VirtualService say, or to the service. */
function bytesTo(subject: Subject, destination: Destination): FilterChain['filters'][number] {
  const { mesh, pod } = subject.context;
  const { port, service } = destination;
  const virtual = mesh.config.virtualServiceFor(mesh.workload(pod), hostOf(service));
  const routes = [...(virtual?.spec?.tcp ?? []), ...(isTls(port) ? (virtual?.spec?.tls ?? []) : [])];
  const route = routes.find(
    ({ match }) =>
      match === undefined || match.length === 0 || match.some(({ port: own }) => (own ?? port.port) === port.port),
  );
  return toRoute(subject, virtual, route?.route, port.port) ?? toCluster(clusterName(destination));
}

/** A route's destinations; undefined where it has none. */
function toRoute(
  subject: Subject,
  virtual: VirtualService | null,
  routes: readonly WeightedDestination[] | undefined,
  port: number,
): FilterChain['filters'][number] | undefined {
  const named = (routes ?? []).map(({ destination, weight = 0 }) => ({
    name: destinationCluster(subject, destination, virtual === null ? '' : namespaceOf(virtual), port),
    weight,
  }));
  const [first] = named;
  if (first === undefined) return undefined;
  return named.length > 1 ? tcpProxy({ weighted_clusters: { clusters: named } }) : toCluster(first.name);
}

function virtualOutbound(subject: Subject): EnvoyListener {
  return {
    ...listener(
      '0.0.0.0',
      15_001,
      [{ filter_chain_match: { destination_port: 15_001 }, filters: [toCluster('BlackHoleCluster')] }],
      { filters: [toCluster(elsewhere(subject))] },
    ),
    name: 'virtualOutbound',
    traffic_direction: 'OUTBOUND',
  };
}

function elsewhere({ context }: Subject): string {
  const { mesh, pod } = context;
  return mesh.config.registryOnly(mesh.workload(pod)) === null ? 'PassthroughCluster' : 'BlackHoleCluster';
}

/** From 1.3 all that comes in is taken at one port; before, each port of the pod had a listener at its address. */
function inboundListeners(subject: Subject): EnvoyListener[] {
  const { mesh, pod, podNetwork } = subject.context;
  const served = servedPorts(subject);
  const modeAt = (port: number): MutualTlsMode => mesh.config.serverMode(mesh.workload(pod), port).mode;
  if (!isSince(subject, 3)) {
    return served.map((each) =>
      listener(podNetwork.ip, each.target, chains(subject, modeAt(each.target), each.protocol, each, {})),
    );
  }
  const other = mesh.config.serverMode(mesh.workload(pod), 0).mode;
  const anywhere = isSince(subject, 24) ? {} : { prefix_ranges: [{ address_prefix: '0.0.0.0', prefix_len: 0 }] };
  return [
    {
      ...listener('0.0.0.0', 15_006, [
        { filter_chain_match: { destination_port: 15_006 }, filters: [toCluster('BlackHoleCluster')] },
        ...chains(subject, other, 'auto', null, anywhere),
        ...served.flatMap((each) =>
          chains(subject, modeAt(each.target), each.protocol, each, { destination_port: each.target }),
        ),
      ]),
      name: 'virtualInbound',
      traffic_direction: 'INBOUND',
    },
  ];
}

/** How one port takes connections, by the mode that holds there. `served` is null for ports of no service. */
function chains(
  subject: Subject,
  mode: MutualTlsMode,
  protocol: PortProtocol,
  served: ServedPort | null,
  where: Record<string, unknown>,
): FilterChain[] {
  const cluster = served === null ? passthroughInbound(subject) : inboundClusterName(subject, served);
  const routes = served === null ? passthroughRoute(subject) : inboundRoute(subject, served);
  const http = (match: object, tls: boolean): FilterChain => ({
    filter_chain_match: { ...where, ...match },
    filters: [inlineManager(routes, httpFilters(subject, served))],
    ...(tls ? { transport_socket: SERVER_SOCKET } : {}),
  });
  const bytes = (match: object, tls: boolean): FilterChain => ({
    filter_chain_match: { ...where, ...match },
    filters: [...bytesFilters(subject), toCluster(cluster)],
    ...(tls ? { transport_socket: SERVER_SOCKET } : {}),
  });
  const tls = (...protocols: string[]): object => ({
    transport_protocol: 'tls',
    ...(protocols.length === 0 ? {} : { application_protocols: protocols }),
  });
  const plain = (...protocols: string[]): object => ({
    transport_protocol: 'raw_buffer',
    ...(protocols.length === 0 ? {} : { application_protocols: protocols }),
  });
  const isHttp = protocol === 'http' || protocol === 'http2';
  switch (mode) {
    case 'STRICT':
      if (isHttp) return [http(tls(), true)];
      return protocol === 'tcp' ? [bytes(tls(), true)] : [http(tls(...MESH_HTTP), true), bytes(tls(), true)];
    case 'PERMISSIVE':
      if (isHttp) return [http(tls(...MESH_ANY), true), http(plain(), false)];
      return [
        ...(protocol === 'tcp' ? [] : [http(tls(...MESH_HTTP), true), http(plain(...PLAIN_HTTP), false)]),
        bytes(tls(...MESH_BYTES), true),
        bytes(plain(), false),
        bytes(tls(), false),
      ];
    case 'DISABLE':
      if (isHttp) return [http(plain(), false)];
      return [...(protocol === 'tcp' ? [] : [http(plain(...PLAIN_HTTP), false)]), bytes(plain(), false)];
  }
}

const SERVER_SOCKET = {
  name: 'envoy.transport_sockets.tls',
  typed_config: {
    '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext',
    common_tls_context: {
      tls_certificate_sds_secret_configs: [{ name: 'default' }],
      combined_validation_context: { validation_context_sds_secret_config: { name: 'ROOTCA' } },
    },
    require_client_certificate: true,
  },
};

function gatewayListeners(subject: Subject): EnvoyListener[] {
  return gatewayPorts(subject).map(({ target, number, servers }) =>
    listener(
      '0.0.0.0',
      target,
      servers.map((chain) => ({
        ...(chain.serverNames === null ? {} : { filter_chain_match: { server_names: chain.serverNames } }),
        filters: [...httpOrBytes(subject, chain, number)],
        ...(chain.endsTls ? { transport_socket: { name: 'envoy.transport_sockets.tls' } } : {}),
      })),
    ),
  );
}

/** A gateway's chain leads to its routes, or by the TCP and TLS routes of VirtualServices that name the Gateway. */
function httpOrBytes(subject: Subject, chain: GatewayChain, port: number): FilterChain['filters'] {
  if (chain.routeName !== null) return [namedManager(chain.routeName)];
  const { config } = subject.context.mesh;
  for (const virtual of config.virtualServices(subject.context.workload.namespace)) {
    if (!gatewaysOf(virtual).includes(chain.gateway)) continue;
    const routes = (chain.endsTls || chain.serverNames === null ? virtual.spec?.tcp : virtual.spec?.tls) ?? [];
    for (const { route } of routes) {
      const filter = toRoute(subject, virtual, route, port);
      if (filter !== undefined) return [filter];
    }
  }
  return [toCluster('BlackHoleCluster')];
}

const MANAGER = 'envoy.filters.network.http_connection_manager';
const MANAGER_TYPE =
  'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';

function namedManager(name: string): FilterChain['filters'][number] {
  const rds = { config_source: { ads: {}, resource_api_version: 'V3' }, route_config_name: name };
  return { name: MANAGER, typed_config: { '@type': MANAGER_TYPE, rds } };
}

function inlineManager(routes: EnvoyRouteConfiguration, filters: unknown[]): FilterChain['filters'][number] {
  return {
    name: MANAGER,
    typed_config: { '@type': MANAGER_TYPE, route_config: routes, http_filters: filters },
  };
}

function toCluster(cluster: string): FilterChain['filters'][number] {
  return tcpProxy({ stat_prefix: cluster, cluster });
}

function tcpProxy(rest: Record<string, unknown>): FilterChain['filters'][number] {
  const type = 'type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy';
  return { name: 'envoy.filters.network.tcp_proxy', typed_config: { '@type': type, ...rest } };
}
