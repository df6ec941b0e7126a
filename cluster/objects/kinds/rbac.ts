import { type KubernetesObject } from '../object.ts';
import { AGE, column, CREATED_AT, NAME, wide } from './columns.ts';
import { type Kind } from './kind.ts';

/** Roles and bindings are kept and shown. Every client of a session is its administrator, so nothing evaluates them. */
interface Binding extends KubernetesObject {
  roleRef: { kind: string; name: string };
  subjects?: { kind: string; name: string; namespace?: string }[];
}

const subjects = (kind: string) => (object: KubernetesObject) =>
  ((object as Binding).subjects ?? [])
    .filter((one) => one.kind === kind)
    .map((one) => (kind === 'ServiceAccount' ? `${one.namespace}/${one.name}` : one.name))
    .join(', ');

const BINDING_COLUMNS = [
  NAME,
  column('Role', 'string', (object) => `${(object as Binding).roleRef?.kind}/${(object as Binding).roleRef?.name}`),
  AGE,
  wide('Users', 'string', subjects('User')),
  wide('Groups', 'string', subjects('Group')),
  wide('ServiceAccounts', 'string', subjects('ServiceAccount')),
];

const GROUP = { group: 'rbac.authorization.k8s.io', versions: ['v1'], names: 'path' } as const;

function setSubjectGroups(draft: KubernetesObject): void {
  const binding = draft as Binding & {
    roleRef: { apiGroup?: string };
    subjects?: { apiGroup?: string; kind: string }[];
  };
  if (binding.roleRef) binding.roleRef.apiGroup ??= 'rbac.authorization.k8s.io';
  for (const subject of binding.subjects ?? []) {
    if (subject.kind !== 'ServiceAccount') subject.apiGroup ??= 'rbac.authorization.k8s.io';
  }
}

export const RBAC_KINDS: readonly Kind[] = [
  {
    ...GROUP,
    kind: 'ClusterRoleBinding',
    plural: 'clusterrolebindings',
    singular: 'clusterrolebinding',
    namespaced: false,
    message: 'rbac.ClusterRoleBinding',
    columns: BINDING_COLUMNS,
    setDefaults: setSubjectGroups,
  },
  {
    ...GROUP,
    kind: 'ClusterRole',
    plural: 'clusterroles',
    singular: 'clusterrole',
    namespaced: false,
    message: 'rbac.ClusterRole',
    columns: [NAME, CREATED_AT],
  },
  {
    ...GROUP,
    kind: 'RoleBinding',
    plural: 'rolebindings',
    singular: 'rolebinding',
    namespaced: true,
    message: 'rbac.RoleBinding',
    columns: BINDING_COLUMNS,
    setDefaults: setSubjectGroups,
  },
  {
    ...GROUP,
    kind: 'Role',
    plural: 'roles',
    singular: 'role',
    namespaced: true,
    message: 'rbac.Role',
    columns: [NAME, CREATED_AT],
  },
];
