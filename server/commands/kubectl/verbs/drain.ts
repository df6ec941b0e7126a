import type { ApiList } from '../api/object.ts';
import { resourcePath } from '../api/resource.ts';
import { dryRunOf } from '../change.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError, isNotFound, PlainError, StatusError } from '../errors.ts';
import { DRY_RUN_FLAG, SELECTOR_FLAG } from '../flag-sets.ts';
import { findNodes } from '../node-targets.ts';
import { POD_RESOURCE, type Pod } from '../pods.ts';
import { waitUntilGone } from '../wait-gone.ts';
import { setUnschedulable } from './cordon.ts';

export const command: Command = {
  usage: 'NODE',
  long: 'Empties nodes: keeps new pods off them and evicts those that run there.',
  examples: [['With all that may be there', 'drain node-1 --ignore-daemonsets --delete-emptydir-data']],
  flags: [
    DRY_RUN_FLAG,
    SELECTOR_FLAG,
    { name: 'chunk-size', type: 'int', default: '500', usage: 'Accepted; pods are listed at once.' },
    { name: 'delete-emptydir-data', type: 'bool', usage: 'Also evict pods whose emptyDir volumes are lost with them.' },
    { name: 'disable-eviction', type: 'bool', usage: 'Delete instead of evicting, past disruption budgets.' },
    { name: 'force', type: 'bool', usage: 'Also evict pods that nothing will start again.' },
    {
      name: 'grace-period',
      type: 'int',
      default: '-1',
      usage: 'Seconds that pods have to end; negative for their own.',
    },
    { name: 'ignore-daemonsets', type: 'bool', usage: 'Leave pods of daemon sets where they are.' },
    { name: 'pod-selector', type: 'string', usage: 'Only pods with these labels.' },
    { name: 'skip-wait-for-delete-timeout', type: 'int', usage: 'Accepted; every pod is waited for.' },
    { name: 'timeout', type: 'duration', default: '0s', usage: 'How long to wait; 0 for ever.' },
  ],
  run,
};

/** kubectl/pkg/cmd/drain/drain.go, RunDrain. */
async function run(invocation: Invocation): Promise<number> {
  const { io } = invocation;
  const nodes = await findNodes(invocation);
  for (const each of nodes) await setUnschedulable(invocation, each, true);
  const dryRun = dryRunOf(invocation);
  const suffix = dryRun === 'client' ? ' (dry run)' : dryRun === 'server' ? ' (server dry run)' : '';
  const failures: { node: string; errors: string[] }[] = [];
  for (const { node } of nodes) {
    const name = node.metadata?.name ?? '';
    const errors = await emptyNode(invocation, name);
    if (errors.length === 0) {
      io.stdout.write(`node/${name} drained${suffix}\n`);
      continue;
    }
    failures.push({ node: name, errors });
    const said = errors.length === 1 ? (errors[0] ?? '') : `[${errors.join(', ')}]`;
    io.stderr.write(
      `error: unable to drain node ${JSON.stringify(name)} due to error: ${said}, continuing command...\n`,
    );
  }
  if (failures.length === 0) return 0;
  io.stderr.write(`There are pending nodes to be drained:\n${failures.map(({ node }) => ` ${node}\n`).join('')}`);
  throw new PlainError(failures.flatMap(({ errors }) => errors).join('\n'));
}

/** @returns why it cannot be done; nothing when it is done. */
async function emptyNode(invocation: Invocation, node: string): Promise<string[]> {
  const { flags, io, session } = invocation;
  const client = await session.client();
  const list = await client.json<ApiList>('GET', '/api/v1/pods', {
    query: { fieldSelector: `spec.nodeName=${node}`, labelSelector: flags.string('pod-selector') || undefined },
  });
  const { leaving, errors, warnings } = judgePods(invocation, (list.items ?? []) as Pod[]);
  if (errors.length > 0) return errors;
  if (warnings.length > 0) io.stderr.write(`Warning: ${warnings.join('; ')}\n`);
  const dryRun = dryRunOf(invocation);
  const deadline = flags.duration('timeout') > 0 ? Date.now() + flags.duration('timeout') : Infinity;
  if (dryRun !== 'none') {
    const suffix = dryRun === 'client' ? 'dry run' : 'server dry run';
    for (const pod of leaving) io.stdout.write(`evicting pod ${nameOf(pod)} (${suffix})\n`);
    return [];
  }
  const outcomes = await Promise.all(leaving.map((pod) => removePod(invocation, pod, deadline)));
  return outcomes.filter((outcome) => outcome !== null);
}

