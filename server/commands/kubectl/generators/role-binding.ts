import type { ApiObject } from '../api/object.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import type { FlagSpec } from '../flags.ts';
import { CREATE_FLAGS, createFromFlags, nameArgument } from './created.ts';

const GROUP = 'rbac.authorization.k8s.io';

const SUBJECT_FLAGS: readonly FlagSpec[] = [
  { name: 'group', type: 'list', usage: 'Group that gets the role; may be repeated.' },
  {
    name: 'serviceaccount',
    type: 'list',
    usage: 'Service account that gets the role, as NAMESPACE:NAME; may be repeated.',
  },
  { name: 'user', type: 'list', usage: 'User that gets the role; may be repeated.' },
];

export const roleBinding: Command = {
  usage:
    'NAME --clusterrole=NAME|--role=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]',
  examples: [['Let a user read', 'create rolebinding ann-reads --role=reader --user=ann']],
  flags: [
    ...CREATE_FLAGS,
    ...SUBJECT_FLAGS,
    { name: 'clusterrole', type: 'string', usage: 'Cluster role to give.' },
    { name: 'role', type: 'string', usage: 'Role to give.' },
  ],
  async run(invocation) {
    const { flags } = invocation;
    const name = nameArgument(invocation);
    const [role, clusterRole] = [flags.string('role'), flags.string('clusterrole')];
    if ((role === '') === (clusterRole === '')) {
      throw new CommandError('exactly one of clusterrole or role must be specified');
    }
    const roleRef = role === '' ? ['ClusterRole', clusterRole] : ['Role', role];
    await createFromFlags(
      invocation,
      { group: GROUP, version: 'v1', name: 'rolebindings', namespaced: true },
      buildBinding(invocation, 'RoleBinding', name, roleRef),
      'failed to create rolebinding: ',
    );
    return 0;
  },
};

export const clusterRoleBinding: Command = {
  usage:
    'NAME --clusterrole=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]',
  flags: [
    ...CREATE_FLAGS,
    ...SUBJECT_FLAGS,
    { name: 'clusterrole', type: 'string', required: true, usage: 'Cluster role to give.' },
  ],
  async run(invocation) {
    const name = nameArgument(invocation);
    await createFromFlags(
      invocation,
      { group: GROUP, version: 'v1', name: 'clusterrolebindings', namespaced: false },
      buildBinding(invocation, 'ClusterRoleBinding', name, ['ClusterRole', invocation.flags.string('clusterrole')]),
      'failed to create clusterrolebinding: ',
    );
    return 0;
  },
};

function buildBinding({ flags }: Invocation, kind: string, name: string, [roleKind, roleName]: string[]): ApiObject {
  const subjects = [
    ...flags.list('user').map((user) => ({ kind: 'User', apiGroup: GROUP, name: user })),
    ...flags.list('group').map((group) => ({ kind: 'Group', apiGroup: GROUP, name: group })),
    ...flags.list('serviceaccount').map((account) => {
      const [namespace, accountName, ...more] = account.split(':');
      if (!namespace || !accountName || more.length > 0) {
        throw new CommandError('serviceaccount must be <namespace>:<name>');
      }
      return { kind: 'ServiceAccount', name: accountName, namespace };
    }),
  ];
  return {
    kind,
    apiVersion: `${GROUP}/v1`,
    metadata: { name },
    ...(subjects.length > 0 ? { subjects } : {}),
    roleRef: { apiGroup: GROUP, kind: roleKind, name: roleName },
  };
}
