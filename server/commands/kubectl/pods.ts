import type { Client } from './api/client.ts';
import { isRecord, type ApiList, type ApiObject, type ObjectMeta } from './api/object.ts';
import { resourcePath, type Resource } from './api/resource.ts';
import type { Invocation } from './command.ts';
import { CommandError } from './errors.ts';
import { hasChanged } from './release.ts';
import { explainNamespace, LOOKUPS, splitPairs } from './targets.ts';

export interface Container {
  name: string;
  image?: string;
  tty?: boolean;
  stdin?: boolean;
  [field: string]: unknown;
}

export interface Pod extends ApiObject {
  metadata: ObjectMeta;
  spec: {
    containers: Container[];
    initContainers?: Container[];
    ephemeralContainers?: Container[];
    nodeName?: string;
    [field: string]: unknown;
  };
  status?: { phase?: string; containerStatuses?: ContainerStatus[]; [field: string]: unknown };
}

export interface ContainerStatus {
  name: string;
  ready?: boolean;
  restartCount?: number;
  state?: ContainerState;
  lastState?: ContainerState;
  image?: string;
  imageID?: string;
  containerID?: string;
}

export interface ContainerState {
  waiting?: { reason?: string; message?: string };
  running?: { startedAt?: string };
  terminated?: {
    exitCode: number;
    signal?: number;
    reason?: string;
    message?: string;
    startedAt?: string;
    finishedAt?: string;
  };
}

export const POD_RESOURCE: Resource = {
  group: '',
  version: 'v1',
  name: 'pods',
  singular: 'pod',
  kind: 'Pod',
  namespaced: true,
  verbs: [],
  shortNames: ['po'],
  categories: ['all'],
};

export async function getPod({ session }: Invocation, namespace: string, name: string): Promise<Pod> {
  const client = await session.client();
  return client
    .json<Pod>('GET', resourcePath(POD_RESOURCE, namespace, name), { subject: { resource: 'pods', name } })
    .catch((error: unknown) => explainNamespace(client, namespace, error));
}

/**
 * The object that a word names: a pod, or `TYPE/NAME` whose pods are meant.
 */
export async function getPodHolder(invocation: Invocation, word: string, namespace: string): Promise<ApiObject> {
  const pair = splitPairs(invocation.program, [word])?.[0];
  invocation.session.lookups = LOOKUPS;
  if (!pair) return getPod(invocation, namespace, word);
  const { session } = invocation;
  const resource = await (await session.discovery()).find(pair[0]);
  const client = await session.client();
  return client
    .json<ApiObject>('GET', resourcePath(resource, namespace, pair[1]), {
      subject: { resource: resource.name, name: pair[1] },
    })
    .catch((error: unknown) => explainNamespace(client, namespace, error));
}

/**
 * The label selector of an object's pods.
 * @throws CommandError when objects of the kind have none. kubectl/pkg/polymorphichelpers/helpers.go, SelectorsForObject.
 */
export function podSelector(object: ApiObject): string {
  const spec = isRecord(object.spec) ? object.spec : {};
  const { selector } = spec;
  switch (object.kind) {
    case 'Deployment':
    case 'ReplicaSet':
    case 'StatefulSet':
    case 'DaemonSet':
    case 'Job':
      return renderLabelSelector(selector);
    case 'Service':
    case 'ReplicationController':
    case 'DeploymentConfig':
      if (!isRecord(selector) || Object.keys(selector).length === 0) {
        throw new CommandError(
          `invalid service '${object.metadata?.name ?? ''}': Service is defined without a selector`,
        );
      }
      return renderPairs(selector);
    default:
      throw new CommandError(`selector for *unstructured.Unstructured not implemented`);
  }
}

/** `matchLabels` and `matchExpressions` as the text that a request takes. */
export function renderLabelSelector(selector: unknown): string {
  if (!isRecord(selector)) return '';
  const { matchLabels, matchExpressions } = selector;
  const parts = isRecord(matchLabels) ? [renderPairs(matchLabels)].filter((part) => part !== '') : [];
  for (const { key, operator, values = [] } of (matchExpressions ?? []) as {
    key: string;
    operator: string;
    values?: string[];
  }[]) {
    if (operator === 'Exists') parts.push(key);
    else if (operator === 'DoesNotExist') parts.push(`!${key}`);
    else parts.push(`${key} ${operator === 'In' ? 'in' : 'notin'} (${[...values].sort().join(',')})`);
  }
  return parts.join(',');
}

