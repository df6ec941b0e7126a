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
    ...(flags.string('profile') === 'legacy' ? {} : { securityContext: { capabilities: { add: ['SYS_PTRACE'] } } }),
  };
}

/**
 * A copy of a pod to look into: nobody's, without labels and probes, with a container more or one that is changed.
 * kubectl/pkg/cmd/debug/debug.go, generatePodCopyWithDebugContainer.
 * @returns the copy, and the container that is to be joined.
 */
export function copyPod(invocation: Invocation, pod: Pod): { copy: ApiObject; container: string } {
  const { args, dash, flags } = invocation;
  const { nodeName, ephemeralContainers: _, ...spec } = pod.spec;
  const images = readImages(flags.list('set-image'));
  const containers = pod.spec.containers.map((container) => {
    const { livenessProbe: _1, readinessProbe: _2, startupProbe: _3, ...rest } = container;
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
      metadata: { name: flags.string('copy-to'), namespace: pod.metadata.namespace },
      spec: { ...spec, ...(flags.bool('same-node') ? { nodeName } : {}), containers, ...share },
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

/** A pod in the namespaces of a node, with its file system at /host. */
export function nodePod(invocation: Invocation, node: ApiObject): Pod {
  const name = node.metadata?.name ?? '';
  const { securityContext: _, ...container } = debugContainer(
    invocation,
    invocation.flags.string('container') || 'debugger',
  );
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `node-debugger-${name}-${randomSuffix()}`,
      labels: { 'app.kubernetes.io/managed-by': 'kubectl-debug' },
    },
    spec: {
      containers: [{ ...container, volumeMounts: [{ mountPath: '/host', name: 'host-root' }] }],
      hostIPC: true,
      hostNetwork: true,
      hostPID: true,
      nodeName: name,
      restartPolicy: 'Never',
      tolerations: [{ operator: 'Exists' }],
      volumes: [{ hostPath: { path: '/' }, name: 'host-root' }],
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
