import type { ApiObject } from '../api/object.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import type { FlagSpec } from '../flags.ts';
import { CREATE_FLAGS, createFromFlags, nameArgument } from './created.ts';

const RULE_FLAGS: readonly FlagSpec[] = [
  { name: 'resource', type: 'csv', usage: 'Resource that the rule is about, as pods, deployments.apps or pods/log.' },
  { name: 'resource-name', type: 'list', usage: 'Only objects of this name; may be repeated.' },
  { name: 'verb', type: 'csv', usage: 'What may be done with the resources.' },
];

export const role: Command = {
  usage:
    'NAME --verb=verb --resource=resource.group/subresource [--resource-name=resourcename] [--dry-run=server|client|none]',
  examples: [['Look at pods', 'create role reader --verb=get,list,watch --resource=pods']],
  flags: [...CREATE_FLAGS, ...RULE_FLAGS],
  async run(invocation) {
    const { flags } = invocation;
    const name = nameArgument(invocation);
    const verbs = readVerbs(invocation);
    if (flags.list('resource').length === 0) throw new CommandError('at least one resource must be specified');
    const rules = await resourceRules(invocation, verbs);
    const object = { kind: 'Role', apiVersion: 'rbac.authorization.k8s.io/v1', metadata: { name }, rules };
    await createFromFlags(
      invocation,
      { group: 'rbac.authorization.k8s.io', version: 'v1', name: 'roles', namespaced: true },
      object,
      '',
    );
    return 0;
  },
};

export const clusterRole: Command = {
  usage: 'NAME --verb=verb --resource=resource.group [--resource-name=resourcename] [--dry-run=server|client|none]',
  examples: [['Look at nodes', 'create clusterrole node-reader --verb=get,list --resource=nodes']],
  flags: [
    ...CREATE_FLAGS,
    ...RULE_FLAGS,
    { name: 'aggregation-rule', type: 'csv', usage: 'Labels of the cluster roles whose rules are combined.' },
    { name: 'non-resource-url', type: 'csv', usage: 'Path that the rule is about.' },
  ],
  async run(invocation) {
    const name = nameArgument(invocation);
    const object = {
      kind: 'ClusterRole',
      apiVersion: 'rbac.authorization.k8s.io/v1',
      metadata: { name },
      ...(await clusterRules(invocation)),
    };
    await createFromFlags(
      invocation,
      { group: 'rbac.authorization.k8s.io', version: 'v1', name: 'clusterroles', namespaced: false },
      object as ApiObject,
      '',
    );
    return 0;
  },
};

/** kubectl/pkg/cmd/create/create_clusterrole.go. */
async function clusterRules(invocation: Invocation): Promise<Record<string, unknown>> {
  const { flags } = invocation;
  const urls = flags.list('non-resource-url');
  const labels = flags.list('aggregation-rule');
  const others = [flags.list('verb'), flags.list('resource'), flags.list('resource-name'), urls];
  if (labels.length > 0) {
    if (others.some((list) => list.length > 0)) {
      throw new CommandError(
        'aggregation rule must be specified without nonResourceURLs, resources, resourceNames and verbs',
      );
    }
    const matchLabels = Object.fromEntries(
      labels.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
    );
    return { rules: null, aggregationRule: { clusterRoleSelectors: [{ matchLabels }] } };
  }
  const verbs = readVerbs(invocation);
  const named = flags.list('resource').length > 0;
  if (!named && urls.length === 0) throw new CommandError('one of resource or nonResourceURL must be specified');
  if (!named) return { rules: [{ verbs, nonResourceURLs: urls }] };
  const rules = await resourceRules(invocation, verbs);
  return { rules: urls.length > 0 ? [...rules, { verbs, nonResourceURLs: urls }] : rules };
}

const STANDARD_VERBS = new Set(
  '* get delete list create update patch watch proxy deletecollection use bind escalate impersonate'.split(' '),
);

function readVerbs({ flags, io }: Invocation): string[] {
  const verbs = [...new Set(flags.list('verb'))];
  if (verbs.length === 0) throw new CommandError('at least one verb must be specified');
  if (verbs.includes('*')) return ['*'];
  for (const verb of verbs) {
    if (!STANDARD_VERBS.has(verb)) io.stderr.write(`Warning: '${verb}' is not a standard resource verb\n`);
  }
  return verbs;
}

/** One rule for each group of API, resources under the names that the server has for them. */
async function resourceRules({ flags, session }: Invocation, verbs: string[]): Promise<Record<string, unknown>[]> {
  const discovery = await session.discovery();
  const byGroup = new Map<string, string[]>();
  for (const word of flags.list('resource')) {
    const slash = word.indexOf('/');
    const main = slash < 0 ? word : word.slice(0, slash);
    const subresource = slash < 0 ? '' : word.slice(slash);
    if (main === '') throw new CommandError('resource must be specified if apiGroup/subresource specified');
    const { group, name } = main === '*' ? { group: '', name: '*' } : await discovery.find(main);
    const names = byGroup.get(group) ?? [];
    if (!names.includes(name + subresource)) names.push(name + subresource);
    byGroup.set(group, names);
  }
  const resourceNames = flags.list('resource-name');
  return [...byGroup]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([group, resources]) => ({
      verbs,
      apiGroups: [group],
      resources,
      ...(resourceNames.length > 0 ? { resourceNames } : {}),
    }));
}
