/** openshift/oc, pkg/cli/admin/policy: modify_roles.go and modify_scc.go. */
import type { Client } from '../api/client.ts';
import type { ApiList, ApiObject } from '../api/object.ts';
import { resourcePath, type Resource } from '../api/resource.ts';
import type { Invocation } from '../command.ts';
import { CommandError, isNotFound } from '../errors.ts';
import { isOpenShift3 } from './era.ts';

const GROUP = 'rbac.authorization.k8s.io';

interface Subject {
  kind: string;
  apiGroup?: string;
  name: string;
  namespace?: string;
}

interface Binding extends ApiObject {
  subjects?: Subject[];
  roleRef: { apiGroup: string; kind: string; name: string };
}

export interface Grant {
  adds: boolean;
  /** For all projects. */
  cluster: boolean;
  /** Of whom the arguments are names. */
  subject: 'User' | 'Group';
}

/** One change of the bindings of a role. */
interface Change {
  role: string;
  roleKind: 'ClusterRole' | 'Role';
  /** Undefined for bindings of the whole cluster. */
  namespace: string | undefined;
  /** '' for any, and for a new name. */
  bindingName: string;
  subjects: Subject[];
  /** As messages list them. */
  targets: string[];
}

/** `add-role-to-user` and its like. */
export async function changeRole(invocation: Invocation, grant: Grant): Promise<number> {
  const { flags, session } = invocation;
  const { role, subjects, targets } = await readTargets(invocation, grant, 'role');
  const { name: current } = await session.namespace();
  const own = flags.string('role-namespace');
  if (!grant.cluster && own !== '' && own !== current) {
    throw new CommandError(
      `role binding in namespace ${JSON.stringify(current)} can't reference role in different namespace ${JSON.stringify(own)}`,
    );
  }
  const change: Change = {
    role,
    roleKind: !grant.cluster && own !== '' ? 'Role' : 'ClusterRole',
    namespace: grant.cluster ? undefined : current,
    bindingName: flags.string('rolebinding-name'),
    subjects,
    targets,
  };
  if (grant.adds) await addSubjects(invocation, change, true);
  else await removeSubjects(invocation, change);
  return 0;
}

/** `add-scc-to-user` and its like: a constraint is given through the cluster role of its name. */
export async function changeScc(invocation: Invocation, grant: Grant): Promise<number> {
  const { flags, session } = invocation;
  const { role: scc, subjects } = await readTargets(invocation, grant, 'scc');
  const namespace = await session.namespace();
  const role = `system:openshift:scc:${scc}`;
  const change: Change = {
    role,
    roleKind: 'ClusterRole',
    namespace: namespace.explicit ? namespace.name : undefined,
    bindingName: role,
    subjects,
    targets: subjects.map(({ name }) => name),
  };
  const said = isOpenShift3(invocation.io) ? { scc } : {};
  if (!grant.adds) {
    await removeSubjects(invocation, change, said);
    return 0;
  }
  if (flags.string('dry-run') === 'none') await ensureRole(await session.client(), role, scc);
  await addSubjects(invocation, change, false, said);
  return 0;
}

async function readTargets(
  { args, flags, session }: Invocation,
  { subject }: Grant,
  what: 'role' | 'scc',
): Promise<{ role: string; subjects: Subject[]; targets: string[] }> {
  const [role, ...names] = args;
  const accounts = flags.list('serviceaccount');
  if (subject === 'Group' && (role === undefined || names.length === 0)) {
    throw new CommandError(`you must specify at least two arguments: <${what}> <group> [group]...`);
  }
  if (role === undefined) throw new CommandError(`you must specify a ${what}`);
  if (names.length === 0 && accounts.length === 0)
    throw new CommandError('you must specify at least one user or service account');
  const { name: namespace } = await session.namespace();
  for (const account of accounts) {
    if (account.startsWith('system:serviceaccount')) {
      throw new CommandError(
        '--serviceaccount (-z) should only be used with short-form serviceaccount names (e.g. `default`)',
      );
    }
  }
  const subjects = [
    ...names.map((name) => toSubject(subject, name)),
    ...accounts.map((name) => ({ kind: 'ServiceAccount', name, namespace })),
  ];
  return { role, subjects, targets: [...names, ...accounts] };
}

