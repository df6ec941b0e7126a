import type { ApiObject } from '../api/object.ts';
import { resourcePath } from '../api/resource.ts';
import { createChangePrinter, dryRunOf, writeQuery } from '../change.ts';
import type { Command, Invocation } from '../command.ts';
import { checkSameObject, editObject, NOT_CHANGED } from '../edit-object.ts';
import { CommandError } from '../errors.ts';
import { DRY_RUN_FLAG, fieldManagerFlag, fileFlags, OUTPUT_FLAGS } from '../flag-sets.ts';
import { LAST_APPLIED, lastApplied } from '../last-applied.ts';
import { compactJson } from '../output/json.ts';
import { findTargets, forEachTarget, getTarget, listTarget, type Target } from '../targets.ts';

/** kubectl/pkg/cmd/apply/apply_set_last_applied.go. */
export const setLastApplied: Command = {
  usage: '-f FILENAME',
  long: 'Writes what files say into the annotation that `apply` reads, and changes nothing else.',
  flags: [
    ...fileFlags('with the objects'),
    ...OUTPUT_FLAGS,
    DRY_RUN_FLAG,
    { name: 'create-annotation', type: 'bool', usage: 'Also where there is no annotation yet.' },
  ],
  async run(invocation) {
    const { flags, io } = invocation;
    const targets = await findTargets(invocation);
    const print = await createChangePrinter(invocation);
    const changes: { target: Target; text: string }[] = [];
    // The first that fails ends it all.
    for (const target of targets) {
      const current = await getTarget(invocation, target);
      const text = annotationOf(target.object ?? {});
      const before = current.metadata?.annotations?.[LAST_APPLIED];
      if (before === undefined && !flags.bool('create-annotation')) {
        throw new CommandError(
          `no last-applied-configuration annotation found on resource: ${target.name ?? ''}, to create the annotation, run the command with --create-annotation`,
        );
      }
      if (before === text) io.stdout.write(`set-last-applied ${target.name ?? ''}: no changes required.\n`);
      else changes.push({ target, text });
    }
    for (const { target, text } of changes) print(await annotate(invocation, target, text), 'configured');
    return 0;
  },
};

/** kubectl/pkg/cmd/apply/apply_edit_last_applied.go. */
export const editLastApplied: Command = {
  usage: '(RESOURCE/NAME | -f FILENAME)',
  long: 'Opens what was applied last in the editor, and writes it back into the annotation.',
  flags: [
    ...fileFlags('that names the objects'),
    ...OUTPUT_FLAGS,
    fieldManagerFlag('kubectl-client-side-apply'),
    { name: 'windows-line-endings', type: 'bool', usage: 'Accepted; lines end as elsewhere.' },
  ],
  async run(invocation) {
    const targets = await findTargets(invocation);
    const print = await createChangePrinter(invocation);
    const found: { target: Target; applied: ApiObject }[] = [];
    await forEachTarget(targets, async (target) => {
      for (const object of await listTarget(invocation, target)) {
        const applied = lastApplied(object);
        if (applied) found.push({ target: { ...target, name: object.metadata?.name ?? '' }, applied });
      }
    });
    if (found.length === 0) {
      throw new CommandError(
        'no last-applied-configuration annotation found on resources, to create the annotation, use command `kubectl apply set-last-applied --create-annotation`',
      );
    }
    let changed = false;
    for (const { target, applied } of found) {
      const edited = await editObject(invocation, applied, JSON.stringify(target.name));
      if (!edited) continue;
      checkSameObject(invocation, applied, edited.after, edited.text);
      changed = true;
      print(await annotate(invocation, target, annotationOf(edited.after)), 'edited');
    }
    if (!changed) invocation.io.stderr.write(NOT_CHANGED);
    return 0;
  },
};

/** The object as it stands: here upstream adds no empty annotations to it, as `apply` does. */
const annotationOf = (object: ApiObject): string => `${compactJson(object)}\n`;

async function annotate(invocation: Invocation, target: Target, text: string): Promise<ApiObject> {
  const { resource, namespace, name = '' } = target;
  if (dryRunOf(invocation) === 'client') return getTarget(invocation, target);
  const client = await invocation.session.client();
  return client.json<ApiObject>('PATCH', resourcePath(resource, namespace, name), {
    body: { metadata: { annotations: { [LAST_APPLIED]: text } } },
    contentType: 'application/merge-patch+json',
    query: writeQuery(invocation),
    subject: { resource: resource.name, name },
  });
}
