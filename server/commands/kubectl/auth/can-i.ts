import type { ApiObject } from '../api/object.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { ALL_NAMESPACES_FLAG } from '../flag-sets.ts';
import { alignColumns, TABLE_OPTIONS } from '../output/tabwriter.ts';

export const canI: Command = {
  usage: 'VERB [TYPE | TYPE/NAME | NONRESOURCEURL]',
  long: 'Says yes or no, and exits with 0 or 1.',
  examples: [
    ['May I make pods here', 'auth can-i create pods'],
    ['What may somebody else', 'auth can-i --list --as=ann'],
  ],
  flags: [
    ALL_NAMESPACES_FLAG,
    { name: 'list', type: 'bool', usage: 'List what is allowed.' },
    { name: 'no-headers', type: 'bool', usage: 'Leave out the line with the names of the columns.' },
    { name: 'quiet', short: 'q', type: 'bool', usage: 'Only the exit status.' },
    { name: 'subresource', type: 'string', usage: 'Subresource, as log or scale.' },
  ],
  async run(invocation) {
    return invocation.flags.bool('list') ? list(invocation) : check(invocation);
  },
};

interface Review extends ApiObject {
  status?: { allowed?: boolean; denied?: boolean; reason?: string; evaluationError?: string };
}

/** kubectl/pkg/cmd/auth/cani.go, resourceVerbs. */
const KNOWN_VERBS = new Set(
  '* get list watch create update patch delete deletecollection use bind impersonate escalate proxy approve attest sign'.split(
    ' ',
  ),
);

async function check(invocation: Invocation): Promise<number> {
  const { flags, args, io, session } = invocation;
  const quiet = flags.bool('quiet');
  const [verb, word, name] = args;
  if (verb === undefined || word === undefined || args.length > 3) {
    throw new CommandError(
      "you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.",
    );
  }
  const namespace = flags.bool('all-namespaces') ? '' : (await session.namespace()).name;
  if (!KNOWN_VERBS.has(verb) && !word.startsWith('/'))
    io.stderr.write(`Warning: verb '${verb}' is not a known verb\n\n`);
  const spec = word.startsWith('/')
    ? { nonResourceAttributes: { path: word, verb } }
    : { resourceAttributes: await resourceAttributes(invocation, verb, word, name, namespace) };
  const client = await session.client();
  const review = await client.json<Review>('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
    body: { kind: 'SelfSubjectAccessReview', apiVersion: 'authorization.k8s.io/v1', metadata: {}, spec },
  });
  const { allowed = false, reason, evaluationError } = review.status ?? {};
  if (!quiet) {
    let text = allowed ? 'yes' : 'no';
    if (reason && !allowed) text += ` - ${reason}`;
    if (evaluationError) text += ` - ${evaluationError}`;
    io.stdout.write(`${text}\n`);
  }
  return allowed ? 0 : 1;
}

async function resourceAttributes(
  { flags, session, io }: Invocation,
  verb: string,
  word: string,
  name: string | undefined,
  namespace: string,
) {
  const [type = '', inline] = word.split('/');
  const rest = { verb, name: inline ?? name, subresource: flags.string('subresource') || undefined };
  if (type === '*') return { ...rest, namespace, group: '*', resource: '*' };
  try {
    const resource = await (await session.discovery()).find(type);
    if (!resource.namespaced && namespace !== '') {
      session.warn(
        `resource '${resource.name}' is not namespace scoped${resource.group ? ` in group '${resource.group}'` : ''}\n`,
      );
    }
    return {
      ...rest,
      namespace: resource.namespaced ? namespace : '',
      group: resource.group,
      version: resource.version,
      resource: resource.name,
    };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const [name = '', ...group] = type.split('.');
    io.stderr.write(
      group.length === 0
        ? `Warning: the server doesn't have a resource type '${name}'\n\n`
        : `Warning: the server doesn't have a resource type '${name}' in group '${group.join('.')}'\n\n`,
    );
    return { ...rest, namespace, group: group.join('.'), resource: name };
  }
}

interface Rule {
  verbs: string[];
  apiGroups?: string[];
  resources?: string[];
  resourceNames?: string[];
  nonResourceURLs?: string[];
}

interface Rules {
  status?: { resourceRules?: Rule[]; nonResourceRules?: Rule[] };
}

async function list({ flags, io, session }: Invocation): Promise<number> {
  const client = await session.client();
  const namespace = (await session.namespace()).name;
  const { status = {} } = await client.json<Rules>('POST', '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', {
    body: { kind: 'SelfSubjectRulesReview', apiVersion: 'authorization.k8s.io/v1', metadata: {}, spec: { namespace } },
  });
  const rules = [...breakDown(status.resourceRules ?? []), ...breakDown(status.nonResourceRules ?? [])];
  const bracket = (words: readonly string[] = []) => `[${words.join(' ')}]`;
  const rows = sortRules(rules).map(({ verbs, apiGroups = [], resources = [], resourceNames, nonResourceURLs }) => [
    resources.map((resource) => [resource, ...apiGroups].filter((part) => part !== '').join('.')).join(''),
    bracket(nonResourceURLs),
    bracket(resourceNames),
    bracket(verbs),
  ]);
  const header = flags.bool('no-headers') ? [] : [['Resources', 'Non-Resource URLs', 'Resource Names', 'Verbs']];
  io.stdout.write(alignColumns([...header, ...rows].map((cells) => `${cells.join('\t')}\n`).join(''), TABLE_OPTIONS));
  return 0;
}

/**
 * One rule for each resource or URL; those of one resource and the same names become one with all their verbs.
 * component-helpers/auth/rbac/validation, BreakdownRule; pkg/apis/rbac/v1, CompactRules.
 */
function breakDown(rules: readonly Rule[]): Rule[] {
  const single = rules.flatMap(({ verbs, apiGroups = [''], resources = [], resourceNames, nonResourceURLs = [] }) => [
    ...apiGroups.flatMap((group) =>
      resources.map((resource): Rule => ({ verbs, apiGroups: [group], resources: [resource], resourceNames })),
    ),
    ...nonResourceURLs.map((url): Rule => ({ verbs, nonResourceURLs: [url] })),
  ]);
  const compact = new Map<string, Rule>();
  return single.filter((rule) => {
    if (rule.resources === undefined) return true;
    const key = JSON.stringify([rule.apiGroups, rule.resources, rule.resourceNames ?? []]);
    const before = compact.get(key);
    if (before) before.verbs = [...new Set([...before.verbs, ...rule.verbs])];
    else compact.set(key, rule);
    return before === undefined;
  });
}

/** By their text, as Go prints the message of a rule (SortableRuleSlice). */
function sortRules(rules: readonly Rule[]): Rule[] {
  const list = (words: readonly string[] = []) => `[${words.join(' ')}]`;
  const text = (rule: Rule) =>
    `Verbs:${list(rule.verbs)},APIGroups:${list(rule.apiGroups)},Resources:${list(rule.resources)},` +
    `ResourceNames:${list(rule.resourceNames)},NonResourceURLs:${list(rule.nonResourceURLs)},`;
  const keyed = rules.map((rule) => ({ rule, key: text(rule) }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ rule }) => rule);
}
