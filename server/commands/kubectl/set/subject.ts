import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';
import { SET_FLAGS, setEach } from './pod-spec.ts';

interface Subject {
  kind: string;
  apiGroup?: string;
  name: string;
  namespace?: string;
}

const RBAC = 'rbac.authorization.k8s.io';

export const subject: Command = {
  usage: '(-f FILENAME | TYPE NAME) [--user=username] [--group=groupname] [--serviceaccount=namespace:name]',
  long: 'Adds users, groups and service accounts to a role binding.',
  examples: [['Also for ann', 'set subject rolebinding readers --user=ann']],
  flags: [
    ...SET_FLAGS,
    { name: 'group', type: 'csv', usage: 'Group to add.' },
    { name: 'serviceaccount', type: 'csv', usage: 'Service account to add, as NAMESPACE:NAME.' },
    { name: 'user', type: 'csv', usage: 'User to add.' },
  ],
  async run(invocation) {
    const { args, flags } = invocation;
    const added: Subject[] = [
      ...flags.list('user').map((name) => ({ kind: 'User', apiGroup: RBAC, name })),
      ...flags.list('group').map((name) => ({ kind: 'Group', apiGroup: RBAC, name })),
      ...flags.list('serviceaccount').map(readAccount),
    ];
    if (added.length === 0)
      throw new CommandError('you must specify at least one value of user, group or serviceaccount');
    await setEach(invocation, args, 'subjects updated', (object) => {
      if (!['RoleBinding', 'ClusterRoleBinding'].includes(object.kind ?? '')) {
        throw new CommandError('setting subjects is only supported for RoleBinding/ClusterRoleBinding');
      }
      const before = (object.subjects ?? []) as Subject[];
      const isThere = (one: Subject) =>
        before.some(
          ({ kind, name, namespace }) => kind === one.kind && name === one.name && namespace === one.namespace,
        );
      return { ...object, subjects: [...before, ...added.filter((one) => !isThere(one))] };
    });
    return 0;
  },
};

function readAccount(text: string): Subject {
  const [namespace = '', name = '', ...more] = text.split(':');
  if (namespace === '' || name === '' || more.length > 0)
    throw new CommandError('serviceaccount must be <namespace>:<name>');
  return { kind: 'ServiceAccount', name, namespace };
}
