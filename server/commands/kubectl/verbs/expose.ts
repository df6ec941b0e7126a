import { isRecord, type ApiObject } from '../api/object.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { fileFlags } from '../flag-sets.ts';
import { CREATE_FLAGS, createFromFlags } from '../generators/created.ts';
import { findTargets, forEachTarget, getTarget } from '../targets.ts';

export const command: Command = {
  usage:
    '(-f FILENAME | TYPE NAME) [--port=port] [--protocol=TCP|UDP|SCTP] [--target-port=number-or-name] [--name=name] [--external-ip=external-ip-of-service] [--type=type]',
  long: "Makes a service that leads to an object's pods. Ports are those of the object unless --port says otherwise.",
  examples: [
    ['A deployment', 'expose deployment web --port=80 --target-port=8080'],
    ['A pod, under another name', 'expose pod web --port=80 --name=front'],
  ],
  flags: [
    ...CREATE_FLAGS.filter((flag) => flag.name !== 'field-manager' && flag.name !== 'validate'),
    ...fileFlags('that names the object'),
    {
      name: 'field-manager',
      type: 'string',
      default: 'kubectl-expose',
      usage: 'Name that stands for the writer of the fields.',
    },
    { name: 'cluster-ip', type: 'string', usage: 'Address of the service; None for a headless one.' },
    { name: 'external-ip', type: 'string', usage: 'Further address that leads to the service.' },
    { name: 'labels', short: 'l', type: 'string', usage: 'Labels of the service, as a=1,b=2.' },
    { name: 'load-balancer-ip', type: 'string', usage: 'Address wanted from the load balancer.' },
    { name: 'name', type: 'string', usage: 'Name of the service; that of the object when left out.' },
    { name: 'port', type: 'string', usage: 'Port of the service, or several with commas.' },
    { name: 'protocol', type: 'string', usage: 'TCP, UDP or SCTP.' },
    { name: 'selector', type: 'string', usage: 'Labels of the pods, instead of those of the object.' },
    { name: 'session-affinity', type: 'string', usage: 'None or ClientIP.' },
    { name: 'target-port', type: 'string', usage: 'Port of the container, number or name.' },
    { name: 'type', type: 'string', usage: 'ClusterIP, NodePort, LoadBalancer or ExternalName.' },
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const targets = await findTargets(invocation, { ignoreSelector: true });
  await forEachTarget(targets, async (target) => {
    const object = await getTarget(invocation, target);
    const service = buildService(invocation, object);
    await createFromFlags(
      invocation,
      { group: '', version: 'v1', name: 'services', namespaced: true },
      service,
      '',
      'exposed',
    );
  });
  return 0;
}

const EXPOSABLE = new Set(['Pod', 'Service', 'Deployment', 'DeploymentConfig', 'ReplicaSet', 'ReplicationController']);

function buildService({ flags }: Invocation, object: ApiObject): ApiObject {
  const { kind = '', metadata = {}, apiVersion = '' } = object;
  if (!EXPOSABLE.has(kind)) {
    const group = apiVersion.includes('/') ? `.${apiVersion.split('/')[0]}` : '';
    throw new CommandError(`cannot expose a ${kind}${group}`);
  }
  const name = (flags.string('name') || (metadata.name ?? '')).slice(0, 63);
  const selector = flags.string('selector') === '' ? selectorOf(object) : parseLabels(flags.string('selector'));
  const ports = portsOf(flags, object);
  const labels = flags.string('labels') === '' ? metadata.labels : parseLabels(flags.string('labels'));
  const type = flags.string('type');
  return {
    kind: 'Service',
    apiVersion: 'v1',
    metadata: { name, ...(labels && Object.keys(labels).length > 0 ? { labels } : {}) },
    spec: {
      ports,
      selector,
      ...(flags.string('cluster-ip') === '' ? {} : { clusterIP: flags.string('cluster-ip') }),
      ...(type === '' ? {} : { type }),
      ...(flags.string('external-ip') === '' ? {} : { externalIPs: [flags.string('external-ip')] }),
      ...(flags.string('session-affinity') === '' ? {} : { sessionAffinity: flags.string('session-affinity') }),
      ...(flags.string('load-balancer-ip') === '' ? {} : { loadBalancerIP: flags.string('load-balancer-ip') }),
    },
    status: { loadBalancer: {} },
  };
}

/** kubectl/pkg/polymorphichelpers/mapbasedselectorforobject.go. */
function selectorOf(object: ApiObject): Record<string, string> {
  const spec = isRecord(object.spec) ? object.spec : {};
  if (object.kind === 'Pod') {
    const labels = object.metadata?.labels ?? {};
    if (Object.keys(labels).length === 0) throw new CommandError('the pod has no labels and cannot be exposed');
    return labels;
  }
  const { selector } = spec;
  if (object.kind === 'Service') {
    if (!isRecord(selector)) throw new CommandError('the service has no pod selector set');
    return selector as Record<string, string>;
  }
  if (!isRecord(selector))
    throw new CommandError(
      "couldn't retrieve selectors via --selector flag or introspection: invalid deployment: no selectors, therefore cannot be exposed",
    );
  if (Array.isArray(selector.matchExpressions) && selector.matchExpressions.length > 0) {
    throw new CommandError(
      'couldn\'t retrieve selectors via --selector flag or introspection: couldn\'t convert expressions - "" to map-based selector format',
    );
  }
  return (selector.matchLabels ?? selector) as Record<string, string>;
}

interface Port {
  name?: string;
  protocol: string;
  port: number;
  targetPort: number | string;
}

function portsOf(flags: Invocation['flags'], object: ApiObject): Port[] {
  const own = ownPorts(object);
  const given = flags
    .string('port')
    .split(',')
    .filter((port) => port !== '');
  if (given.length === 0 && own.length === 0)
    throw new CommandError("couldn't find port via --port flag or introspection");
  const listed = given.length > 0 ? given.map((port) => ({ port: parsePort(port), protocol: '' })) : own;
  const target = flags.string('target-port');
  return listed.map(({ port, protocol }, index) => ({
    ...(listed.length > 1 ? { name: `port-${index + 1}` } : {}),
    protocol: flags.string('protocol') || protocol || own.find((each) => each.port === port)?.protocol || 'TCP',
    port,
    targetPort: target === '' ? port : /^\d+$/.test(target) ? Number(target) : target,
  }));
}

function parsePort(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new CommandError(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
}

function ownPorts(object: ApiObject): { port: number; protocol: string }[] {
  const spec = isRecord(object.spec) ? object.spec : {};
  if (object.kind === 'Service') {
    return ((spec.ports ?? []) as { port: number; protocol?: string }[]).map(({ port, protocol = 'TCP' }) => ({
      port,
      protocol,
    }));
  }
  const template = isRecord(spec.template) && isRecord(spec.template.spec) ? spec.template.spec : spec;
  const containers = (template.containers ?? []) as { ports?: { containerPort: number; protocol?: string }[] }[];
  return containers.flatMap(({ ports = [] }) =>
    ports.map(({ containerPort, protocol = 'TCP' }) => ({ port: containerPort, protocol })),
  );
}

function parseLabels(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const equals = pair.indexOf('=');
      if (equals < 0) throw new CommandError(`unexpected label spec: ${pair}`);
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}