/** `system:serviceaccount:NAMESPACE:NAME` is an account and no user. */
function toSubject(kind: Grant['subject'], name: string): Subject {
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name);
  if (account) return { kind: 'ServiceAccount', name: account[2] ?? '', namespace: account[1] ?? '' };
  return { kind, apiGroup: GROUP, name };
}

const isSame = (one: Subject, other: Subject) =>
  one.kind === other.kind && one.name === other.name && (one.namespace ?? '') === (other.namespace ?? '');

function resourceOf(name: string, namespaced: boolean): Resource {
  return { group: GROUP, version: 'v1', name, namespaced } as Resource;
}

const bindingsOf = (namespace: string | undefined) =>
  resourceOf(namespace === undefined ? 'clusterrolebindings' : 'rolebindings', namespace !== undefined);

async function get<Answer>(client: Client, path: string): Promise<Answer | undefined> {
  try {
    return await client.json<Answer>('GET', path);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function listBindings(client: Client, { role, roleKind, namespace }: Change): Promise<Binding[]> {
  const list = await client.json<ApiList>('GET', resourcePath(bindingsOf(namespace), namespace));
  return ((list.items ?? []) as Binding[]).filter(({ roleRef }) => roleRef.name === role && roleRef.kind === roleKind);
}

async function ensureRole(client: Client, name: string, scc: string): Promise<void> {
  const roles = resourceOf('clusterroles', false);
  if (await get(client, resourcePath(roles, undefined, name))) return;
  const rule = {
    verbs: ['use'],
    apiGroups: ['security.openshift.io'],
    resources: ['securitycontextconstraints'],
    resourceNames: [scc],
  };
  const body = { kind: 'ClusterRole', apiVersion: `${GROUP}/v1`, metadata: { name }, rules: [rule] };
  await client.json('POST', resourcePath(roles, undefined), { body });
}

async function addSubjects(
  invocation: Invocation,
  change: Change,
  warns: boolean,
  said: { scc?: string } = {},
): Promise<void> {
  const { flags, session } = invocation;
  const client = await session.client();
  const { role, roleKind, namespace, bindingName, subjects } = change;
  const resource = bindingsOf(namespace);
  const named =
    bindingName === '' ? undefined : await get<Binding>(client, resourcePath(resource, namespace, bindingName));
  if (named && named.roleRef.name !== role) {
    throw new CommandError(`rolebinding ${bindingName} found for role ${named.roleRef.name}, not ${role}`);
  }
  const missing = (binding: Binding) =>
    subjects.filter((each) => !(binding.subjects ?? []).some((old) => isSame(old, each)));
  if (bindingName === '') {
    const bindings = await listBindings(client, change);
    if (bindings.some((binding) => missing(binding).length === 0)) return say(invocation, change, 'added', said);
  }
  const added = named ? missing(named) : subjects;
  if (warns) await warnOfMissing(invocation, client, change, added);
  if (flags.string('dry-run') !== 'client') {
    if (named) {
      const body = { ...named, subjects: [...(named.subjects ?? []), ...added] };
      await client.json('PUT', resourcePath(resource, namespace, bindingName), { body });
    } else {
      const name = bindingName || (await freeName(client, change));
      const kind = namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding';
      const roleRef = { apiGroup: GROUP, kind: roleKind, name: role };
      await client.json('POST', resourcePath(resource, namespace), {
        body: { kind, apiVersion: `${GROUP}/v1`, metadata: { name }, subjects, roleRef },
        subject: { resource: resource.name },
      });
    }
  }
  say(invocation, change, 'added', said);
}

/** The name of the role, or the first free one of `ROLE-0`, `ROLE-1` … */
async function freeName(client: Client, { role, namespace }: Change): Promise<string> {
  const list = await client.json<ApiList>('GET', resourcePath(bindingsOf(namespace), namespace));
  const taken = new Set((list.items ?? []).map(({ metadata }) => metadata?.name));
  if (!taken.has(role)) return role;
  for (let number = 0; ; number++) if (!taken.has(`${role}-${number}`)) return `${role}-${number}`;
}

async function warnOfMissing(
  { io }: Invocation,
  client: Client,
  { role, roleKind, namespace }: Change,
  added: readonly Subject[],
): Promise<void> {
  const roles = roleKind === 'Role' ? resourceOf('roles', true) : resourceOf('clusterroles', false);
  if (!(await get(client, resourcePath(roles, namespace, role)))) {
    io.stderr.write(`Warning: role '${role}' not found\n`);
  }
  const core = (name: string) => ({ ...roles, group: '', name, namespaced: true });
  const users = (name: string) => ({ ...roles, group: 'user.openshift.io', name, namespaced: false });
  for (const { kind, name, namespace: home } of added) {
    const resource = kind === 'ServiceAccount' ? core('serviceaccounts') : users(`${kind.toLowerCase()}s`);
    if (!(await get(client, resourcePath(resource, home, name)))) {
      io.stderr.write(`Warning: ${kind} '${name}' not found\n`);
    }
  }
}

async function removeSubjects(invocation: Invocation, change: Change, said: { scc?: string } = {}): Promise<void> {
  const { flags, session } = invocation;
  const client = await session.client();
  const { role, roleKind, namespace, bindingName, subjects, targets } = change;
  const resource = bindingsOf(namespace);
  let bindings: Binding[];
  if (bindingName === '') {
    bindings = await listBindings(client, change);
    const kind = namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding';
    if (bindings.length === 0) {
      throw new CommandError(`unable to locate any ${kind} for ${roleKind} ${JSON.stringify(role)}`);
    }
  } else {
    const named = await client.json<Binding>('GET', resourcePath(resource, namespace, bindingName), {
      subject: { resource: resource.name, name: bindingName },
    });
    if (named.roleRef.name !== role) {
      throw new CommandError(`rolebinding ${bindingName} contains role ${named.roleRef.name}, instead of role ${role}`);
    }
    bindings = [named];
  }
  const isRemoved = (each: Subject) => subjects.some((subject) => isSame(subject, each));
  const found = bindings.flatMap((binding) => binding.subjects ?? []).some(isRemoved);
  if (flags.string('dry-run') !== 'client') {
    for (const binding of bindings) {
      const left = (binding.subjects ?? []).filter((each) => !isRemoved(each));
      const path = resourcePath(resource, namespace, binding.metadata?.name);
      if (left.length > 0) await client.json('PUT', path, { body: { ...binding, subjects: left } });
      else await client.json('DELETE', path);
    }
    if (!found) throw new CommandError(`unable to find target [${targets.join(' ')}]`);
  }
  say(invocation, change, 'removed', said);
}

function say(
  { flags, io }: Invocation,
  { role, roleKind, namespace, targets, subjects }: Change,
  operation: 'added' | 'removed',
  { scc }: { scc?: string },
): void {
  const quoted = targets.map((each) => JSON.stringify(each));
  const list = quoted.length === 1 ? quoted[0] : `[${quoted.join(' ')}]`;
  const suffix = flags.string('dry-run') === 'client' ? ' (dry run)' : '';
  if (scc !== undefined) {
    const users = subjects.map(({ kind, name, namespace: home }) =>
      JSON.stringify(kind === 'ServiceAccount' ? `system:serviceaccount:${home}:${name}` : name),
    );
    const verb = operation === 'added' ? 'added to' : 'removed from';
    return void io.stdout.write(`scc ${JSON.stringify(scc)} ${verb}: [${users.join(' ')}]${suffix}\n`);
  }
  const what = isOpenShift3(io)
    ? `${namespace === undefined ? 'cluster role' : 'role'} ${JSON.stringify(role)}`
    : `${roleKind.toLowerCase()}.${GROUP}/${role}`;
  io.stdout.write(`${what} ${operation}: ${list}${suffix}\n`);
}
