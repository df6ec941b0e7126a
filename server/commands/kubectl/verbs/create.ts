import type { ApiObject } from '../api/object.ts';
import { resourcePath } from '../api/resource.ts';
import { createChangePrinter, dryRunOf, writeQuery } from '../change.ts';
import type { Command, Invocation } from '../command.ts';
import { editObject, keepText, NOT_CHANGED, UNSAVED } from '../edit-object.ts';
import { addSource, CommandError, UsageError } from '../errors.ts';
import { fileFlags, SELECTOR_FLAG } from '../flag-sets.ts';
import { CREATE_FLAGS } from '../generators/created.ts';
import { withLastApplied } from '../last-applied.ts';
import { sendRaw } from '../raw-request.ts';
import { findTargets, forEachTarget, type Target } from '../targets.ts';

export const command: Command = {
  usage: '-f FILENAME',
  long: 'Creates objects from files, or one object of a common kind from flags.',
  examples: [
    ['What a file says', 'create -f pod.yaml'],
    ['What is typed', 'create -f -'],
    ['From flags', 'create deployment web --image=nginx'],
  ],
  flags: [
    ...CREATE_FLAGS,
    ...fileFlags('with the objects to create'),
    SELECTOR_FLAG,
    { name: 'edit', type: 'bool', usage: 'Edit before creating.' },
    { name: 'raw', type: 'string', usage: 'Path to send the file to.' },
    { name: 'windows-line-endings', type: 'bool', usage: 'Accepted; only --edit uses it.' },
  ],
  subcommands: [
    {
      name: 'clusterrole',
      short: 'A cluster role',
      load: async () => (await import('../generators/role.ts')).clusterRole,
    },
    {
      name: 'clusterrolebinding',
      short: 'A binding of a cluster role',
      load: async () => (await import('../generators/role-binding.ts')).clusterRoleBinding,
    },
    {
      name: 'configmap',
      aliases: ['cm'],
      short: 'A config map from files, folders or values',
      load: async () => (await import('../generators/configmap.ts')).configmap,
    },
    {
      name: 'cronjob',
      aliases: ['cj'],
      short: 'A cron job',
      load: async () => (await import('../generators/cron-job.ts')).cronJob,
    },
    {
      name: 'deployment',
      aliases: ['deploy', 'dep'],
      short: 'A deployment of an image',
      load: async () => (await import('../generators/deployment.ts')).deployment,
    },
    {
      name: 'ingress',
      aliases: ['ing'],
      short: 'An ingress',
      load: async () => (await import('../generators/ingress.ts')).ingress,
    },
    { name: 'job', short: 'A job that runs an image', load: async () => (await import('../generators/job.ts')).job },
    {
      name: 'namespace',
      aliases: ['ns'],
      short: 'A namespace',
      load: async () => (await import('../generators/namespace.ts')).namespace,
    },
    {
      name: 'poddisruptionbudget',
      aliases: ['pdb'],
      short: 'A pod disruption budget',
      load: async () => (await import('../generators/pod-disruption-budget.ts')).podDisruptionBudget,
    },
    {
      name: 'priorityclass',
      aliases: ['pc'],
      short: 'A priority class',
      load: async () => (await import('../generators/priority-class.ts')).priorityClass,
    },
    {
      name: 'quota',
      aliases: ['resourcequota'],
      short: 'A quota',
      load: async () => (await import('../generators/quota.ts')).quota,
    },
    { name: 'role', short: 'A role', load: async () => (await import('../generators/role.ts')).role },
    {
      name: 'rolebinding',
      short: 'A binding of a role',
      load: async () => (await import('../generators/role-binding.ts')).roleBinding,
    },
    { name: 'secret', short: 'A secret', load: async () => (await import('../generators/secret.ts')).secret },
    {
      name: 'service',
      aliases: ['svc'],
      short: 'A service',
      load: async () => (await import('../generators/service.ts')).service,
    },
    {
      name: 'serviceaccount',
      aliases: ['sa'],
      short: 'A service account',
      load: async () => (await import('../generators/serviceaccount.ts')).serviceaccount,
    },
    {
      name: 'token',
      short: 'A token of a service account',
      load: async () => (await import('../generators/token.ts')).token,
    },
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { flags, args } = invocation;
  if (args.length > 0) throw new UsageError(`Unexpected args: [${args.join(' ')}]`);
  if (flags.list('filename').length === 0 && flags.string('kustomize') === '') {
    throw new CommandError('must specify one of -f and -k');
  }
  if (flags.string('raw') !== '') return sendRaw(invocation, 'POST', flags.string('raw'));
  const targets = await findTargets(invocation);
  if (targets.length === 0) await forEachTarget(targets, async () => {});
  if (targets.length === 0) throw new CommandError('no objects passed to create');
  const print = await createChangePrinter(invocation);
  await forEachTarget(targets, (target) =>
    flags.bool('edit') ? editFirst(invocation, target, print) : createOne(invocation, target, print),
  );
  return 0;
}

async function editFirst(
  invocation: Invocation,
  target: Target,
  print: (object: ApiObject, operation: string) => void,
): Promise<void> {
  const edited = await editObject(invocation, target.object ?? {}, JSON.stringify(target.name));
  if (!edited) return void invocation.io.stderr.write(NOT_CHANGED);
  const { after, text } = edited;
  const discovery = await invocation.session.discovery();
  const resource = await discovery.findKind(after.apiVersion ?? '', after.kind ?? '');
  if (!resource) throw keepText(invocation, text, undefined, UNSAVED);
  const { source: _, ...rest } = target;
  await createOne(invocation, { ...rest, resource, name: after.metadata?.name ?? '', object: after }, print);
}

/** @param operation `created`, or what another command calls it. */
export async function createOne(
  invocation: Invocation,
  target: Target,
  print: (object: ApiObject, operation: string) => void,
  operation = 'created',
): Promise<void> {
  const { resource, namespace, object = {}, source } = target;
  const { flags, session } = invocation;
  const body = flags.bool('save-config') ? withLastApplied(object) : object;
  if (dryRunOf(invocation) === 'client') {
    print(body, operation);
    return;
  }
  try {
    const client = await session.client();
    const created = await client.json<ApiObject>('POST', resourcePath(resource, namespace), {
      body,
      query: writeQuery(invocation),
      subject: { resource: resource.name },
    });
    if (resource.name === 'customresourcedefinitions') (await session.discovery()).forget();
    print(created, operation);
  } catch (error) {
    throw addSource(error, 'creating', source);
  }
}
