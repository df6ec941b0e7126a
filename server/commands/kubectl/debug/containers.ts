import { randomBytes } from 'node:crypto';
import { isRecord, type ApiObject } from '../api/object.ts';
import type { Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import type { Container, Pod } from '../pods.ts';

/** As upstream ends generated names: no vowels, and nothing that looks like another letter. */
const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

export function randomSuffix(): string {
  return [...randomBytes(5)].map((byte) => LETTERS[byte % LETTERS.length]).join('');
}

/** The name that `-c` gives, or one that is made up and said. */
export function containerName({ flags, io }: Invocation): string {
  const given = flags.string('container');
  if (given !== '') return given;
  const name = `debugger-${randomSuffix()}`;
  if (!flags.bool('quiet')) io.stderr.write(`Defaulting debug container name to ${name}.\n`);
  return name;
}

/** The container that is to be added. Profiles general and legacy: it may trace others. kubectl/pkg/cmd/debug. */
export function debugContainer({ args, dash, flags }: Invocation, name: string): Container {
  const words = dash < 0 ? [] : args.slice(dash);
  const env = flags.list('env').map((pair) => {
    const equals = pair.indexOf('=');
    if (equals <= 0) throw new CommandError(`invalid env: ${pair}`);
    return { name: pair.slice(0, equals), value: pair.slice(equals + 1) };
  });
  const policy = flags.string('image-pull-policy');
  return {
    name,
    image: flags.string('image'),
    ...(words.length > 0 ? { [flags.bool('arguments-only') ? 'args' : 'command']: words } : {}),
    ...(env.length > 0 ? { env } : {}),
    ...(policy === '' ? {} : { imagePullPolicy: policy }),
    ...(flags.bool('stdin') ? { stdin: true } : {}),
    ...(flags.bool('tty') ? { tty: true } : {}),
    terminationMessagePolicy: 'File',
    ...securityContextOf(flags.string('profile')),
  };
}

/** kubectl/pkg/cmd/debug/profiles.go. */
function securityContextOf(profile: string): { securityContext?: Record<string, unknown> } {
  switch (profile) {
    case 'general':
      return { securityContext: { capabilities: { add: ['SYS_PTRACE'] } } };
    case 'netadmin':
      return { securityContext: { capabilities: { add: ['NET_ADMIN', 'NET_RAW'] } } };
    case 'restricted':
      return {
        securityContext: {
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
          runAsNonRoot: true,
          seccompProfile: { type: 'RuntimeDefault' },
        },
      };
    case 'sysadmin':
      return { securityContext: { privileged: true } };
    default:
      return {};
  }
}

/**
 * A copy of a pod to look into: nobody's, without labels and probes unless they are to be kept, with a container more
 * or one that is changed. kubectl/pkg/cmd/debug/debug.go, generatePodCopyWithDebugContainer.
 * @returns the copy, and the container that is to be joined.
 */
export function copyPod(invocation: Invocation, pod: Pod): { copy: ApiObject; container: string } {
  const { args, dash, flags } = invocation;
  const { nodeName, ephemeralContainers: _, initContainers, ...spec } = pod.spec;
  const keep = (part: string) => flags.bool(`keep-${part}`);
  const images = readImages(flags.list('set-image'));
  const containers = pod.spec.containers.map((container) => {
    const { livenessProbe, readinessProbe, startupProbe, ...bare } = container;
    const rest: Container = {
      ...bare,
      ...(livenessProbe && keep('liveness') ? { livenessProbe } : {}),
      ...(readinessProbe && keep('readiness') ? { readinessProbe } : {}),
      ...(startupProbe && keep('startup') ? { startupProbe } : {}),
    };
    const image = images.get(container.name) ?? images.get('*');
    return image === undefined ? rest : { ...rest, image };
  });
  const words = dash < 0 ? [] : args.slice(dash);
  const given = flags.string('container');
  const adding = flags.string('image') !== '' && !containers.some(({ name }) => name === given);
  let joined = given || (containers[0]?.name ?? '');
  if (adding) {
    joined = containerName(invocation);
    containers.push(debugContainer(invocation, joined));
  } else if (flags.string('image') !== '' || words.length > 0) {
    const at = containers.findIndex(({ name }) => name === given);
    const before = containers[at];
    if (!before) throw new CommandError('you must specify an existing container or a new image when specifying args.');
    const { args: oldArgs, command: oldCommand, ...rest } = before;
    const after = debugContainer(invocation, given);
    const program =
      words.length > 0 ? {} : { ...(oldCommand ? { command: oldCommand } : {}), ...(oldArgs ? { args: oldArgs } : {}) };
    containers[at] = { ...rest, ...program, ...after, image: after.image || before.image };
  }
  const share = { shareProcessNamespace: flags.bool('share-processes') };
  return {
    container: joined,
    copy: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: flags.string('copy-to'),
        namespace: pod.metadata.namespace,
        ...(keep('labels') ? { labels: pod.metadata.labels } : {}),
        ...(keep('annotations') ? { annotations: pod.metadata.annotations } : {}),
      },
      spec: {
        ...spec,
        ...(initContainers && keep('init-containers') ? { initContainers } : {}),
        ...(flags.bool('same-node') ? { nodeName } : {}),
        containers,
        ...share,
      },
    },
  };
}

function readImages(pairs: readonly string[]): Map<string, string> {
  return new Map(
    pairs.map((pair): [string, string] => {
      const equals = pair.indexOf('=');
      if (equals <= 0) throw new CommandError(`invalid --set-image: ${pair}`);
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}

/** A pod on a node; in its namespaces and with its file system at /host where the profile gives it them. */
export function nodePod(invocation: Invocation, node: ApiObject): Pod {
  const name = node.metadata?.name ?? '';
  const profile = invocation.flags.string('profile');
  const { securityContext, ...bare } = debugContainer(invocation, invocation.flags.string('container') || 'debugger');
  const plain = ['general', 'legacy', ''].includes(profile);
  const container = plain || !securityContext ? bare : { ...bare, securityContext };
  const inHost = !['baseline', 'restricted'].includes(profile);
  const withFiles = inHost && profile !== 'netadmin';
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `node-debugger-${name}-${randomSuffix()}`,
      labels: { 'app.kubernetes.io/managed-by': 'kubectl-debug' },
    },
    spec: {
      containers: [
        { ...container, ...(withFiles ? { volumeMounts: [{ mountPath: '/host', name: 'host-root' }] } : {}) },
      ],
      ...(inHost ? { hostIPC: true, hostNetwork: true, hostPID: true } : {}),
      nodeName: name,
      restartPolicy: 'Never',
      tolerations: [{ operator: 'Exists' }],
      ...(withFiles ? { volumes: [{ hostPath: { path: '/' }, name: 'host-root' }] } : {}),
    },
  };
}

/** Whether a container of a pod, maybe an ephemeral one, runs, or has run. */
export function stateOf(pod: Pod, name: string): 'running' | 'ended' | 'waiting' {
  const { containerStatuses, ephemeralContainerStatuses } = (pod.status ?? {}) as Record<string, unknown>;
  const all = [containerStatuses, ephemeralContainerStatuses].flatMap((list) => (Array.isArray(list) ? list : []));
  const found: unknown = all.find((each) => isRecord(each) && each.name === name);
  if (!isRecord(found)) return 'waiting';
  const [now, before] = [found.state, found.lastState].map((state) => (isRecord(state) ? state : {}));
  if (now?.running !== undefined) return 'running';
  return now?.terminated !== undefined || before?.terminated !== undefined ? 'ended' : 'waiting';
}
