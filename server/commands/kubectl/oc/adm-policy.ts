import type { ApiObject } from '../api/object.ts';
import { resourcePath, type Resource } from '../api/resource.ts';
import type { Command, Invocation } from '../command.ts';
import { isNotFound, UsageError } from '../errors.ts';
import type { FlagSpec } from '../flags.ts';

const GROUP = 'rbac.authorization.k8s.io';

interface Subject {
  kind: string;
  apiGroup?: string;
  name: string;
  namespace?: string;
}

interface Binding extends ApiObject {
  subjects?: Subject[];
}

interface Grant {
  cluster: boolean;
  /** Of whom the arguments are names. */
  subject: 'User' | 'Group';
  /** Whether the first argument is the name of security context constraints. */
  scc: boolean;
}

const FLAGS: readonly FlagSpec[] = [
  { name: 'rolebinding-name', type: 'string', usage: "Name of the binding; the role's own when left out." },
  { name: 'serviceaccount', short: 'z', type: 'list', usage: 'Service account of the namespace; may be repeated.' },
];

/** `oc adm policy`. openshift/oc, pkg/cli/admin/policy/modify_roles.go. */
export const adm: Command = {
  usage: '',
  long: 'Tools for administrators.',
  subcommands: [
    {
      name: 'policy',
      short: 'Give roles',
      load: () =>
        Promise.resolve({
          usage: '',
          long: 'Gives roles to users, groups and service accounts.',
          subcommands: [
            entry('add-role-to-user', { cluster: false, subject: 'User', scc: false }),
            entry('add-role-to-group', { cluster: false, subject: 'Group', scc: false }),
            entry('add-cluster-role-to-user', { cluster: true, subject: 'User', scc: false }),
            entry('add-cluster-role-to-group', { cluster: true, subject: 'Group', scc: false }),
            entry('add-scc-to-user', { cluster: false, subject: 'User', scc: true }),
            entry('add-scc-to-group', { cluster: false, subject: 'Group', scc: true }),
            { name: 'remove-role-from-user', short: 'Take a role away' },
            { name: 'remove-cluster-role-from-user', short: 'Take a cluster role away' },
            { name: 'who-can', short: 'List who may do something' },
          ],
        }),
    },
    { name: 'drain', short: 'Empty a node', load: async () => (await import('../verbs/drain.ts')).command },
    {
      name: 'cordon',
      short: 'Keep new pods off a node',
      load: async () => (await import('../verbs/cordon.ts')).cordon,
    },
    {
      name: 'uncordon',
      short: 'Let new pods onto a node',
      load: async () => (await import('../verbs/cordon.ts')).uncordon,
    },
    { name: 'taint', short: 'Set the taints of nodes', load: async () => (await import('../verbs/taint.ts')).command },
    {
      name: 'top',
      short: 'Show the use of CPU and memory',
      load: async () => (await import('../verbs/top.ts')).command,
    },
  ],
};

function entry(name: string, options: Grant) {
  const command: Command = { usage: 'ROLE NAME...', flags: FLAGS, run: (invocation) => grant(invocation, options) };
  return { name, short: `Give a ${options.cluster ? 'cluster ' : ''}role`, load: () => Promise.resolve(command) };
}

async function grant(invocation: Invocation, { cluster, subject, scc }: Grant): Promise<number> {
  const { args, flags, io, session } = invocation;
  const [given, ...names] = args;
  const accounts = flags.list('serviceaccount');
  if (given === undefined) throw new UsageError('you must specify a role');
  if (names.length === 0 && accounts.length === 0)
    throw new UsageError('you must specify at least one user, group or service account');
  const { name: namespace } = await session.namespace();
  const role = scc ? `system:openshift:scc:${given}` : given;
  const subjects: Subject[] = [
    ...names.map((name) => toSubject(subject, name)),
    ...accounts.map((name) => ({ kind: 'ServiceAccount', name, namespace })),
  ];
  await bind(invocation, cluster, role, flags.string('rolebinding-name') || role, subjects);
  const shown = [...names, ...accounts].map((name) => JSON.stringify(name));
  io.stdout.write(`clusterrole.${GROUP}/${role} added: ${shown.length === 1 ? shown[0] : `[${shown.join(' ')}]`}\n`);
  return 0;
}

/** `system:serviceaccount:NAMESPACE:NAME` is an account and no user. */
function toSubject(kind: Grant['subject'], name: string): Subject {
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name);
  if (account) return { kind: 'ServiceAccount', name: account[2] ?? '', namespace: account[1] ?? '' };
  return { kind, apiGroup: GROUP, name };
}

async function bind(
  invocation: Invocation,
  cluster: boolean,
  role: string,
  name: string,
  subjects: Subject[],
): Promise<void> {
  const { session } = invocation;
  const client = await session.client();
  const { name: namespace } = await session.namespace();
  const kind = cluster ? 'ClusterRoleBinding' : 'RoleBinding';
  const resource = { group: GROUP, version: 'v1', name: `${kind.toLowerCase()}s`, namespaced: !cluster } as Resource;
  const path = resourcePath(resource, namespace, name);
  try {
    const found = await client.json<Binding>('GET', path);
    const before = found.subjects ?? [];
    const same = (one: Subject, other: Subject) =>
      one.kind === other.kind && one.name === other.name && one.namespace === other.namespace;
    const added = subjects.filter((each) => !before.some((old) => same(old, each)));
    await client.json('PUT', path, { body: { ...found, subjects: [...before, ...added] } });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const roleRef = { apiGroup: GROUP, kind: 'ClusterRole', name: role };
    await client.json('POST', resourcePath(resource, namespace), {
      body: { kind, apiVersion: `${GROUP}/v1`, metadata: { name }, subjects, roleRef },
      subject: { resource: resource.name },
    });
  }
}
