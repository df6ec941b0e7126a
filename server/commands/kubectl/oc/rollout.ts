import type { ApiObject } from '../api/object.ts';
import { resourcePath } from '../api/resource.ts';
import { createChangePrinter } from '../change.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { fileFlags, OUTPUT_FLAGS } from '../flag-sets.ts';
import { findTargets, forEachTarget, getTarget, splitPairs } from '../targets.ts';
import { command as rollout } from '../verbs/rollout.ts';
import {
  CANCELLED,
  DC_RESOURCE,
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

/** `oc rollout`: what kubectl has, and what only DeploymentConfigs know. */
export const command: Command = {
  ...rollout,
  subcommands: [
    ...(rollout.subcommands ?? []),
    { name: 'cancel', short: 'Give up the rollout under way', load: () => Promise.resolve(cancel) },
    { name: 'latest', short: 'Roll a deployment config out again', load: () => Promise.resolve(latest) },
    { name: 'retry', short: 'Retry the latest failed rollout' },
  ],
};