export function renderPairs(labels: Record<string, unknown>): string {
  return Object.keys(labels)
    .sort()
    .map((key) => `${key}=${String(labels[key])}`)
    .join(',');
}

export async function listPods({ session }: Invocation, namespace: string, labelSelector: string): Promise<Pod[]> {
  return listPodsAt(await session.client(), namespace, labelSelector);
}

export async function listPodsAt(client: Client, namespace: string, labelSelector: string): Promise<Pod[]> {
  const list = await client.json<ApiList>('GET', resourcePath(POD_RESOURCE, namespace), { query: { labelSelector } });
  return (list.items ?? []) as Pod[];
}

/**
 * The pod to talk to: the object itself, or the most useful of its pods, waiting until there is one.
 * @throws CommandError when none came within the time.
 */
export async function choosePod(
  invocation: Invocation,
  object: ApiObject,
  namespace: string,
  timeoutMs: number,
): Promise<Pod> {
  if (object.kind === 'Pod') return object as Pod;
  const selector = podSelector(object);
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const [first] = sortActive(await listPods(invocation, namespace, selector));
    if (first) return first;
    if (Date.now() >= deadline) throw new CommandError('timed out waiting for the condition');
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Between two looks for a pod that is yet to come. */
const POLL_MS = 200;

/** The best pod to use first: bound, running, ready, ready for longer. kubectl/pkg/util/podutils, ActivePods. */
export function sortActive(pods: readonly Pod[]): Pod[] {
  const phases = ['Running', 'Unknown', 'Pending'];
  const rank = (pod: Pod) => {
    const phase = phases.indexOf(pod.status?.phase ?? '');
    return [pod.spec.nodeName ? 0 : 1, phase < 0 ? phases.length : phase, isReady(pod) ? 0 : 1];
  };
  return [...pods].sort((a, b) => {
    const [left, right] = [rank(a), rank(b)];
    return left.reduce((order, value, index) => order || value - (right[index] ?? 0), 0);
  });
}

export function isReady(pod: Pod): boolean {
  const conditions = (pod.status?.conditions ?? []) as { type: string; status: string }[];
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

const DEFAULT_CONTAINER = 'kubectl.kubernetes.io/default-container';

/**
 * The container that `-c` names, or the pod's first, which is said on stderr when there are others.
 * kubectl/pkg/cmd/util/podcmd/podcmd.go.
 * @throws CommandError when the pod has none of this name.
 */
export function chooseContainer(
  { io, program }: Pick<Invocation, 'io' | 'program'>,
  pod: Pod,
  wanted: string,
  warn: ((text: string) => void) | null,
): Container {
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? []), ...(pod.spec.ephemeralContainers ?? [])];
  const podName = pod.metadata.name ?? '';
  if (wanted !== '') {
    const found = all.find((container) => container.name === wanted);
    if (found) return found;
    throw new CommandError(`container ${wanted} is not valid for pod ${podName} out of: ${containerNames(pod)}`);
  }
  const [first] = pod.spec.containers;
  if (!first) throw new CommandError(`pod ${podName} has no containers`);
  if (!hasChanged(io, 'the defaulted container is listed')) {
    // Kubernetes 1.18, kubectl/pkg/cmd/exec/exec.go: annotations and containers of other kinds do not count.
    if (pod.spec.containers.length > 1) {
      const describe = `${program} describe pod/${podName} -n ${pod.metadata.namespace ?? ''}`;
      warn?.(
        `Defaulting container name to ${first.name}.\nUse '${describe}' to see all of the containers in this pod.\n`,
      );
    }
    return first;
  }
  const preferred = pod.metadata.annotations?.[DEFAULT_CONTAINER];
  if (preferred) {
    const found = all.find((container) => container.name === preferred);
    if (found) return found;
    warn?.(`Default container name ${JSON.stringify(preferred)} not found in pod ${podName}\n`);
  }
  if (all.length > 1) warn?.(`Defaulted container ${JSON.stringify(first.name)} out of: ${containerNames(pod)}\n`);
  return first;
}

export function containerNames(pod: Pod): string {
  return [
    ...pod.spec.containers.map(({ name }) => name),
    ...(pod.spec.ephemeralContainers ?? []).map(({ name }) => `${name} (ephem)`),
    ...(pod.spec.initContainers ?? []).map(({ name }) => `${name} (init)`),
  ].join(', ');
}
