import type { ApiObject } from '../api/object.ts';
import { resourcePath } from '../api/resource.ts';
import type { Command } from '../command.ts';
import { CommandError, UsageError } from '../errors.ts';
import { CREATE_FLAGS, createFromFlags, nameArgument } from './created.ts';

const JOBS = { group: 'batch', version: 'v1', name: 'jobs', namespaced: true };

export const job: Command = {
  usage: 'NAME --image=image [--from=cronjob/name] -- [COMMAND] [args...]',
  examples: [
    ['Run once', 'create job hello --image=busybox -- echo hello'],
    ['As a cron job would', 'create job now --from=cronjob/nightly'],
  ],
  flags: [
    ...CREATE_FLAGS,
    { name: 'from', type: 'string', usage: 'Cron job to take the template from, as cronjob/NAME.' },
    { name: 'image', type: 'string', usage: 'Image to run.' },
  ],
  async run(invocation) {
    const { flags, args, dash } = invocation;
    const name = nameArgument(invocation);
    const command = dash < 0 ? [] : args.slice(dash);
    const from = flags.string('from');
    if ((from === '') === (flags.string('image') === ''))
      throw new CommandError('either --image or --from must be specified');
    if (from !== '' && command.length > 0) throw new CommandError('cannot specify --from and command');
    const object =
      from === '' ? plainJob(name, flags.string('image'), command) : await cronJobRun(invocation, name, from);
    await createFromFlags(invocation, JOBS, object, 'failed to create job: ');
    return 0;
  },
};

function plainJob(name: string, image: string, command: string[]): ApiObject {
  const container = { name, image, ...(command.length > 0 ? { command } : {}), resources: {} };
  return {
    kind: 'Job',
    apiVersion: 'batch/v1',
    metadata: { name },
    spec: { template: { metadata: {}, spec: { containers: [container], restartPolicy: 'Never' } } },
    status: {},
  };
}

async function cronJobRun(
  { session }: Parameters<NonNullable<Command['run']>>[0],
  name: string,
  from: string,
): Promise<ApiObject> {
  const [word = '', cronJob = ''] = from.split('/');
  const resource = await (await session.discovery()).find(word);
  if (resource.kind !== 'CronJob') throw new UsageError(`from must be an existing cronjob`);
  const client = await session.client();
  const { name: namespace } = await session.namespace();
  const source = await client.json<ApiObject & { spec: { jobTemplate: { metadata?: object; spec: object } } }>(
    'GET',
    resourcePath(resource, namespace, cronJob),
    { subject: { resource: resource.name, name: cronJob } },
  );
  const { metadata = {}, spec } = source.spec.jobTemplate as { metadata?: Record<string, unknown>; spec: object };
  return {
    kind: 'Job',
    apiVersion: 'batch/v1',
    metadata: {
      name,
      annotations: { 'cronjob.kubernetes.io/instantiate': 'manual', ...(metadata.annotations as object | undefined) },
      ...(metadata.labels ? { labels: metadata.labels as Record<string, string> } : {}),
      ownerReferences: [
        { apiVersion: 'batch/v1', kind: 'CronJob', name: cronJob, uid: source.metadata?.uid ?? '', controller: true },
      ],
    },
    spec,
    status: {},
  };
}
