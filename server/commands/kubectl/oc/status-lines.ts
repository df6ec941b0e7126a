/** Lines of `oc status` about one object each; all but the first go further in. */
import {
  CANCELLED,
  configNameOf,
  isTerminated,
  phaseOf,
  STATUS_REASON,
  versionOf,
  type DeploymentConfig,
  type ReplicationController,
} from './deployment-configs.ts';
import type { ProjectParts, Route, Service, Workload } from './project-parts.ts';
import { relativeSince } from './relative-time.ts';

/** Versions of a deployment config that are shown. */
const SHOWN_VERSIONS = 3;
const REVISION = 'deployment.kubernetes.io/revision';

const KIND_WORDS: Record<string, string> = {
  Deployment: 'deployment',
  DeploymentConfig: 'dc',
  StatefulSet: 'statefulset',
  DaemonSet: 'daemonset',
  ReplicaSet: 'rs',
  ReplicationController: 'rc',
  Job: 'job',
  Pod: 'pod',
  Route: 'route',
  Service: 'svc',
};

/** `dc/boards`, `svc/web`. */
export function shortName({
  kind = '',
  metadata,
}: {
  kind?: string | undefined;
  metadata?: { name?: string } | undefined;
}): string {
  return `${KIND_WORDS[kind] ?? kind.toLowerCase()}/${metadata?.name ?? ''}`;
}

export function describeService(service: Service, exposes: readonly string[]): string[] {
  const { spec = {} } = service;
  const name = shortName({ ...service, kind: 'Service' });
  const [first, ...others] = exposes;
  if (first !== undefined) return [`${first} (${name})`, ...others];
  const ports = servicePorts(spec);
  if (spec.type === 'NodePort') return [`${name} (all nodes)${ports}`];
  if (spec.clusterIP === 'None') return [`${name} (headless)${ports}`];
  if (!spec.clusterIP) return [spec.externalName ? `${name} - ${spec.externalName}` : `${name} <initializing>${ports}`];
  return [`${name} - ${spec.clusterIP}${ports}`];
}

function servicePorts(spec: NonNullable<Service['spec']>): string {
  const { ports = [] } = spec;
  const outside = ({ port, nodePort }: { port: number; nodePort?: number }) =>
    spec.type === 'NodePort' ? String(nodePort ?? '<initializing>') : String(port);
  const [first] = ports;
  if (!first) return ' no ports';
  const isPlain = ({ targetPort = 0 }: { targetPort?: number | string }) =>
    String(targetPort) === '0' || spec.clusterIP === 'None';
  if (ports.length === 1) {
    const port = outside(first);
    return isPlain(first) || port === String(first.targetPort) ? `:${port}` : `:${port} -> ${first.targetPort}`;
  }
  const pairs = ports.map((each) => {
    if (isPlain(each)) return outside(each);
    return each.port === each.targetPort ? String(each.targetPort) : `${outside(each)}->${each.targetPort}`;
  });
  return ` ports ${pairs.join(', ')}`;
}

export function describeRoute(route: Route): string[] {
  const { spec = {}, status } = route;
  const ingresses = status?.ingress ?? [];
  const admission = (ingress: (typeof ingresses)[number]) =>
    ingress.conditions?.find(({ type }) => type === 'Admitted');
  const refused = ingresses.filter((each) => admission(each)?.status === 'False');
  const lines = ingresses
    .filter((each) => admission(each)?.status !== 'False')
    .map(({ host = '' }) => exposed(host, spec, refused.length > 0));
  if (lines.length > 0) return [...new Set(lines)];
  const name = shortName({ ...route, kind: 'Route' });
  const [first] = refused;
  if (first) return [`${name} not accepted: ${admission(first)?.reason ?? ''}`];
  if (!spec.host) return [`${name} has no host set`];
  return [exposed(spec.host, spec, false)];
}

function exposed(host: string, { tls, port }: NonNullable<Route['spec']>, hasErrors: boolean): string {
  const trailer = hasErrors ? ' (!)' : '';
  const target = port?.targetPort === undefined || port.targetPort === '' ? '' : ` to pod port ${port.targetPort}`;
  return `${scheme(host, tls)}${target}${trailer}`;
}

function scheme(host: string, tls: NonNullable<Route['spec']>['tls']): string {
  if (!tls) return `http://${host}`;
  const { termination, insecureEdgeTerminationPolicy: insecure } = tls;
  if (termination === 'passthrough' || termination === 'reencrypt') return `https://${host} (${termination})`;
  if (termination !== 'edge') return `https://${host}`;
  if (insecure === 'Redirect') return `https://${host} (redirects)`;
  return insecure === 'Allow' ? `https://${host} (and http)` : `https://${host}`;
}

export function describeConfig(parts: ProjectParts, config: DeploymentConfig, now: number): string[] {
  const { spec = {}, status = {} } = config;
  const { triggers = [], test = false } = spec;
  const manual = triggers.length === 0 ? '(manual)' : '';
  const verb = test ? 'test deploys' : 'deploys';
  const images = imagesOf(config as Workload).map(fullReference);
  const name = shortName({ ...config, kind: 'DeploymentConfig' });
  const [image] = images;
  const versions = parts.controllers
    .filter((rc) => configNameOf(rc) === config.metadata?.name)
    .toSorted((a, b) => versionOf(b) - versionOf(a));
  const lines: string[] = [];
  const latest = status.latestVersion ?? 0;
  const [newest] = versions;
  if (!newest || versionOf(newest) !== latest) {
    const on = waitsFor(triggers.map(({ type }) => type));
    if (latest === 0) lines.push(`deployment #1 waiting ${on}`);
    else if (on !== 'for manual') lines.push(`deployment #${latest} pending ${on}`);
  }
  versions.slice(0, SHOWN_VERSIONS).forEach((rc, index) => lines.push(describeVersion(rc, index === 0, test, now)));
  if (images.length === 1) return [`${name} ${verb} ${image} ${manual}`, ...lines];
  return [`${name} ${verb} ${manual}`, ...images.flatMap((each) => [each, ...lines])];
}

