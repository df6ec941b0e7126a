import { OUTPUT_FLAG } from '../global-flags.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError } from '../../kubectl/errors.ts';
import {
  parseDump,
  type EnvoyFilter,
  type EnvoyListener,
  type EnvoyRouteConfiguration,
  type FilterChain,
} from '../envoy.ts';
import type { Release } from '../release.ts';
import { renderTable } from '../table.ts';
import { describeMatch } from './route-match.ts';
import { FILE_FLAG, outputOf, readSource, renderObjects } from './source.ts';

export const command: Command = {
  usage: '[<type>/]<name>[.<namespace>]',
  long: 'Prints the listeners of a proxy: which connections it takes, and where it leads them.',
  examples: ['proxy-config listeners web', 'proxy-config listeners web --port 15006'],
  flags: [
    OUTPUT_FLAG,
    FILE_FLAG,
    { name: 'address', type: 'string', usage: 'Only at this address' },
    { name: 'port', type: 'int', usage: 'Only at this port' },
    { name: 'type', type: 'string', usage: 'Only of this type: HTTP, TCP or HTTP+TCP' },
    { name: 'verbose', type: 'bool', default: 'true', usage: 'Show what is matched, rather than the type' },
  ],
  run,
};

const HTTP = 'envoy.filters.network.http_connection_manager';
const TCP = 'envoy.filters.network.tcp_proxy';

/** Protocols that upstream has a word for (istioctl/pkg/writer/envoy/configdump/listener.go). */
const APPLICATION_WORDS: Readonly<Record<string, string>> = {
  'http/1.0,http/1.1,h2c,istio-http/1.0,istio-http/1.1,istio-h2': 'App: HTTP TLS',
  'istio,istio-http/1.0,istio-http/1.1,istio-h2': 'App: Istio HTTP Plain',
  'istio-peer-exchange,istio': 'App: TCP TLS',
  'http/1.0,http/1.1,h2c': 'App: HTTP',
};

async function run(invocation: Invocation): Promise<number> {
  const { io, release, flags } = invocation;
  const output = outputOf(invocation);
  const { listeners } = parseDump(await readSource(invocation, 'config_dump'));
  if (listeners.length === 0) throw new CommandError('no listeners found');
  const shown = listeners.filter((listener) => isWanted(invocation, listener));
  if (output !== 'short') {
    io.stdout.write(renderObjects(shown, output));
    return 0;
  }
  io.stdout.write(summarizeListeners(shown, release, release.minor >= 7 && flags.bool('verbose')));
  return 0;
}

/** @param named with a column for the name, which says what kind of thing it is */
export function summarizeListeners(
  listeners: readonly EnvoyListener[],
  { minor }: Release,
  verbose: boolean,
  named = false,
): string {
  const header = [...(named ? ['NAME'] : []), minor >= 18 ? 'ADDRESSES' : 'ADDRESS', 'PORT'];
  const rows = [...listeners].sort(compare).flatMap((listener) => {
    const start = [...(named ? [`listener/${listener.name ?? ''}`] : []), addressOf(listener), portOf(listener)];
    if (!verbose) return [[...start, typeOf(listener)]];
    return chainsOf(listener)
      .map((chain) => ({ match: matchOf(chain), destination: destinationOf(chain.filters ?? []) }))
      .sort((a, b) => (a.destination === b.destination ? 0 : a.destination > b.destination ? -1 : 1))
      .map(({ match, destination }) => [...start, match, destination]);
  });
  const titles = verbose ? ['MATCH', 'DESTINATION'] : ['TYPE'];
  return renderTable([[...header, ...titles], ...rows], minor < 7 ? 5 : 1);
}

function isWanted({ flags }: Invocation, listener: EnvoyListener): boolean {
  const same = (wanted: string, value: string): boolean =>
    wanted === '' || wanted.toLowerCase() === value.toLowerCase();
  const port = flags.int('port');
  return (
    same(flags.string('address'), addressOf(listener)) &&
    same(flags.string('type'), typeOf(listener)) &&
    (port === 0 || port === portOf(listener))
  );
}

