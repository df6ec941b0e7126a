import { CommandError } from '../kubectl/errors.ts';
import type { Command, Invocation } from './command.ts';
import { parseDump, type EnvoyFilter } from './envoy.ts';
import { inboundChains } from './describe/from-dump.ts';
import { FILE_FLAG, readSource } from './proxy-config/source.ts';
import { renderTable } from './table.ts';

const check: Command = {
  usage: '[<type>/]<name>[.<namespace>]',
  long: 'Prints the AuthorizationPolicies that the proxy of a pod enforces.',
  examples: ['experimental authz check httpbin-88ddbcfdd-nt5jb'],
  flags: [FILE_FLAG],
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
  const dump = parseDump(await readSource(invocation, 'config_dump'));
  if (dump.listeners.length === 0) throw new CommandError('no listeners found');
  const rules = new Map<string, Map<string, Set<string>>>();
  const add = (action: string, policy: string, rule: string): void => {
    const policies = rules.get(action) ?? new Map<string, Set<string>>();
    policies.set(policy, (policies.get(policy) ?? new Set()).add(rule));
    rules.set(action, policies);
  };
  const filters = inboundChains(dump).flatMap(({ filters: own = [] }) =>
    own.flatMap((filter): EnvoyFilter[] => [filter, ...(filter.typed_config?.http_filters ?? [])]),
  );
  for (const { name, typed_config: config } of filters) {
    if (!/^envoy\.filters\.(http|network)\.rbac$/.test(name) || config?.rules === undefined) continue;
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
  invocation.io.stdout.write(renderTable([['ACTION', 'AuthorizationPolicy', 'RULES'], ...rows], 3));
  return 0;
}
