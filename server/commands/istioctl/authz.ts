import { CommandError } from '../kubectl/errors.ts';
import type { Command, Invocation } from './command.ts';
import { accessFilters, isAccessFilter, renderListeners } from './authz-listeners.ts';
import { parseDump, type ConfigDump } from './envoy.ts';
import { inboundChains } from './describe/from-dump.ts';
import { FILE_FLAG, readSource } from './proxy-config/source.ts';
import { printUsage } from './help.ts';
import { inferPod } from './pods.ts';
import { renderTable } from './table.ts';

const check: Command = {
  usage: '[<type>/]<name>[.<namespace>]',
  long: 'Prints the AuthorizationPolicies that the proxy of a pod enforces.',
  examples: ['experimental authz check httpbin-88ddbcfdd-nt5jb'],
  flags: [
    FILE_FLAG,
    { name: 'all', short: 'a', type: 'bool', usage: 'Up to 1.6: also routes, names and protocols', hidden: true },
  ],
  run,
};

/** `istioctl experimental authz` */
export const command: Command = {
  usage: '',
  long: 'Looks at the AuthorizationPolicies that a proxy enforces.',
  subcommands: [{ name: 'check', short: 'Print the policies of a proxy', load: () => Promise.resolve(check) }],
};

const ACTIONS = ['DENY', 'ALLOW', 'LOG'];
const ANONYMOUS = '_anonymous_match_nothing_';

/** istioctl/pkg/authz/listener.go */
async function run(invocation: Invocation): Promise<number> {
  const { args, flags, io, release } = invocation;
  if (args.length > 1) {
    printUsage(invocation);
    throw new CommandError('check requires only <pod-name>[.<pod-namespace>]');
  }
  if (args.length === 0 && flags.string('file') === '') {
    throw new CommandError('expecting pod name or config dump, found: 0');
  }
  const dump = await readConfiguration(invocation);
  if (release.minor < 7) {
    io.stdout.write(renderListeners(dump, release, flags.bool('all')));
    return 0;
  }
  const rules = new Map<string, Map<string, Set<string>>>();
  const add = (action: string, policy: string, rule: string): void => {
    const policies = rules.get(action) ?? new Map<string, Set<string>>();
    policies.set(policy, (policies.get(policy) ?? new Set()).add(rule));
    rules.set(action, policies);
  };
  const filters = inboundChains(dump).flatMap(accessFilters);
  for (const { name, typed_config: config } of filters) {
    if (!isAccessFilter(name) || config?.rules === undefined) continue;
    const { action = 'ALLOW', policies = {} } = config.rules;
    if (Object.keys(policies).length === 0) add(action, ANONYMOUS, '0');
    for (const id of Object.keys(policies)) {
      const [, namespace = '', policy = '', rule = ''] = /^ns\[(.+)\]-policy\[(.+)\]-rule\[(.+)\]$/.exec(id) ?? [];
      add(action, policy === '' ? ANONYMOUS : `${policy}.${namespace}`, rule);
    }
  }
  const rows = ACTIONS.flatMap((action) =>
    [...(rules.get(action) ?? [])]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([policy, own]) => [action, policy, own.size]),
  );
  io.stdout.write(renderTable([['ACTION', 'AuthorizationPolicy', 'RULES'], ...rows], 3));
  return 0;
}

/** What upstream says when a pod has no proxy that could tell. */
async function readConfiguration(invocation: Invocation): Promise<ConfigDump> {
  const { args, flags } = invocation;
  if (flags.string('file') !== '') return parseDump(await readSource(invocation, 'config_dump'));
  const { name, namespace } = await inferPod(invocation, args[0] ?? '');
  try {
    return parseDump(await readSource(invocation, 'config_dump'));
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new CommandError(`failed to get config dump from pod ${name} in ${namespace}`);
  }
}
