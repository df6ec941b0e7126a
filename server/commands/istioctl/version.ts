import { renderYaml } from '../kubectl/output/yaml.ts';
import type { Command, Invocation } from './command.ts';
import { askControlPlane, controlPlanePods, syncStatuses } from './control-plane.ts';
import { ParseError } from './errors.ts';

export const command: Command = {
  usage: '',
  long: 'Prints the version of istioctl, of the control plane and of the proxies.',
  flags: [
    { name: 'remote', type: 'bool', default: '', usage: 'Ask the control plane; default true from 1.3 on' },
    { name: 'short', short: 's', type: 'bool', default: '', usage: 'Print versions only; default true from 1.3 on' },
    { name: 'output', short: 'o', type: 'string', usage: 'One of yaml or json' },
  ],
  run,
};

interface BuildInfo {
  version: string;
  revision: string;
  golang_version: string;
  status: string;
  tag: string;
}

interface Remote {
  component: string;
  version: string;
}

interface Proxy {
  ID: string;
  IstioVersion: string;
}

/** istio.io/istio/pkg/version/cobra.go. What only a build knows is `unknown`, as in a build that was not told. */
async function run(invocation: Invocation): Promise<number> {
  const { flags, io, release } = invocation;
  const output = flags.string('output');
  if (output !== '' && output !== 'yaml' && output !== 'json') {
    throw new ParseError(`--output must be 'yaml' or 'json'`);
  }
  const isAutomatic = release.minor >= 3;
  const asksRemote = flags.changed('remote') ? flags.bool('remote') : isAutomatic;
  const isShort = flags.changed('short') ? flags.bool('short') : isAutomatic;
  const say = (line: string): void => void io.stdout.write(`${line}\n`);

  let remote: Remote[] | null = null;
  let proxies: Proxy[] = [];
  if (asksRemote) {
    const pods = await controlPlanePods(invocation);
    if (pods.length === 0) {
      const where = JSON.stringify(invocation.istioNamespace);
      if (isAutomatic) {
        const reason = release.minor >= 8 ? `: no running Istio pods in namespace ${where}` : '';
        say(reason === '' ? `no running Istio pods in ${where}` : `Istio is not present in the cluster${reason}`);
      }
    } else {
      const [answers, statuses] = await Promise.all([
        askControlPlane(invocation, pods, '/version'),
        syncStatuses(invocation, pods),
      ]);
      remote = answers.map(({ text }) => ({ component: 'pilot', version: text.trim().replace(/-.*$/, '') }));
      proxies = statuses.map(({ status, version }) => ({ ID: status.proxy, IstioVersion: version }));
    }
  }
  const client = buildInfo(release.version);
  if (output !== '') {
    const value = {
      clientVersion: client,
      ...(remote === null ? {} : { meshVersion: remote.map(meshVersion) }),
      ...(proxies.length === 0 ? {} : { dataPlaneVersion: proxies }),
    };
    io.stdout.write(output === 'json' ? `${JSON.stringify(value, null, 2)}\n` : renderYaml(value));
    return 0;
  }
  const form = (version: string): string => (isShort ? version : longForm(version, release.minor));
  if (remote === null) {
    say(release.minor >= 20 ? `client version: ${form(release.version)}` : form(release.version));
    return 0;
  }
  say(`client version: ${form(release.version)}`);
  for (const { component, version } of coalesce(remote, isAutomatic)) say(`${component} version: ${form(version)}`);
  if (isAutomatic) say(`data plane version: ${dataPlane(proxies)}`);
  return 0;
}

/** Components of one version are the control plane. */
function coalesce(remote: readonly Remote[], mayJoin: boolean): readonly Remote[] {
  const [first] = remote;
  if (!mayJoin || first === undefined || remote.some(({ version }) => version !== first.version)) return remote;
  return [{ component: 'control plane', version: first.version }];
}

function dataPlane(proxies: readonly Proxy[]): string {
  const counts = new Map<string, number>();
  for (const { IstioVersion: version } of proxies) counts.set(version, (counts.get(version) ?? 0) + 1);
  if (counts.size === 0) return 'none';
  return [...counts].map(([version, count]) => `${version} (${count} proxies)`).join(', ');
}

function buildInfo(version: string): BuildInfo {
  return { version, revision: 'unknown', golang_version: 'unknown', status: 'Clean', tag: version };
}

function meshVersion({ component, version }: Remote): unknown {
  return { Component: component, Revision: 'default', Info: buildInfo(version) };
}

/** 1.0 printed lines; later releases the Go value. */
function longForm(version: string, minor: number): string {
  if (minor === 0) {
    return [
      `Version: ${version}`,
      'GitRevision: unknown',
      'User: unknown',
      'Hub: docker.io/istio',
      'GolangVersion: unknown',
      'BuildStatus: Clean',
    ].join('\n');
  }
  const old = minor < 5;
  const fields = [
    `Version:"${version}"`,
    'GitRevision:"unknown"',
    ...(old ? ['User:"unknown"', 'Host:"unknown"'] : []),
    'GolangVersion:"unknown"',
    ...(old ? ['DockerHub:"docker.io/istio"'] : []),
    'BuildStatus:"Clean"',
    `GitTag:"${version}"`,
  ];
  return `version.BuildInfo{${fields.join(', ')}}`;
}
