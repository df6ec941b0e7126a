import { type KubernetesObject } from '../object.ts';
import { AGE, column, NAME, wide } from './columns.ts';
import { type Kind } from './kind.ts';
import { setPodSpecDefaults, setRequestDefaults } from './pod-defaults.ts';
import { summarizePod } from './pod-status-text.ts';
import { type Container, type Pod, type PodSpec } from './pod-types.ts';
import { validatePodSpec, validatePodUpdate } from './pod-validation.ts';

const podOf = (object: KubernetesObject) => object as Pod;

export const POD: Kind = {
  kind: 'Pod',
  group: '',
  versions: ['v1'],
  plural: 'pods',
  singular: 'pod',
  shortNames: ['po'],
  categories: ['all'],
  namespaced: true,
  message: 'core.Pod',
  status: true,
  subresources: [
    { name: 'attach', kind: 'PodAttachOptions', verbs: ['create', 'get'] },
    { name: 'ephemeralcontainers', kind: 'Pod', verbs: ['get', 'patch', 'update'] },
    { name: 'exec', kind: 'PodExecOptions', verbs: ['create', 'get'] },
    { name: 'log', kind: 'Pod', verbs: ['get'] },
    { name: 'eviction', kind: 'Eviction', verbs: ['create'], group: 'policy', version: 'v1' },
  ],
  columns: [
    NAME,
    column('Ready', 'string', (object, now) => summarizePod(podOf(object), now).ready),
    column('Status', 'string', (object, now) => summarizePod(podOf(object), now).status),
    column('Restarts', 'string', (object, now) => summarizePod(podOf(object), now).restarts),
    AGE,
    wide('IP', 'string', (object) => podOf(object).status?.podIP || '<none>'),
    wide('Node', 'string', (object) => podOf(object).spec.nodeName || '<none>'),
    wide('Nominated Node', 'string', () => '<none>'),
    wide('Readiness Gates', 'string', () => '<none>'),
  ],
  selectableFields: {
    'spec.nodeName': (object) => podOf(object).spec.nodeName ?? '',
    'spec.restartPolicy': (object) => podOf(object).spec.restartPolicy ?? '',
    'spec.schedulerName': (object) => String(podOf(object).spec.schedulerName ?? ''),
    'spec.serviceAccountName': (object) => podOf(object).spec.serviceAccountName ?? '',
    'spec.hostNetwork': (object) => String(podOf(object).spec.hostNetwork ?? false),
    'status.phase': (object) => podOf(object).status?.phase ?? '',
    'status.podIP': (object) => podOf(object).status?.podIP ?? '',
    'status.nominatedNodeName': () => '',
  },
  setDefaults(draft) {
    draft.spec ??= { containers: [] };
    const spec = draft.spec as PodSpec;
    // Everything that reads a pod counts on the list; validation refuses an empty one.
    spec.containers ??= [];
    setPodSpecDefaults(spec);
    setRequestDefaults(spec);
    spec.enableServiceLinks ??= true;
  },
  prepareCreate(draft) {
    draft.status = { phase: 'Pending', qosClass: qosClassOf(draft as Pod) };
  },
  validate: (object) => validatePodSpec(podOf(object).spec, 'spec'),
  validateUpdate: (object, old) => validatePodUpdate(podOf(object), podOf(old)),
};

/** Kubernetes 1.32, pkg/apis/core/v1/helper/qos/qos.go, GetPodQOS: by cpu and memory of all containers. */
export function qosClassOf(pod: Pod): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const containers: Container[] = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const resources = containers.map((container) => container.resources ?? {});
  const names = ['cpu', 'memory'];
  const uses = (of: Record<string, string> | undefined) => names.some((name) => of?.[name] !== undefined);
  if (!resources.some(({ requests, limits }) => uses(requests) || uses(limits))) return 'BestEffort';
  const guaranteed = resources.every(({ requests, limits }) =>
    names.every((name) => limits?.[name] !== undefined && (requests?.[name] ?? limits[name]) === limits[name]),
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}
