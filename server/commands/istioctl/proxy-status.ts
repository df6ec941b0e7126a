import { CommandError } from '../kubectl/errors.ts';
import type { Command, Invocation } from './command.ts';
import { askControlPlane, controlPlanePods, syncStatuses, type SyncStatus } from './control-plane.ts';
import { askEnvoy } from './envoy.ts';
import { inferPod } from './pods.ts';
import { renderTable } from './table.ts';

export const command: Command = {
  usage: '[<type>/]<name>[.<namespace>]',
  long:
    'Lists the proxies with what the control plane has sent them and whether they have taken it.\n' +
    'With a pod: compares what its proxy has with what the control plane would send.',
  examples: ['proxy-status', 'proxy-status istio-egressgateway-59585c5b9c-ndc59.istio-system'],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { args, flags, io, release } = invocation;
  const [word] = args;
  if (word !== undefined) return compare(invocation, word);
  const namespace = release.minor >= 20 ? flags.string('namespace') : '';
  const statuses = (await syncStatuses(invocation, await controlPlanePods(invocation))).filter(
    ({ status }) => namespace === '' || status.proxy.endsWith(`.${namespace}`),
  );
  statuses.sort((a, b) => (a.status.proxy < b.status.proxy ? -1 : 1));
  const header = headerOf(release.minor);
  const rows = statuses.map(({ pilot, version, status }) => rowOf(status, pilot, version, release.minor));
  io.stdout.write(renderTable([header, ...rows]));
  return 0;
}

/** istioctl/pkg/writer/pilot/status.go of the release. */
function headerOf(minor: number): string[] {
  if (minor >= 27) return ['NAME', 'CLUSTER', 'ISTIOD', 'VERSION', 'SUBSCRIBED TYPES'];
  return ['NAME', 'CDS', 'LDS', 'EDS', 'RDS', minor <= 6 ? 'PILOT' : 'ISTIOD', 'VERSION'];
}

function rowOf(status: SyncStatus, pilot: string, version: string, minor: number): string[] {
  const pairs: [type: string, sent: string | undefined, acked: string | undefined][] = [
    ['CDS', status.cluster_sent, status.cluster_acked],
    ['LDS', status.listener_sent, status.listener_acked],
    ['EDS', status.endpoint_sent, status.endpoint_acked],
    ['RDS', status.route_sent, status.route_acked],
  ];
  if (minor >= 27) {
    const types = pairs.filter(([, sent]) => Boolean(sent)).map(([type]) => type);
    return [status.proxy, status.cluster_id ?? '', pilot, version, `${types.length} (${types.join(',')})`];
  }
  const cells = pairs.map(([type, sent, acked]) => {
    const state = stateOf(sent, acked);
    const percent = type === 'EDS' && minor <= 2 && state === 'SYNCED' ? ` (${status.endpoint_percent ?? 0}%)` : '';
    return state + percent;
  });
  return [status.proxy, ...cells, pilot, version];
}

function stateOf(sent: string | undefined, acked: string | undefined): string {
  if (!sent) return 'NOT SENT';
  return sent === acked ? 'SYNCED' : 'STALE';
}

interface RawConfig {
  '@type': string;
  [field: string]: unknown;
}

async function compare(invocation: Invocation, word: string): Promise<number> {
  const { io, session, release } = invocation;
  const pod = await inferPod(invocation, word);
  const own = configsOf(await askEnvoy(session, pod, 'GET', 'config_dump'));
  const page = `/debug/config_dump?proxyID=${pod.name}.${pod.namespace}`;
  const [answer] = await askControlPlane(invocation, await controlPlanePods(invocation), page);
  const sent = configsOf(answer?.text ?? '');
  for (const [type, title] of [
    ['ClustersConfigDump', 'Clusters'],
    ['ListenersConfigDump', 'Listeners'],
    ['RoutesConfigDump', 'Routes'],
  ] as const) {
    const same = withoutTimes(own.get(type)) === withoutTimes(sent.get(type));
    const loaded =
      type === 'RoutesConfigDump' && release.minor >= 4 ? ` (RDS last loaded at ${lastLoaded(own.get(type))})` : '';
    io.stdout.write(same ? `${title} Match${loaded}\n` : `${title} Don't Match${loaded}\n`);
  }
  return 0;
}

function configsOf(text: string): Map<string, RawConfig> {
  try {
    const { configs } = JSON.parse(text) as { configs: RawConfig[] };
    return new Map(configs.map((config) => [config['@type'].replace(/.*\./, ''), config]));
  } catch {
    throw new CommandError(`unable to find proxy: ${text.trim()}`);
  }
}

/** Both are the moment of asking, not of sending. */
function withoutTimes(config: RawConfig | undefined): string {
  return JSON.stringify(config, (key, value: unknown) =>
    key === 'last_updated' || key === 'version_info' ? undefined : value,
  );
}

/** RFC 1123 in the local zone. */
function lastLoaded(config: RawConfig | undefined): string {
  const routes = (config?.dynamic_route_configs ?? []) as { last_updated?: string }[];
  const newest = routes
    .map(({ last_updated: time }) => time ?? '')
    .sort()
    .at(-1);
  return newest === undefined ? 'never' : new Date(newest).toUTCString().replace('GMT', 'UTC');
}