function waitsFor(types: readonly string[]): string {
  const [config, image] = [types.includes('ConfigChange'), types.includes('ImageChange')];
  if (config && image) return 'on image or update';
  if (config) return 'on update';
  return image ? 'on image' : 'for manual';
}

function describeVersion(rc: ReplicationController, first: boolean, test: boolean, now: number): string {
  const time = relativeSince(rc.metadata?.creationTimestamp, now).toLowerCase();
  const cancelling = rc.metadata?.annotations?.[CANCELLED] === 'true' && !isTerminated(rc) ? ' (cancelling)' : '';
  const version = versionOf(rc);
  const pods = (withNone: boolean) =>
    podSummary(rc.status?.readyReplicas ?? 0, rc.status?.replicas ?? 0, rc.spec?.replicas ?? 0, withNone);
  switch (phaseOf(rc)) {
    case 'Failed': {
      const reason = rc.metadata?.annotations?.[STATUS_REASON];
      return `deployment #${version} failed ${time} ago${reason ? `: ${reason}` : ''}${pods(false)}`;
    }
    case 'Complete':
      if (test) return `test deployment #${version} deployed ${time} ago`;
      return `deployment #${version} deployed ${time} ago${pods(first)}`;
    case 'Running':
      return `${test ? 'test ' : ''}deployment #${version} running${cancelling} for ${time}${pods(false)}`;
    default:
      return `deployment #${version} ${phaseOf(rc).toLowerCase()}${cancelling} ${time} ago${pods(false)}`;
  }
}

export function describeDeployment(parts: ProjectParts, deployment: Workload, now: number): string[] {
  const revision = (each: Workload) => Number(each.metadata?.annotations?.[REVISION] ?? 0);
  const sets = parts.replicaSets
    .filter((set) => set.metadata?.ownerReferences?.some(({ uid }) => uid === deployment.metadata?.uid))
    .toSorted((a, b) => revision(b) - revision(a));
  const lines = sets.map((set, index) => {
    const time = relativeSince(set.metadata?.creationTimestamp, now).toLowerCase();
    const pods = (withNone: boolean) => podSummary(ready(set), total(set), set.spec?.replicas ?? 0, withNone);
    return revision(set) === revision(deployment)
      ? `deployment #${revision(set)} running for ${time}${pods(false)}`
      : `deployment #${revision(set)} deployed ${time} ago${pods(index === 0)}`;
  });
  return [`${shortName({ ...deployment, kind: 'Deployment' })} deploys ${imagesOf(deployment).join(',')}`, ...lines];
}

/** Whatever runs pods without being rolled out, and pods. */
export function describeOther(workload: Workload, now: number): string[] {
  const { kind = '', spec = {}, status = {}, metadata = {} } = workload;
  const name = shortName(workload);
  const time = relativeSince(metadata.creationTimestamp, now).toLowerCase();
  const images = imagesOf(workload);
  const desired = spec.replicas ?? 0;
  switch (kind) {
    case 'StatefulSet':
      return [
        `${name} manages ${images.join(',')}`,
        `created ${time} ago${podSummary(total(workload), total(workload), desired, false)}`,
      ];
    case 'DaemonSet': {
      const count = (field: string) => Number(status[field] ?? 0);
      const pods = podSummary(count('numberReady'), count('numberAvailable'), count('desiredNumberScheduled'), false);
      return [
        `${name} manages ${images.join(',')}`,
        `generation #${metadata.generation ?? 0} running for ${time}${pods}`,
      ];
    }
    case 'Job': {
      const done = `${Number(status.succeeded ?? 0)}/${spec.completions ?? 0} completed ${Number(status.active ?? 0)} running`;
      return [
        `${name} manages ${images.join(',')}`,
        ...(spec.completions === undefined ? [''] : [`created ${time} ago ${done}`]),
      ];
    }
    case 'Pod':
      return [`${name} runs ${images.join(', ')}`];
    default:
      return [
        `${name} runs ${images.join(', ')}`,
        `${name} created ${time} ago${podSummary(ready(workload), total(workload), desired, false)}`,
      ];
  }
}

const ready = ({ status }: Workload) => Number(status?.readyReplicas ?? 0);
const total = ({ status }: Workload) => Number(status?.replicas ?? 0);

function podSummary(ready: number, actual: number, requested: number, withNone: boolean): string {
  const count = ready === requested ? (ready === 1 ? '1 pod' : `${ready} pods`) : `${ready}/${requested} pods`;
  if (ready === 0 && requested === 0 && !withNone) return '';
  const change =
    requested < actual ? ` reducing to ${requested}` : requested > actual ? ` growing to ${requested}` : '';
  return ` - ${count}${change}`;
}

function imagesOf({ spec = {} }: Workload): string[] {
  return (spec.template?.spec?.containers ?? spec.containers ?? []).map(({ image = '' }) => image);
}

/** With the registry, namespace and tag that docker adds. */
function fullReference(image: string): string {
  const parts = image.split('/');
  const [first = ''] = parts;
  const hasRegistry = parts.length > 1 && (first.includes('.') || first.includes(':') || first === 'localhost');
  const registry = hasRegistry ? (parts.shift() ?? '') : 'docker.io';
  const path = parts.length === 1 && registry === 'docker.io' ? `library/${parts[0]}` : parts.join('/');
  const hasTag = /[:@][^/]*$/.test(path);
  return `${registry}/${path}${hasTag ? '' : ':latest'}`;
}
