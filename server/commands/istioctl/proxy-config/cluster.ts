import { OUTPUT_FLAG } from '../global-flags.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError } from '../../kubectl/errors.ts';
import { configName, parseDump, type EnvoyCluster } from '../envoy.ts';
import type { Release } from '../release.ts';
import { renderTable } from '../table.ts';
import { FILE_FLAG, outputOf, readSource, renderObjects } from './source.ts';

export const command: Command = {
  usage: '[<type>/]<name>[.<namespace>]',
  long: 'Prints the clusters of a proxy: the services that it can reach, and the ports that it serves.',
  examples: ['proxy-config clusters web', 'proxy-config clusters web --fqdn db.foo.svc.cluster.local --port 5432'],
  flags: [
    OUTPUT_FLAG,
    FILE_FLAG,
    { name: 'direction', type: 'string', usage: 'Only of this direction: inbound or outbound' },
    { name: 'fqdn', type: 'string', usage: 'Only with this in their name' },
    { name: 'port', type: 'int', usage: 'Only of this port' },
    { name: 'subset', type: 'string', usage: 'Only of this subset' },
  ],
  run,
};

/** istioctl/pkg/writer/envoy/configdump/cluster.go */
async function run(invocation: Invocation): Promise<number> {
  const { io, release } = invocation;
  const output = outputOf(invocation);
  const { clusters } = parseDump(await readSource(invocation, 'config_dump'));
  if (clusters.length === 0) throw new CommandError('no clusters found');
  const shown = clusters.sort(compare).filter((cluster) => isWanted(invocation, cluster));
  if (output !== 'short') {
    io.stdout.write(renderObjects(shown, output));
    return 0;
  }
  io.stdout.write(summarizeClusters(shown, release));
  return 0;
}

/** @param named with a column for the name, which says what kind of thing it is */
export function summarizeClusters(clusters: readonly EnvoyCluster[], { minor }: Release, named = false): string {
  const hasRule = minor >= 7;
  const header = ['SERVICE FQDN', 'PORT', 'SUBSET', 'DIRECTION', 'TYPE', ...(hasRule ? ['DESTINATION RULE'] : [])];
  const rows = [...clusters].sort(compare).map((cluster) => {
    const { direction, port, subset, host } = partsOf(cluster.name);
    const name = named ? `cluster/${cluster.name}` : cluster.name;
    const rule = hasRule ? [configName(cluster.metadata)] : [];
    const type = cluster.type ?? 'STATIC';
    const own =
      direction === ''
        ? [name, '-', '-', '-', type, ...rule]
        : [host, String(port), subset || '-', direction, type, ...rule];
    return named ? [name, ...own] : own;
  });
  return renderTable([named ? ['NAME', ...header] : header, ...rows]);
}

interface Parts {
  direction: string;
  port: number;
  subset: string;
  host: string;
}

/** `outbound|8000|v1|httpbin.foo.svc.cluster.local`; any other name is one of the proxy's own. */
function partsOf(name: string): Parts {
  const parts = name.split('|');
  const [direction = '', port = '', subset = '', host = ''] = parts;
  if (parts.length < 4) return { direction: '', port: 0, subset: '', host: name };
  // Up to 1.6 the third part of an inbound cluster was the port's name.
  return { direction, port: Number(port), subset, host };
}

function compare(a: EnvoyCluster, b: EnvoyCluster): number {
  const [left, right] = [partsOf(a.name), partsOf(b.name)];
  return (
    compareText(left.host, right.host) ||
    compareText(left.subset, right.subset) ||
    left.port - right.port ||
    compareText(left.direction, right.direction)
  );
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** Each filter is looked for in the name, as upstream does. */
function isWanted({ flags }: Invocation, { name }: EnvoyCluster): boolean {
  const port = flags.int('port');
  return (
    ['fqdn', 'direction', 'subset'].every((flag) => name.includes(flags.string(flag))) &&
    (port === 0 || name.includes(`|${port}|`))
  );
}
