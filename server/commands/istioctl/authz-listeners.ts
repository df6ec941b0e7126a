/**
 * `authz check` up to 1.6: a row for each filter chain of the listeners at the proxy's own address. istioctl/pkg/authz
 * of these releases. The mode stood in a filter that no longer is; it follows from which chains there are for a port.
 */
import { CommandError } from '../kubectl/errors.ts';
import type { ConfigDump, EnvoyFilter, EnvoyListener, FilterChain } from './envoy.ts';
import type { Release } from './release.ts';
import { renderTable } from './table.ts';

export function renderListeners({ listeners, bootstrap }: ConfigDump, { minor }: Release, all: boolean): string {
  const { node } = (bootstrap ?? {}) as { node?: { id?: string } };
  const parts = (node?.id ?? '').split('~');
  const ip = parts[1] ?? '';
  if (parts.length !== 4) {
    throw new CommandError(
      `invalid node ID(${JSON.stringify(node?.id ?? '')}), expecting 4 '~' but found: ${parts.length}`,
    );
  }
  // The proxy's own have no name.
  const dynamic = listeners.filter(({ name = '' }) => name !== '');
  const shown = dynamic.filter((listener) => [ip, '0.0.0.0'].includes(socketOf(listener).address)).sort(compare);
  // JWT had a column of its own until 1.5.
  const hasTokens = minor < 6;
  const header = [
    'LISTENER[FilterChain]',
    ...(all ? ['HTTP ROUTE', 'SNI', 'ALPN'] : []),
    'CERTIFICATE',
    'mTLS (MODE)',
    ...(hasTokens ? ['JWT (ISSUERS)'] : []),
    'AuthZ (RULES)',
  ];
  const rows = shown.flatMap((listener) => {
    const chains = [
      ...(listener.filter_chains ?? []),
      ...(listener.default_filter_chain ? [listener.default_filter_chain] : []),
    ];
    return chains.map((chain, index) => {
      const name = listener.name ?? '';
      const { server_names: names = [], application_protocols: protocols = [] } = chain.filter_chain_match ?? {};
      return [
        chains.length > 1 ? `${name}[${index}]` : name,
        ...(all ? [routeOf(chain), names.join(','), protocols.join(',')] : []),
        certificateOf(chain, minor),
        `${requiresCertificate(chain) ? 'yes' : 'no'} (${modeOf(chain, chains)})`,
        ...(hasTokens ? [counted(hasFilter(chain, TOKENS), issuersOf(chain))] : []),
        counted(
          accessFilters(chain).some(({ name: own }) => isAccessFilter(own)),
          policiesOf(chain),
        ),
      ];
    });
  });
  const checked = `Checked ${shown.length}/${dynamic.length} listeners with node IP ${ip}.\n`;
  return checked + renderTable([header, ...rows]);
}

/** The filters of a chain, and those within them. */
export function accessFilters({ filters = [] }: FilterChain): EnvoyFilter[] {
  return filters.flatMap((filter) => [filter, ...(filter.typed_config?.http_filters ?? [])]);
}

export function isAccessFilter(name: string): boolean {
  return name === 'envoy.filters.http.rbac' || name === 'envoy.filters.network.rbac';
}

const MANAGER = 'envoy.filters.network.http_connection_manager';
const TOKENS = 'envoy.filters.http.jwt_authn';

function hasFilter(chain: FilterChain, name: string): boolean {
  return accessFilters(chain).some((filter) => filter.name === name);
}

function counted(exists: boolean, names: readonly string[]): string {
  if (!exists) return 'no (none)';
  return names.length === 0 ? 'yes (none)' : `yes (${names.length}: ${names.join(', ')})`;
}

function policiesOf(chain: FilterChain): string[] {
  return accessFilters(chain)
    .filter(({ name }) => isAccessFilter(name))
    .flatMap(({ typed_config: config }) => Object.keys(config?.rules?.policies ?? {}));
}

function issuersOf(chain: FilterChain): string[] {
  return accessFilters(chain)
    .filter(({ name }) => name === TOKENS)
    .flatMap(({ typed_config: config }) => Object.values(config?.providers ?? {}).map(({ issuer = '' }) => issuer));
}

function routeOf({ filters = [] }: FilterChain): string {
  const config = filters.find(({ name }) => name === MANAGER)?.typed_config;
  return config?.route_config?.name ?? config?.rds?.route_config_name ?? '';
}

function requiresCertificate({ transport_socket: socket }: FilterChain): boolean {
  return socket?.typed_config?.require_client_certificate === true;
}

/** From files of Citadel up to 1.4; then told by name, where upstream forgot to take its first word back. */
function certificateOf(chain: FilterChain, minor: number): string {
  const [secret] = chain.transport_socket?.typed_config?.common_tls_context?.tls_certificate_sds_secret_configs ?? [];
  if (secret === undefined) return 'none';
  return minor < 5 ? '/etc/certs/cert-chain.pem' : `noneSDS: ${secret.name ?? ''}`;
}

/** Only chains of HTTP for a port that a service names tell it. */
function modeOf(chain: FilterChain, chains: readonly FilterChain[]): string {
  const { destination_port: port } = chain.filter_chain_match ?? {};
  if (!hasFilter(chain, MANAGER) || port === undefined) return 'none';
  const siblings = chains.filter(({ filter_chain_match: match }) => match?.destination_port === port);
  if (!siblings.some(requiresCertificate)) return 'none';
  return siblings.every(requiresCertificate) ? 'STRICT' : 'PERMISSIVE';
}

function socketOf({ address }: EnvoyListener): { address: string; port_value: number } {
  return address.socket_address;
}

/** By address, then by port. */
function compare(a: EnvoyListener, b: EnvoyListener): number {
  const [left, right] = [socketOf(a), socketOf(b)];
  const byAddress = left.address === right.address ? 0 : numberOf(left.address) - numberOf(right.address);
  return byAddress || left.port_value - right.port_value;
}

function numberOf(ip: string): number {
  return ip.split('.').reduce((value, part) => value * 256 + Number(part), 0);
}