function addressOf({ address }: EnvoyListener): string {
  return address.socket_address.address;
}

function portOf({ address }: EnvoyListener): number {
  return address.socket_address.port_value;
}

function chainsOf({ filter_chains: chains = [], default_filter_chain: rest }: EnvoyListener): FilterChain[] {
  return rest === undefined ? chains : [...chains, rest];
}

function typeOf(listener: EnvoyListener): string {
  const filters = chainsOf(listener).flatMap((chain) => chain.filters ?? []);
  const hasHttp = filters.some(({ name }) => name === HTTP);
  const hasTcp = filters.some((filter) => filter.name === TCP && !leadsNowhere(filter));
  return hasHttp ? (hasTcp ? 'HTTP+TCP' : 'HTTP') : hasTcp ? 'TCP' : 'UNKNOWN';
}

function leadsNowhere({ typed_config: config }: EnvoyFilter): boolean {
  return JSON.stringify(config).includes('BlackHoleCluster');
}

function compare(a: EnvoyListener, b: EnvoyListener): number {
  const text = (left: string, right: string): number => (left === right ? 0 : left < right ? -1 : 1);
  return portOf(a) - portOf(b) || text(addressOf(a), addressOf(b)) || text(typeOf(a), typeOf(b));
}

function matchOf({ filter_chain_match: match = {} }: FilterChain): string {
  const { server_names: names = [], transport_protocol: transport, application_protocols: protocols = [] } = match;
  const parts: string[] = [];
  if (names.length > 0) parts.push(`SNI: ${names.join(',')}`);
  if (transport) parts.push(`Trans: ${transport}`);
  if (protocols.length > 0) parts.push(APPLICATION_WORDS[protocols.join(',')] ?? `App: ${protocols.join(',')}`);
  const port = match.destination_port === undefined ? '' : `:${match.destination_port}`;
  const ranges = (match.prefix_ranges ?? []).map(({ address_prefix: prefix, prefix_len: length = 0 }) => {
    return `${prefix}/${length}`;
  });
  if (ranges.length > 0) parts.push(`Addr: ${ranges.join(',')}${port}`);
  else if (port !== '') parts.push(`Addr: *${port}`);
  return parts.length === 0 ? 'ALL' : parts.join('; ');
}

/** What the first filter with a destination does. */
function destinationOf(filters: readonly EnvoyFilter[]): string {
  for (const filter of filters) {
    const { typed_config: config = {} } = filter;
    if (filter.name === HTTP) {
      if (config.route_config !== undefined) return describeInline(config.route_config);
      return config.rds?.route_config_name ? `Route: ${config.rds.route_config_name}` : 'HTTP';
    }
    if (filter.name === TCP && !leadsNowhere(filter)) return describeCluster(config.cluster ?? '');
  }
  return 'Non-HTTP/Non-TCP';
}

function describeCluster(cluster: string): string {
  return cluster.includes('Cluster') ? cluster : `Cluster: ${cluster}`;
}

/** All to one cluster is that cluster; anything else is told host by host. */
function describeInline({ virtual_hosts: hosts = [] }: EnvoyRouteConfiguration): string {
  const [host] = hosts;
  const [route] = host?.routes ?? [];
  if (
    hosts.length === 1 &&
    host?.routes?.length === 1 &&
    host.domains?.join() === '*' &&
    route?.match?.prefix === '/' &&
    route.route?.cluster !== undefined
  ) {
    return describeCluster(route.route.cluster);
  }
  const described = hosts.map(({ domains = [], routes = [] }) => {
    const paths = routes.map(({ match }) => describeMatch(match)).join(', ');
    return domains.join() === '*' ? paths : `${domains.join('/')} ${paths}`;
  });
  return `Inline Route: ${described.join('; ')}`;
}
