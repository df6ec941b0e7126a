import type { Command, CommandEntry } from '../command.ts';
import { changeRole, changeScc, type Grant } from './role-bindings.ts';

const FLAGS = [
  { name: 'dry-run', type: 'string', default: 'none', bare: 'unchanged', usage: 'none, client or server.' },
  { name: 'rolebinding-name', type: 'string', usage: "Name of the binding; the role's own when left out." },
  { name: 'role-namespace', type: 'string', usage: 'Namespace of the role, when it is no cluster role.' },
  { name: 'serviceaccount', short: 'z', type: 'list', usage: 'Service account of the namespace; may be repeated.' },
] as const;

/** What `oc policy` has as well. */
const PROJECT_ROLES: readonly CommandEntry[] = [
  entry('add-role-to-group', 'Add a role to groups for the current project', 'Group'),
  entry('add-role-to-user', 'Add a role to users or serviceaccounts for the current project', 'User'),
  entry('remove-role-from-group', 'Remove a role from groups for the current project', 'Group'),
  entry('remove-role-from-user', 'Remove a role from users for the current project', 'User'),
  { name: 'who-can', short: 'List who can perform the specified action on a resource' },
  { name: 'remove-group', short: 'Remove group from the current project' },
  { name: 'remove-user', short: 'Remove user from the current project' },
];

const POLICY: Command = {
  usage: '',
  long: 'Gives roles and security constraints to users, groups and service accounts, and takes them away.',
  subcommands: [
    ...PROJECT_ROLES,
    entry('add-cluster-role-to-group', 'Add a role to groups for all projects in the cluster', 'Group'),
    entry('add-cluster-role-to-user', 'Add a role to users for all projects in the cluster', 'User'),
    entry('remove-cluster-role-from-group', 'Remove a role from groups for all projects in the cluster', 'Group'),
    entry('remove-cluster-role-from-user', 'Remove a role from users for all projects in the cluster', 'User'),
    entry('add-scc-to-group', 'Add security context constraint to groups', 'Group'),
    entry('add-scc-to-user', 'Add security context constraint to users or a service account', 'User'),
    entry('remove-scc-from-group', 'Remove group from scc', 'Group'),
    entry('remove-scc-from-user', 'Remove user from scc', 'User'),
    { name: 'scc-review', short: 'Check which service account can create a pod' },
    { name: 'scc-subject-review', short: 'Check whether a user or a service account can create a pod' },
  ],
};

/** `oc policy`. */
export const policy: Command = {
  usage: '',
  long: 'Gives roles of the current project to users, groups and service accounts, and takes them away.',
  subcommands: PROJECT_ROLES,
};

/** `oc adm`. */
export const adm: Command = {
  usage: '',
  long: 'Tools for administrators.',
  subcommands: [
    { name: 'policy', short: 'Manage cluster authorization and security policy', load: () => Promise.resolve(POLICY) },
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
    { name: 'new-project', short: 'Make a project for somebody' },
    { name: 'groups', short: 'Manage groups' },
    { name: 'inspect', short: 'Collect debugging data' },
    { name: 'must-gather', short: 'Collect debugging data of the cluster' },
    { name: 'prune', short: 'Remove older versions of resources' },
    { name: 'upgrade', short: 'Upgrade the cluster' },
    { name: 'release', short: 'Look at releases of OpenShift' },
    { name: 'certificate', short: 'Approve or reject certificate requests' },
    { name: 'node-logs', short: 'Display and filter node logs' },
    { name: 'pod-network', short: 'Manage the network of pods' },
  ],
};

/** The name says what is done: `add-cluster-role-to-user`. */
function entry(name: string, short: string, subject: Grant['subject']): CommandEntry {
  const scc = name.includes('-scc-');
  const grant: Grant = { adds: name.startsWith('add-'), cluster: name.includes('-cluster-'), subject };
  const what = scc ? 'SCC' : 'ROLE';
  const command: Command = {
    usage: subject === 'Group' ? `${what} GROUP [GROUP ...]` : `${what} (USER | -z SERVICEACCOUNT) [USER ...]`,
    flags: FLAGS,
    run: (invocation) => (scc ? changeScc(invocation, grant) : changeRole(invocation, grant)),
  };
  return { name, short, load: () => Promise.resolve(command) };
}