interface Judgement {
  leaving: Pod[];
  errors: string[];
  warnings: string[];
}

/** kubectl/pkg/drain/filters.go: each filter in turn, the first that keeps a pod decides. */
function judgePods({ flags }: Invocation, pods: readonly Pod[]): Judgement {
  const leaving: Pod[] = [];
  const refused = new Map<string, string[]>();
  const warned = new Map<string, string[]>();
  const note = (map: Map<string, string[]>, message: string, pod: Pod) =>
    map.set(message, [...(map.get(message) ?? []), nameOf(pod)]);
  for (const pod of pods) {
    const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller);
    const ended = ['Succeeded', 'Failed'].includes(pod.status?.phase ?? '');
    const volumes = (pod.spec.volumes ?? []) as { emptyDir?: object }[];
    if (owner?.kind === 'DaemonSet' && !ended) {
      if (flags.bool('ignore-daemonsets')) note(warned, 'ignoring DaemonSet-managed Pods', pod);
      else note(refused, 'cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)', pod);
    } else if (pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) {
      continue;
    } else if (!ended && volumes.some(({ emptyDir }) => emptyDir) && !flags.bool('delete-emptydir-data')) {
      note(refused, 'cannot delete Pods with local storage (use --delete-emptydir-data to override)', pod);
    } else if (!ended && !owner && !flags.bool('force')) {
      note(refused, 'cannot delete Pods that declare no controller (use --force to override)', pod);
    } else {
      if (!ended && !owner) note(warned, 'deleting Pods that declare no controller', pod);
      leaving.push(pod);
    }
  }
  const render = (map: Map<string, string[]>) => [...map].map(([message, names]) => `${message}: ${names.join(', ')}`);
  return { leaving, errors: render(refused), warnings: render(warned) };
}

function nameOf({ metadata }: Pod): string {
  return `${metadata.namespace ?? ''}/${metadata.name ?? ''}`;
}

/** Upstream's pause before it asks again for an eviction that a disruption budget held up. */
const RETRY_MS = 5000;

/** @returns why not, null when the pod is gone. */
async function removePod(invocation: Invocation, pod: Pod, deadline: number): Promise<string | null> {
  const { flags, io, session } = invocation;
  const { name = '', namespace = '', uid } = pod.metadata;
  const client = await session.client();
  const grace = flags.int('grace-period');
  const deleteOptions = grace >= 0 ? { gracePeriodSeconds: grace } : {};
  const evicting = !flags.bool('disable-eviction');
  for (;;) {
    if (evicting) io.stdout.write(`evicting pod ${nameOf(pod)}\n`);
    try {
      const path = resourcePath(POD_RESOURCE, namespace, name, evicting ? 'eviction' : undefined);
      const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace }, deleteOptions };
      await client.json(evicting ? 'POST' : 'DELETE', path, {
        body: evicting ? eviction : deleteOptions,
        subject: { resource: 'pods', name },
      });
      break;
    } catch (error) {
      if (isNotFound(error)) break;
      if (!(error instanceof StatusError)) throw error;
      const message = error.status.message ?? '';
      if (error.reason !== 'TooManyRequests')
        return `error when evicting pods/${JSON.stringify(name)} -n ${JSON.stringify(namespace)}: ${message}`;
      io.stderr.write(
        `error when evicting pods/${JSON.stringify(name)} -n ${JSON.stringify(namespace)} (will retry after 5s): ${message}\n`,
      );
      if (Date.now() + RETRY_MS > deadline) return `global timeout reached: ${flags.string('timeout')}`;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
  const left = deadline === Infinity ? 0 : Math.max(1, deadline - Date.now());
  const gone = await waitUntilGone(client, { target: { resource: POD_RESOURCE, namespace, name }, uid }, left);
  if (!gone)
    throw new CommandError(
      `error when waiting for pod ${JSON.stringify(name)} in namespace ${JSON.stringify(namespace)} to terminate: global timeout reached: ${flags.string('timeout')}`,
    );
  io.stdout.write(`pod/${name} ${evicting ? 'evicted' : 'deleted'}\n`);
  return null;
}
