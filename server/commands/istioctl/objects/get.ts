import type { ApiList } from '../../kubectl/api/object.ts';
import { apiVersion, resourcePath } from '../../kubectl/api/resource.ts';
import { CommandError, isNotFound } from '../../kubectl/errors.ts';
import { alignColumns } from '../../kubectl/output/tabwriter.ts';
import { renderYaml } from '../../kubectl/output/yaml.ts';
import type { Invocation } from '../command.ts';
import type { DestinationRule, Gateway, VirtualService } from '../istio-objects.ts';
import type { KubernetesObject } from '../resources.ts';
import { printUsage } from '../help.ts';
import { deprecated } from './deprecated.ts';
import { configTypes, findType, kindName, typeNames, type ConfigType } from './types.ts';

export const command = deprecated('get', 'get', {
  usage: '<type> [<name>]',
  long: "Lists Istio's objects of a type, or of all types.",
  examples: ['get virtualservices', 'get destinationrules', 'get virtualservice bookinfo'],
  flags: [
    { name: 'all-namespaces', type: 'bool', usage: 'Of all namespaces' },
    { name: 'output', short: 'o', type: 'string', default: 'short', usage: 'Output format: one of yaml|short' },
  ],
  run,
});

interface Listed {
  type: ConfigType;
  object: KubernetesObject;
}

async function run(invocation: Invocation): Promise<number> {
  const { args, flags, io, session, release } = invocation;
  const types = await configTypes(session, release);
  const [word, name] = args;
  if (word === undefined) {
    printUsage(invocation);
    throw new CommandError(`specify the type of resource to get. Types are ${typeNames(types)}`);
  }
  const everywhere = flags.bool('all-namespaces');
  if (everywhere && name !== undefined) {
    throw new CommandError('a resource cannot be retrieved by name across all namespaces');
  }
  const chosen = name === undefined && word.toLowerCase() === 'all' ? types : [findType(types, word)];
  const namespace = everywhere ? undefined : (await session.namespace()).name;
  const listed = (await Promise.all(chosen.map((type) => list(invocation, type, namespace, name)))).flat();
  if (listed.length === 0) {
    io.stderr.write('No resources found.\n');
    return 0;
  }
  const output = flags.string('output');
  if (output === 'short') io.stdout.write(renderShort(listed, io.now()));
  else if (output === 'yaml') for (const each of listed) io.stdout.write(`${renderYaml(whole(each))}---\n`);
  else throw new CommandError(`unknown output format ${output}. Types are yaml|short`);
  return 0;
}

async function list(
  { session }: Invocation,
  type: ConfigType,
  namespace: string | undefined,
  name: string | undefined,
): Promise<Listed[]> {
  const client = await session.client();
  const path = resourcePath(type.resource, namespace, name);
  try {
    if (name !== undefined) return [{ type, object: await client.json<KubernetesObject>('GET', path) }];
    const { items = [] } = await client.json<ApiList>('GET', path);
    return (items as KubernetesObject[]).map((object) => ({ type, object }));
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

/** As the release knew an object: what others keep beside it is left out. */
function whole({ type, object }: Listed): KubernetesObject {
  const { metadata, spec } = object;
  const kept = ['annotations', 'creationTimestamp', 'labels', 'name', 'namespace', 'resourceVersion'];
  const known = Object.fromEntries(Object.entries(metadata).filter(([key]) => kept.includes(key)));
  return {
    apiVersion: apiVersion(type.resource),
    kind: type.resource.kind,
    metadata: { ...known, name: metadata.name },
    spec,
  };
}

/** Types with columns of their own come last, in this order. */
const LAST = ['service-entry', 'destination-rule', 'virtual-service', 'gateway'];

function renderShort(listed: readonly Listed[], now: number): string {
  const sorted = [...listed].sort((a, b) => LAST.indexOf(a.type.name) - LAST.indexOf(b.type.name));
  const lines: string[] = [];
  let before: string | undefined;
  for (const { type, object } of sorted) {
    const { heading, cells } = columnsOf(type, object);
    if (type.name !== before) lines.push(...(before === undefined ? [] : ['']), heading);
    before = type.name;
    const { name, namespace = '', creationTimestamp } = object.metadata;
    lines.push([name, ...cells, namespace, age(creationTimestamp, now)].join('\t'));
  }
  return alignColumns(`${lines.join('\n')}\n`, { minWidth: 10, padding: 3 });
}

function columnsOf(type: ConfigType, { spec }: KubernetesObject): { heading: string; cells: string[] } {
  switch (type.name) {
    case 'virtual-service': {
      const { gateways = [], hosts = [], http = [], tcp = [] } = (spec ?? {}) as NonNullable<VirtualService['spec']>;
      const counts = [String(http.length).padStart(5), String(tcp.length).padStart(4)];
      return {
        heading: 'VIRTUAL-SERVICE NAME\tGATEWAYS\tHOSTS\t#HTTP\t#TCP\tNAMESPACE\tAGE',
        cells: [gateways.join(','), hosts.join(','), ...counts],
      };
    }
    case 'destination-rule': {
      const { host = '', subsets = [] } = (spec ?? {}) as NonNullable<DestinationRule['spec']>;
      return {
        heading: 'DESTINATION-RULE NAME\tHOST\tSUBSETS\tNAMESPACE\tAGE',
        cells: [host, subsets.map(({ name }) => name).join(',')],
      };
    }
    case 'gateway': {
      const { servers = [] } = (spec ?? {}) as NonNullable<Gateway['spec']>;
      const hosts = new Set(servers.flatMap((server) => server.hosts ?? []));
      return { heading: 'GATEWAY NAME\tHOSTS\tNAMESPACE\tAGE', cells: [[...hosts].join(',')] };
    }
    case 'service-entry': {
      const { hosts = [], ports = [] } = (spec ?? {}) as {
        hosts?: string[];
        ports?: { protocol?: string; number?: number }[];
      };
      return {
        heading: 'SERVICE-ENTRY NAME\tHOSTS\tPORTS\tNAMESPACE\tAGE',
        cells: [hosts.join(','), ports.map(({ protocol = '', number = 0 }) => `${protocol}/${number}`).join(',')],
      };
    }
    default:
      return { heading: 'NAME\tKIND\tNAMESPACE\tAGE', cells: [kindName(type)] };
  }
}

/** One unit: `59s`, `59m`, `23h`, `364d`. */
function age(created: string | undefined, now: number): string {
  if (created === undefined) return '<unknown>';
  const seconds = Math.max(0, Math.floor((now - Date.parse(created)) / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  const hours = Math.floor(seconds / 3600);
  return hours < 24 ? `${hours}h` : `${Math.floor(hours / 24)}d`;
}
