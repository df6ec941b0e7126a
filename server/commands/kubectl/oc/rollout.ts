import type { ApiObject } from '../api/object.ts';
import { resourcePath } from '../api/resource.ts';
import { createChangePrinter } from '../change.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { fileFlags, OUTPUT_FLAGS } from '../flag-sets.ts';
import { describeTemplate } from '../describe/pod-template.ts';
import { objectName } from '../output/printer.ts';
import { patchObject } from '../patch-object.ts';
import { findTargets, forEachTarget, getTarget, listTarget, splitPairs, type Target } from '../targets.ts';
import { command as rollout } from '../verbs/rollout.ts';
import {
  CANCELLED,
  DC_RESOURCE,
  ENCODED,
  isTerminated,
  listVersions,
  phaseOf,
  STATUS_REASON,
  versionOf,
  type DeploymentConfig,
} from './deployment-configs.ts';
import { relativeSince } from './relative-time.ts';

/** openshift/oc, pkg/cli/rollout/latest.go. */
const latest: Command = {
  usage: 'DEPLOYMENTCONFIG',
  long: 'Rolls a deployment config out again, as it is now.',
  examples: [['A new version of it', 'rollout latest dc/boards']],
  flags: [
    ...OUTPUT_FLAGS,
    { name: 'again', type: 'bool', usage: 'Without a look at image triggers, which are not simulated anyway.' },
    { name: 'dry-run', type: 'string', default: 'none', bare: 'unchanged', usage: 'none, client or server.' },
  ],
  async run(invocation) {
    const { args, flags, session } = invocation;
    if (args.length !== 1) throw new CommandError('one deployment config name is needed as argument.');
    const { name: namespace } = await session.namespace();
    const name = await configName(invocation, args[0] ?? '');
    const client = await session.client();
    const path = resourcePath(DC_RESOURCE, namespace, name);
    const subject = { resource: DC_RESOURCE.name, name };
    const config = await client.json<DeploymentConfig>('GET', path, { subject });
    if (config.spec?.paused) throw new CommandError('cannot deploy a paused deployment config');
    const version = config.status?.latestVersion ?? 0;
    const running = (await listVersions(client, namespace, name)).find((rc) => versionOf(rc) === version);
    if (running && !isTerminated(running)) {
      throw new CommandError(`#${version} is already in progress (${phaseOf(running)}).`);
    }
    const print = await createChangePrinter(invocation);
    if (flags.string('dry-run') === 'client') {
      print(config, 'rolled out');
      return 0;
    }
    const body = {
      kind: 'DeploymentRequest',
      apiVersion: 'apps.openshift.io/v1',
      name,
      latest: !flags.bool('again'),
      force: true,
    };
    print(await client.json<ApiObject>('POST', `${path}/instantiate`, { body, subject }), 'rolled out');
    return 0;
  },
};

/** `dc/boards`, or the name alone. */
async function configName({ program, session }: Invocation, word: string): Promise<string> {
  const [pair] = splitPairs(program, [word]) ?? [];
  if (!pair) return word;
  const resource = await (await session.discovery()).find(pair[0]);
  if (resource.name !== DC_RESOURCE.name) throw new CommandError(`${pair[1]} is not a deployment config`);
  return pair[1];
}

/** openshift/oc, pkg/cli/rollout/cancel.go. */
const cancel: Command = {
  usage: '(TYPE NAME | TYPE/NAME) [flags]',
  long: 'Gives up the rollout under way; the version before stays.',
  examples: [['The rollout of a deployment config', 'rollout cancel dc/boards']],
  flags: [...OUTPUT_FLAGS, ...fileFlags('that names the deployment configs')],
  async run(invocation) {
    const print = await createChangePrinter(invocation);
    await forEachTarget(await findTargets(invocation), async (target) => {
      const config = (await getTarget(invocation, target)) as DeploymentConfig;
      if (config.kind !== 'DeploymentConfig')
        throw new CommandError(`expected deployment configuration, got ${target.resource.name}`);
      await cancelRunning(invocation, config, print);
    });
    return 0;
  },
};

async function cancelRunning(
  { io, session }: Invocation,
  config: DeploymentConfig,
  print: (object: ApiObject, operation: string) => void,
): Promise<void> {
  const { namespace = '', name = '' } = config.metadata ?? {};
  if (config.spec?.paused) throw new CommandError(`unable to cancel paused deployment ${namespace}/${name}`);
  const client = await session.client();
  const versions = await listVersions(client, namespace, name);
  const [newest] = versions;
  if (!newest) throw new CommandError(`there have been no replication controllers for ${namespace}/${name}\n`);
  const running = versions.filter((rc) => !isTerminated(rc));
  for (const rc of running) {
    if (rc.metadata?.annotations?.[CANCELLED] === 'true') {
      print(config, 'already cancelled');
      continue;
    }
    const resource = { ...DC_RESOURCE, group: '', name: 'replicationcontrollers' };
    await client.json('PATCH', resourcePath(resource, namespace, rc.metadata?.name), {
      body: { metadata: { annotations: { [CANCELLED]: 'true', [STATUS_REASON]: 'cancelled by the user' } } },
      contentType: 'application/merge-patch+json',
    });
    print(config, 'cancelling');
  }
  if (running.length > 0) return;
  const ago = relativeSince(newest.metadata?.creationTimestamp, io.now()).toLowerCase();
  io.stdout.write(
    `No rollout is in progress (latest rollout #${versionOf(newest)} ${phaseOf(newest).toLowerCase()} ${ago} ago)\n`,
  );
}

