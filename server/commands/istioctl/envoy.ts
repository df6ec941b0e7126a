import { CommandError } from '../kubectl/errors.ts';
import type { Session } from '../kubectl/session.ts';
import { execute, type PodName } from './pods.ts';

/** Asks the proxy of a pod. @param who as errors name it. @throws CommandError when there is none */
export async function askEnvoy(
  session: Session,
  pod: PodName,
  method: 'GET' | 'POST',
  path: string,
  who = `${pod.name}.${pod.namespace} sidecar`,
): Promise<string> {
  try {
    return await execute(session, pod, 'istio-proxy', ['pilot-agent', 'request', method, path]);
  } catch (error) {
    if (!(error instanceof CommandError) || error.message.startsWith('unable to retrieve')) throw error;
    throw new CommandError(`failed to execute command on ${who}: ${error.message}`);
  }
}

interface Typed {
  '@type': string;
}

/** Part of `/config_dump`; what a reader needs of an object is declared where it is read. */
export interface ConfigDump {
  clusters: EnvoyCluster[];
  listeners: EnvoyListener[];
  /** Dynamic before static ones. */
  routes: EnvoyRouteConfiguration[];
  secrets: EnvoySecret[];
  bootstrap: unknown;
}

export interface EnvoyCluster {
  name: string;
  type?: string;
  metadata?: EnvoyMetadata;
}

export interface EnvoyMetadata {
  filter_metadata?: { istio?: { config?: string; subset?: string } };
}

export interface EnvoyFilter {
  name: string;
  typed_config?: {
    cluster?: string;
    weighted_clusters?: unknown;
    route_config?: EnvoyRouteConfiguration;
    rds?: { route_config_name?: string };
    http_filters?: EnvoyFilter[];
    rules?: { action?: string; policies?: Record<string, unknown> };
    /** Of the filter that reads tokens. */
    providers?: Record<string, { issuer?: string }>;
  };
}

export interface FilterChain {
  filter_chain_match?: {
    server_names?: string[];
    transport_protocol?: string;
    application_protocols?: string[];
    destination_port?: number;
    prefix_ranges?: { address_prefix: string; prefix_len?: number }[];
  };
  filters?: EnvoyFilter[];
  transport_socket?: {
    typed_config?: {
      require_client_certificate?: boolean;
      common_tls_context?: { tls_certificate_sds_secret_configs?: { name?: string }[] };
    };
  };
}

export interface EnvoyListener {
  name?: string;
  address: { socket_address: { address: string; port_value: number } };
  filter_chains?: FilterChain[];
  default_filter_chain?: FilterChain;
}

export interface EnvoyRoute {
  match?: { prefix?: string; path?: string; safe_regex?: { regex: string }; path_separated_prefix?: string };
  route?: { cluster?: string; weighted_clusters?: { clusters: { name: string }[] } };
  metadata?: EnvoyMetadata;
}

export interface EnvoyVirtualHost {
  name: string;
  domains?: string[];
  routes?: EnvoyRoute[];
}

export interface EnvoyRouteConfiguration {
  name?: string;
  virtual_hosts?: EnvoyVirtualHost[];
}

export interface EnvoySecret {
  name: string;
  secret?: {
    tls_certificate?: { certificate_chain?: { inline_bytes?: string } };
    validation_context?: { trusted_ca?: { inline_bytes?: string } };
  };
}

interface RawDump {
  configs?: (Typed & {
    bootstrap?: unknown;
    static_clusters?: { cluster: EnvoyCluster }[];
    dynamic_active_clusters?: { cluster: EnvoyCluster }[];
    static_listeners?: { listener: EnvoyListener }[];
    dynamic_listeners?: { active_state?: { listener?: EnvoyListener } }[];
    static_route_configs?: { route_config: EnvoyRouteConfiguration }[];
    dynamic_route_configs?: { route_config: EnvoyRouteConfiguration }[];
    dynamic_active_secrets?: EnvoySecret[];
  })[];
}

export function parseDump(text: string): ConfigDump {
  let raw: RawDump;
  try {
    raw = JSON.parse(text) as RawDump;
  } catch (error) {
    throw new CommandError(`error unmarshalling config dump response from Envoy: ${(error as Error).message}`);
  }
  const configs = raw.configs ?? [];
  return {
    clusters: configs.flatMap(({ dynamic_active_clusters: dynamic = [], static_clusters: statics = [] }) =>
      [...dynamic, ...statics].map(({ cluster }) => cluster),
    ),
    listeners: configs.flatMap(({ dynamic_listeners: dynamic = [], static_listeners: statics = [] }) => [
      ...dynamic.flatMap(({ active_state: state }) => state?.listener ?? []),
      ...statics.map(({ listener }) => listener),
    ]),
    routes: configs.flatMap(({ dynamic_route_configs: dynamic = [], static_route_configs: statics = [] }) =>
      [...dynamic, ...statics].map(({ route_config: route }) => route),
    ),
    secrets: configs.flatMap(({ dynamic_active_secrets: secrets = [] }) => secrets),
    bootstrap: configs.find(({ bootstrap }) => bootstrap !== undefined)?.bootstrap,
  };
}

export async function readDump(session: Session, pod: PodName, who: string): Promise<ConfigDump> {
  return parseDump(await askEnvoy(session, pod, 'GET', 'config_dump', who));
}

/** The object that a path of istiod leads to. */
export function configObject(metadata: EnvoyMetadata | undefined): PodName | null {
  const path = metadata?.filter_metadata?.istio?.config ?? '';
  const [, namespace = '', name = ''] = /\/namespaces\/([^/]+)\/[^/]+\/([^/]+)$/.exec(path) ?? [];
  return name === '' ? null : { name, namespace };
}

/** `NAME.NAMESPACE` of the object that a path of istiod leads to; empty when there is none. */
export function configName(metadata: EnvoyMetadata | undefined): string {
  const found = configObject(metadata);
  return found === null ? '' : `${found.name}.${found.namespace}`;
}
