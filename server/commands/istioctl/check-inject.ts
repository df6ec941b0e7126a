import { CommandError } from '../kubectl/errors.ts';
import type { Command, Invocation } from './command.ts';
import { printUsage } from './help.ts';
import { getPod, inferPod } from './pods.ts';
import { getObject } from './resources.ts';
import { listWebhooks, matches, REVISION, type Labels, type LabelSelector, type Webhook } from './webhooks.ts';

export const command: Command = {
  usage: '[<type>/]<name>[.<namespace>]',
  long: 'Says for each injector whether a pod was or would be injected by it, and which label says so.',
  examples: ['experimental check-inject deployment/details-v1 -n test', 'experimental check-inject -n test -l app=web'],
  flags: [{ name: 'labels', short: 'l', type: 'string', usage: 'Labels of a pod that is yet to come, as KEY=VALUE,…' }],
  run,
};

/** istioctl/pkg/checkinject/checkinject.go */
async function run(invocation: Invocation): Promise<number> {
  const { args, flags, io, session } = invocation;
  const told = flags.string('labels');
  const [word] = args;
  if (args.length > 1 || (word === undefined && told === '')) {
    printUsage(invocation);
    throw new CommandError(
      'check-inject requires only [<resource-type>/]<resource-name>[.<namespace>], or specify labels flag',
    );
  }
  let labels: Labels;
  let namespace: string;
  if (word === undefined) {
    labels = Object.fromEntries(told.split(',').map((pair) => pair.split('=') as [string, string]));
    ({ name: namespace } = await session.namespace());
  } else {
    const pod = await inferPod(invocation, word);
    labels = (await getPod(session, pod)).metadata.labels ?? {};
    ({ namespace } = pod);
  }
  const around = (await getObject(session, 'namespaces', '', namespace)).metadata.labels ?? {};
  const rows = (await listWebhooks(session))
    .filter(({ webhooks = [] }) => webhooks.some(({ name }) => name.endsWith('istio.io')))
    .map(({ metadata, webhooks = [] }) => {
      const { injects, reason } = judge(webhooks, labels, around);
      return { name: metadata.name, revision: metadata.labels?.[REVISION] ?? '', injects, reason };
    });
  if (rows.length === 0) {
    io.stdout.write('ERROR: no Istio injection hooks present.\n');
    return 0;
  }
  const width = (header: string, values: readonly string[]): number =>
    Math.max(...[header, ...values].map(({ length }) => length)) + 2;
  const first = width(
    'WEBHOOK',
    rows.map(({ name }) => name),
  );
  const second = width(
    'REVISION',
    rows.map(({ revision }) => revision),
  );
  io.stdout.write(`${'WEBHOOK'.padEnd(first)}${'REVISION'.padEnd(second)}${'INJECTED'.padEnd(MARK_WIDTH)}REASON\n`);
  for (const { name, revision, injects, reason } of rows) {
    const mark = (injects ? '\u001b[32m✔' : '\u001b[31m✘') + '\u001b[0m' + ' '.repeat(MARK_WIDTH - 1);
    io.stdout.write(`${name.padEnd(first)}${revision.padEnd(second)}${mark}${reason}\n`);
  }
  if (rows.filter(({ injects }) => injects).length > 1) {
    io.stdout.write('ERROR: multiple webhooks will inject, which can lead to errors');
  }
  return 0;
}

/** Upstream counts the bytes of the mark with its colour, twelve, and adds two; it is coloured wherever it goes. */
const MARK_WIDTH = 14;

function judge(webhooks: readonly Webhook[], pod: Labels, namespace: Labels): { injects: boolean; reason: string } {
  for (const { namespaceSelector, objectSelector } of webhooks) {
    const [outer, inner] = [matches(namespaceSelector, namespace), matches(objectSelector, pod)];
    if (outer && inner) {
      const [around, own] = [deciding(namespaceSelector, namespace), deciding(objectSelector, pod)];
      if (around !== '' && own !== '') {
        return { injects: true, reason: `Namespace label ${around} matches, and pod label ${own} matches` };
      }
      if (around !== '') return { injects: true, reason: `Namespace label ${around} matches` };
      if (own !== '') return { injects: true, reason: `Pod label ${own} matches` };
    } else if (outer) {
      const preventing = objectSelector?.matchExpressions?.find(({ key, operator, values = [] }) => {
        const value = pod[key];
        if (value === undefined) return false;
        return operator === 'DoesNotExist' || (operator === 'NotIn' && values.includes(value));
      });
      if (preventing !== undefined) {
        const { key } = preventing;
        return { injects: false, reason: `Pod has ${key}=${pod[key] ?? ''} label, preventing injection` };
      }
    } else if (inner) {
      const value = namespace['istio-injection'];
      if (value !== undefined && value !== 'enabled') {
        return { injects: false, reason: `Namespace has istio-injection=${value} label, preventing injection` };
      }
    }
  }
  const wanted = (selectors: readonly (LabelSelector | undefined)[]): string =>
    selectors
      .flatMap((selector) => selector?.matchExpressions ?? [])
      .filter(({ operator }) => operator === 'In')
      .flatMap(({ key, values = [] }) => values.map((value) => `${key}=${value}`))
      .join(', ');
  const outer = webhooks.map(({ namespaceSelector }) => namespaceSelector);
  // A default revision leaves nothing to the injector beside it.
  const isNever = outer.some((selector) => selector?.matchLabels?.['istio.io/deactivated'] !== undefined);
  if (isNever) {
    return { injects: false, reason: 'The injection webhook is deactivated, and will never match labels.' };
  }
  const inner = wanted(webhooks.map(({ objectSelector }) => objectSelector));
  return { injects: false, reason: `No matching namespace labels (${wanted(outer)}) or pod labels (${inner})` };
}

/** `KEY=VALUE` of the first label that an expression asks for by value. */
function deciding(selector: LabelSelector | undefined, labels: Labels): string {
  const found = selector?.matchExpressions?.find(
    ({ key, operator }) => (operator === 'In' || operator === 'NotIn') && labels[key] !== undefined,
  );
  return found === undefined ? '' : `${found.key}=${labels[found.key] ?? ''}`;
}