/** kubectl's command, but for DeploymentConfigs another way. */
function withConfigs(
  own: Command | undefined,
  visit: (invocation: Invocation, target: Target, config: DeploymentConfig) => Promise<void>,
): Command {
  return {
    ...own,
    usage: own?.usage ?? '',
    async run(invocation) {
      const isGiven = invocation.args.length > 0 || invocation.flags.list('filename').length > 0;
      const targets = isGiven ? await findTargets(invocation, { allWhenNoName: true }) : [];
      if (!targets.some(({ resource }) => resource.name === DC_RESOURCE.name))
        return (await own?.run?.(invocation)) ?? 0;
      await forEachTarget(targets, async (target) => {
        for (const object of await listTarget(invocation, target)) {
          if (object.kind !== 'DeploymentConfig') {
            throw new CommandError(`${target.resource.name} and deployment configs cannot be named together in Taller`);
          }
          await visit(invocation, target, object as DeploymentConfig);
        }
      });
      return 0;
    },
  };
}

/** openshift/oc, pkg/helpers/originpolymorphichelpers/deploymentconfigs/history.go. */
async function showHistory(
  { flags, io, session }: Invocation,
  _target: Target,
  config: DeploymentConfig,
): Promise<void> {
  const { namespace = '', name = '' } = config.metadata ?? {};
  const versions = (await listVersions(await session.client(), namespace, name)).toReversed();
  const wanted = flags.int('revision');
  if (wanted > 0) {
    const found = versions.find((rc) => versionOf(rc) === wanted);
    if (!found) throw new CommandError('unable to find the specified revision');
    const text = describeTemplate(found.spec?.template ?? {});
    io.stdout.write(`${objectName(config)} with revision #${wanted}\n${text}\n`);
    return;
  }
  const rows = versions.map((rc) => {
    const cause = rc.metadata?.annotations?.[STATUS_REASON] || '<unknown>';
    return [String(versionOf(rc)), phaseOf(rc), cause];
  });
  const text =
    rows.length === 0 ? 'No rollout history found.' : alignByTabs([['REVISION', 'STATUS', 'CAUSE'], ...rows]);
  io.stdout.write(`${objectName(config)} \n${text}\n`);
}

/** Go's text/tabwriter with tabs of eight as padding, one at least. */
function alignByTabs(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => {
    const longest = Math.max(...rows.map((row) => (row[column] ?? '').length));
    return Math.ceil((longest + 1) / 8) * 8;
  });
  const pad = (cell: string, column: number) =>
    cell + '\t'.repeat(Math.ceil(((widths[column] ?? 0) - cell.length) / 8));
  return rows.map((row) => `${row.slice(0, -1).map(pad).join('')}${row.at(-1) ?? ''}\n`).join('');
}

/** rollback.go: the template of an earlier version; the controller then rolls it out as any other change. */
async function undoRollout(invocation: Invocation, target: Target, config: DeploymentConfig): Promise<void> {
  const { flags, session } = invocation;
  const { namespace = '', name = '' } = config.metadata ?? {};
  if (config.spec?.paused) {
    throw new CommandError(
      `cannot rollback a paused config; resume it first with 'rollout resume dc/${name}' and try again`,
    );
  }
  const client = await session.client();
  const wanted = flags.int('to-revision') || (config.status?.latestVersion ?? 0) - 1;
  const found = (await listVersions(client, namespace, name)).find((rc) => versionOf(rc) === wanted);
  if (!found) throw new CommandError(`unable to find the specified revision`);
  const encoded = JSON.parse(found.metadata?.annotations?.[ENCODED] ?? '{}') as DeploymentConfig;
  const after = { ...config, spec: { ...config.spec, template: encoded.spec?.template } } as ApiObject;
  const print = await createChangePrinter(invocation);
  print(await patchObject(invocation, { ...target, name }, config, after), 'rolled back');
}

/** `oc rollout`: what kubectl has, and what only DeploymentConfigs know. */
export const command: Command = {
  ...rollout,
  subcommands: [
    ...(rollout.subcommands ?? []).map((entry) => {
      const visit = entry.name === 'history' ? showHistory : entry.name === 'undo' ? undoRollout : undefined;
      return visit ? { ...entry, load: async () => withConfigs(await entry.load?.(), visit) } : entry;
    }),
    { name: 'cancel', short: 'Give up the rollout under way', load: () => Promise.resolve(cancel) },
    { name: 'latest', short: 'Roll a deployment config out again', load: () => Promise.resolve(latest) },
    { name: 'retry', short: 'Retry the latest failed rollout' },
  ],
};
