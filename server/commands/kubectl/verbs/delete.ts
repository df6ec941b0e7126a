import type { ApiObject } from '../api/object.ts';
import { kindWord, resourcePath } from '../api/resource.ts';
import { dryRunOf } from '../change.ts';
import type { Command, Invocation } from '../command.ts';
import { addSource, CommandError, isNotFound } from '../errors.ts';
import {
  ALL_NAMESPACES_FLAG,
  DELETE_FLAGS,
  DRY_RUN_FLAG,
  FIELD_SELECTOR_FLAG,
  fileFlags,
  SELECTOR_FLAG,
} from '../flag-sets.ts';
import { readLine } from '../io.ts';
import { hasChanged } from '../release.ts';
import { findTargets, forEachTarget, listTarget, type Target } from '../targets.ts';
import { waitUntilGone, type Gone } from '../wait-gone.ts';

export const command: Command = {
  usage: '([-f FILENAME] | [-k DIRECTORY] | TYPE [(NAME | -l label | --all)])',
  long: 'Deletes objects and waits until they are gone. Pods are given time to end.',
  examples: [
    ['What a file made', 'delete -f web.yaml'],
    ['By name', 'delete pod,service web'],
    ['By label', 'delete pods,services -l app=web'],
    ['With little time to end', 'delete pod web --now'],
    ['All pods of the namespace', 'delete pods --all'],
  ],
  flags: [
    ...fileFlags('with the objects to delete'),
    ...DELETE_FLAGS,
    ALL_NAMESPACES_FLAG,
    DRY_RUN_FLAG,
    SELECTOR_FLAG,
    FIELD_SELECTOR_FLAG,
    { name: 'all', type: 'bool', usage: 'All objects of the given types in the namespace.' },
    { name: 'ignore-not-found', type: 'bool', usage: 'Succeed when an object is not there; the default with --all.' },
    { name: 'interactive', short: 'i', type: 'bool', usage: 'Ask before deleting.' },
    { name: 'now', type: 'bool', usage: 'As --grace-period=1.' },
    { name: 'output', short: 'o', type: 'string', usage: 'name prints only kind and name.' },
    { name: 'raw', type: 'string', usage: 'Path to send DELETE to.' },
    { name: 'wait', type: 'bool', default: 'true', usage: 'Return when the objects are gone.' },
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { flags, io, session } = invocation;
  if (flags.string('raw') !== '') {
    io.stdout.write(await (await session.client()).text('DELETE', flags.string('raw')));
    return 0;
  }
  checkFlags(invocation);
  const targets = await findTargets(invocation, { allNamespaces: flags.bool('all-namespaces') });
  if (flags.bool('interactive') && !(await confirm(invocation, targets))) {
    io.stdout.write('deletion is cancelled\n');
    return 0;
  }
  const deleted = await deleteTargets(invocation, targets);
  if (deleted === 0) io.stdout.write('No resources found\n');
  return 0;
}

/** kubectl/pkg/cmd/delete/delete.go, Complete and Validate. */
function checkFlags({ flags, io }: Invocation): void {
  const cascade = flags.string('cascade');
  if (cascade === 'true' || cascade === 'false') {
    const instead = cascade === 'true' ? 'background' : 'orphan';
    io.stderr.write(
      `warning: --cascade=${cascade} is deprecated (boolean value) and can be replaced with --cascade=${instead}.\n`,
    );
  }
  const output = flags.string('output');
  if (output !== '' && output !== 'name')
    throw new CommandError(`unexpected -o output mode: ${output}. We only support '-o name'`);
  const grace = flags.int('grace-period');
  if (flags.bool('now') && grace !== -1)
    throw new CommandError('--now and --grace-period cannot be specified together');
  if (grace === 0 && !flags.bool('force') && !flags.bool('now') && flags.bool('wait') && flags.changed('grace-period'))
    return;
  if (flags.bool('force') && grace > 0)
    throw new CommandError('--force and --grace-period greater than 0 cannot be specified together');
  if (flags.bool('force')) {
    io.stderr.write(
      'Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.\n',
    );
  }
}

/** kubectl/pkg/cmd/delete/delete.go, confirmation: anything but a y is a no. */
async function confirm(invocation: Invocation, targets: Target[]): Promise<boolean> {
  const { io } = invocation;
  const names: string[] = [];
  await forEachTarget(targets, async (target) => {
    for (const { resource, name = '' } of await namesOf(invocation, target)) {
      names.push(`${kindWord(resource.kind, resource.group)}/${name}\n`);
    }
  });
  io.stdout.write(`You are about to delete the following ${names.length} resource(s):\n${names.join('')}`);
  io.stdout.write('Do you want to continue? (y/N): ');
  return (await readLine(io.stdin)).trim().toLowerCase() === 'y';
}

/**
 * Deletes, says so, and waits.
 * @param operation what is said of each.
 * @returns how many objects were there.
 */
export async function deleteTargets(
  invocation: Invocation,
  targets: Target[],
  operation = invocation.flags.bool('force') ? 'force deleted' : 'deleted',
): Promise<number> {
  const { flags } = invocation;
  const gone: Gone[] = [];
  let count = 0;
  const all = flags.has('all') && flags.bool('all');
  const ignoreNotFound =
    flags.has('ignore-not-found') && (flags.changed('ignore-not-found') ? flags.bool('ignore-not-found') : all);
  await forEachTarget(targets, async (target) => {
    const names = await namesOf(invocation, target);
    for (const each of names) {
      try {
        gone.push(await deleteOne(invocation, each, operation));
        count++;
      } catch (error) {
        if (!(ignoreNotFound && isNotFound(error))) throw error;
        count++;
      }
    }
  }).finally(() => waitForAll(invocation, gone));
  return count;
}

/** A collection as its objects, one by one. */
async function namesOf(invocation: Invocation, target: Target): Promise<Target[]> {
  if (target.name !== undefined) return [target];
  const objects = await listTarget(invocation, target);
  return objects.map(({ metadata = {} }) => ({
    resource: target.resource,
    namespace: target.resource.namespaced ? (metadata.namespace ?? target.namespace) : '',
    name: metadata.name ?? '',
  }));
}

async function deleteOne(invocation: Invocation, target: Target, operation: string): Promise<Gone> {
  const { session } = invocation;
  const { resource, namespace, name = '', source } = target;
  const dryRun = dryRunOf(invocation);
  let uid: string | undefined;
  if (dryRun !== 'client') {
    const client = await session.client();
    try {
      const answer = await client.json<ApiObject & { details?: { uid?: string } }>(
        'DELETE',
        resourcePath(resource, namespace, name),
        {
          body: deleteOptions(invocation),
          query: { dryRun: dryRun === 'server' ? 'All' : undefined },
          subject: { resource: resource.name, name },
        },
      );
      uid = answer.kind === 'Status' ? answer.details?.uid : answer.metadata?.uid;
    } catch (error) {
      throw addSource(error, 'deleting', source);
    }
  }
  say(invocation, target, operation);
  return { target, uid };
}

/** `true` and `false` are of old times. */
const POLICIES: Readonly<Record<string, string>> = {
  background: 'Background',
  foreground: 'Foreground',
  orphan: 'Orphan',
  true: 'Background',
  false: 'Orphan',
};

function deleteOptions({ flags }: Invocation): Record<string, unknown> {
  const cascade = flags.string('cascade');
  const policy = POLICIES[cascade];
  if (!policy) {
    throw new CommandError(`invalid cascade value (${cascade}). Must be "background", "foreground", or "orphan"`);
  }
  const now = flags.has('now') && flags.bool('now');
  const grace = now ? 1 : flags.bool('force') && flags.int('grace-period') < 0 ? 0 : flags.int('grace-period');
  return { propagationPolicy: policy, ...(grace >= 0 ? { gracePeriodSeconds: grace } : {}) };
}

function say(invocation: Invocation, { resource, namespace, name = '' }: Target, operation: string): void {
  const { flags, io } = invocation;
  if (flags.has('quiet') && flags.bool('quiet')) return;
  const word = kindWord(resource.kind, resource.group);
  if (flags.string('output') === 'name') {
    io.stdout.write(`${word}/${name}\n`);
    return;
  }
  const dryRun = dryRunOf(invocation);
  const suffix = dryRun === 'client' ? ' (dry run)' : dryRun === 'server' ? ' (server dry run)' : '';
  const named = namespace !== '' && hasChanged(io, 'delete names the namespace');
  const from = named ? ` from ${namespace} namespace` : '';
  io.stdout.write(`${word} ${JSON.stringify(name)} ${operation}${from}${suffix}\n`);
}

async function waitForAll(invocation: Invocation, gone: readonly Gone[]): Promise<void> {
  const { flags } = invocation;
  if (dryRunOf(invocation) !== 'none' || !flags.has('wait') || !flags.bool('wait')) return;
  const limit = flags.duration('timeout');
  for (const each of gone) {
    if (await waitUntilGone(await invocation.session.client(), each, limit)) continue;
    throw new CommandError(
      `timed out waiting for the condition on ${each.target.resource.name}/${each.target.name ?? ''}`,
    );
  }
}
