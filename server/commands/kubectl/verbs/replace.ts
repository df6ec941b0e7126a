import type { ApiObject } from '../api/object.ts';
import { resourcePath } from '../api/resource.ts';
import { createChangePrinter, dryRunOf, writeQuery } from '../change.ts';
import type { Command, Invocation } from '../command.ts';
import { addSource, CommandError, isNotFound, UsageError } from '../errors.ts';
import { DELETE_FLAGS, DRY_RUN_FLAG, fieldManagerFlag, fileFlags, OUTPUT_FLAGS, VALIDATE_FLAG } from '../flag-sets.ts';
import { lastApplied, withLastApplied } from '../last-applied.ts';
import { sendRaw } from '../raw-request.ts';
import { findTargets, forEachTarget, getTarget, type Target } from '../targets.ts';
import { createOne } from './create.ts';
import { deleteTargets } from './delete.ts';

export const command: Command = {
  usage: '-f FILENAME',
  long: 'Replaces objects by what files say. With --force they are deleted and created anew.',
  examples: [['What a file says', 'replace -f web.yaml']],
  flags: [
    ...OUTPUT_FLAGS,
    ...fileFlags('with the objects'),
    ...DELETE_FLAGS,
    DRY_RUN_FLAG,
    VALIDATE_FLAG,
    fieldManagerFlag('kubectl-replace'),
    { name: 'raw', type: 'string', usage: 'Path to PUT the file to.' },
    { name: 'save-config', type: 'bool', usage: 'Keep the object in the annotation that `apply` reads.' },
    { name: 'subresource', type: 'string', usage: 'Replace this subresource.' },
    { name: 'wait', type: 'bool', usage: 'With --force: wait until the old objects are gone; always done.' },
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { flags, args } = invocation;
  if (args.length > 0) throw new UsageError(`Unexpected args: [${args.join(' ')}]`);
  if (flags.list('filename').length === 0) throw new CommandError('must specify one of -f and -k');
  if (flags.string('raw') !== '') return sendRaw(invocation, 'PUT', flags.string('raw'));
  const targets = await findTargets(invocation);
  if (targets.length === 0) throw new CommandError('no objects passed to replace');
  const print = await createChangePrinter(invocation);
  if (flags.bool('force')) return replaceByForce(invocation, targets, print);
  await forEachTarget(targets, (target) => replaceOne(invocation, target, print));
  return 0;
}

type Print = (object: ApiObject, operation: string) => void;

async function replaceOne(invocation: Invocation, target: Target, print: Print): Promise<void> {
  const { flags, session } = invocation;
  const { resource, namespace, name = '', object = {}, source } = target;
  try {
    const client = await session.client();
    const current = await getTarget(invocation, target);
    // An object without a version is put over whatever is there, so it takes over the version.
    const resourceVersion = object.metadata?.resourceVersion ?? current.metadata?.resourceVersion;
    const keep = flags.bool('save-config') || lastApplied(current) !== null;
    const body = { ...(keep ? withLastApplied(object) : object) };
    body.metadata = { ...body.metadata, ...(resourceVersion ? { resourceVersion } : {}) };
    if (dryRunOf(invocation) === 'client') {
      print(body, 'replaced');
      return;
    }
    const path = resourcePath(resource, namespace, name, flags.string('subresource') || undefined);
    print(
      await client.json<ApiObject>('PUT', path, {
        body,
        query: writeQuery(invocation),
        subject: { resource: resource.name, name },
      }),
      'replaced',
    );
  } catch (error) {
    throw addSource(error, 'replacing', source);
  }
}

async function replaceByForce(invocation: Invocation, targets: Target[], print: Print): Promise<number> {
  const existing: Target[] = [];
  for (const target of targets) {
    try {
      await getTarget(invocation, target);
      existing.push({ ...target, source: undefined } as unknown as Target);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
  await deleteTargets(invocation, existing, 'deleted');
  await forEachTarget(targets, (target) => createOne(invocation, target, print, 'replaced'));
  return 0;
}
