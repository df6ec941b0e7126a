import { OUTPUT_FLAG } from '../global-flags.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError } from '../../kubectl/errors.ts';
import { configName, parseDump, type EnvoyRouteConfiguration } from '../envoy.ts';
import type { Release } from '../release.ts';
import { renderTable } from '../table.ts';
import { describeMatch } from './route-match.ts';
import { FILE_FLAG, outputOf, readSource, renderObjects } from './source.ts';

export const command: Command = {
  usage: '[<type>/]<name>[.<namespace>]',
  long: 'Prints the routes of a proxy: which hosts and paths lead where, and which VirtualService says so.',
  examples: ['proxy-config routes web', 'proxy-config routes web --name 9080 -o json'],
  flags: [
    OUTPUT_FLAG,
    FILE_FLAG,
    { name: 'name', type: 'string', usage: 'Only the configuration with this name' },
    { name: 'verbose', type: 'bool', default: 'true', usage: 'Show each route, rather than how many hosts there are' },
  ],
  run,
};

const CLUSTER_SUFFIX = '.svc.cluster.local';

/** istioctl/pkg/writer/envoy/configdump/route.go */
async function run(invocation: Invocation): Promise<number> {
  const { io, release, flags } = invocation;
  const output = outputOf(invocation);
  const { routes } = parseDump(await readSource(invocation, 'config_dump'));
  if (routes.length === 0) throw new CommandError('no routes found');
  const name = flags.string('name');
  const shown = sorted(routes).filter((route) => name === '' || route.name === name);
  if (output !== 'short') {
    io.stdout.write(renderObjects(shown, output));
    return 0;
  }
  if (release.minor < 7 || !flags.bool('verbose')) {
    if (release.minor < 7) io.stdout.write('NOTE: This output only contains routes loaded via RDS.\n');
    const counts = shown.map((route) => [route.name ?? '', (route.virtual_hosts ?? []).length]);
    io.stdout.write(renderTable([['NAME', 'VIRTUAL HOSTS'], ...counts]));
    return 0;
  }
  io.stdout.write(summarizeRoutes(shown, release));
  return 0;
}

/** @param named whether each name says what kind of thing it is of */
export function summarizeRoutes(routes: readonly EnvoyRouteConfiguration[], { minor }: Release, named = false): string {
  const hasHost = minor >= 18;
  const header = ['NAME', ...(hasHost ? ['VHOST NAME'] : []), 'DOMAINS', 'MATCH', 'VIRTUAL SERVICE'];
  const rows = sorted(routes).flatMap((route) =>
    (route.virtual_hosts ?? []).flatMap((host) => {
      const name = `${named ? 'route/' : ''}${route.name ?? ''}`;
      const start = [name, ...(hasHost ? [host.name] : []), describeDomains(host.domains ?? [])];
      if ((host.routes ?? []).length === 0) return [[...start, '/*', '404']];
      return (host.routes ?? [])
        .filter(({ route: action }) => action?.cluster !== 'PassthroughCluster')
        .map(({ match, metadata }) => [...start, describeMatch(match), configName(metadata)]);
    }),
  );
  return renderTable([header, ...rows]);
}

/** Ports by number, then the others as the proxy has them. */
function sorted(routes: readonly EnvoyRouteConfiguration[]): EnvoyRouteConfiguration[] {
  const isPort = ({ name = '' }: EnvoyRouteConfiguration): boolean => /^\d+$/.test(name);
  const ports = routes.filter(isPort).sort((a, b) => Number(a.name) - Number(b.name));
  return [...ports, ...routes.filter((route) => !isPort(route))];
}

/** Two of them, after those that follow from others: `a.b.svc.cluster.local` and `a.b.svc` from `a.b`. */
function describeDomains(domains: readonly string[]): string {
  if (domains.length === 1) return domains[0] ?? '';
  const withoutPort = domains.filter((domain) => !domain.includes(':'));
  const all = new Set(withoutPort);
  const kept = withoutPort.filter(
    (domain) => ![CLUSTER_SUFFIX, '.svc'].some((end) => domain.endsWith(end) && all.has(domain.slice(0, -end.length))),
  );
  const shown = kept.slice(0, 2).join(', ');
  return kept.length > 2 ? `${shown} + ${kept.length - 2} more...` : shown;
}
