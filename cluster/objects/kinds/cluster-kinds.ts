/** Namespace and Node: what everything else stands in or on. */
import { type KubernetesObject } from '../object.ts';
import { AGE, column, NAME, wide } from './columns.ts';
import { type Kind } from './kind.ts';

interface NamespaceObject extends KubernetesObject {
  spec?: { finalizers?: string[] };
  status?: { phase?: string };
}

export const NAMESPACE: Kind = {
  kind: 'Namespace',
  group: '',
  versions: ['v1'],
  plural: 'namespaces',
  singular: 'namespace',
  shortNames: ['ns'],
  namespaced: false,
  message: 'core.Namespace',
  status: true,
  generation: false,
  names: 'label',
  finalizedBySpec: true,
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  subresources: [{ name: 'finalize', kind: 'Namespace', verbs: ['update'] }],
  columns: [NAME, column('Status', 'string', (object) => (object as NamespaceObject).status?.phase ?? ''), AGE],
  selectableFields: { 'status.phase': (object) => (object as NamespaceObject).status?.phase ?? '' },
  setDefaults(draft) {
    draft.metadata.labels = { ...draft.metadata.labels, 'kubernetes.io/metadata.name': draft.metadata.name };
  },
  prepareCreate(draft) {
    draft.spec = { finalizers: ['kubernetes'] };
    draft.status = { phase: 'Active' };
  },
  prepareUpdate(draft, old) {
    draft.spec = (old as NamespaceObject).spec;
  },
};

interface NodeObject extends KubernetesObject {
  spec?: { unschedulable?: boolean; taints?: { key: string; value?: string; effect: string }[] };
  status?: {
    conditions?: { type: string; status: string }[];
    addresses?: { type: string; address: string }[];
    nodeInfo?: Record<string, string>;
  };
}

const nodeOf = (object: KubernetesObject) => object as NodeObject;

export const NODE: Kind = {
  kind: 'Node',
  group: '',
  versions: ['v1'],
  plural: 'nodes',
  singular: 'node',
  shortNames: ['no'],
  namespaced: false,
  message: 'core.Node',
  status: true,
  generation: false,
  columns: [
    NAME,
    column('Status', 'string', (object) => nodeStatus(nodeOf(object))),
    column('Roles', 'string', (object) => nodeRoles(object)),
    AGE,
    column('Version', 'string', (object) => nodeOf(object).status?.nodeInfo?.kubeletVersion ?? ''),
    wide('Internal-IP', 'string', (object) => address(object, 'InternalIP')),
    wide('External-IP', 'string', (object) => address(object, 'ExternalIP')),
    wide('OS-Image', 'string', (object) => nodeOf(object).status?.nodeInfo?.osImage || '<unknown>'),
    wide('Kernel-Version', 'string', (object) => nodeOf(object).status?.nodeInfo?.kernelVersion || '<unknown>'),
    wide(
      'Container-Runtime',
      'string',
      (object) => nodeOf(object).status?.nodeInfo?.containerRuntimeVersion || '<unknown>',
    ),
  ],
  selectableFields: { 'spec.unschedulable': (object) => String(nodeOf(object).spec?.unschedulable ?? false) },
};

function nodeStatus(node: NodeObject): string {
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
  const words = [ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown'];
  if (node.spec?.unschedulable) words.push('SchedulingDisabled');
  return words.join(',');
}

function nodeRoles(node: KubernetesObject): string {
  const roles = Object.keys(node.metadata.labels ?? {})
    .filter((label) => label.startsWith('node-role.kubernetes.io/'))
    .map((label) => label.slice('node-role.kubernetes.io/'.length));
  return roles.toSorted().join(',') || '<none>';
}

function address(object: KubernetesObject, type: string): string {
  return nodeOf(object).status?.addresses?.find((one) => one.type === type)?.address || '<none>';
}
