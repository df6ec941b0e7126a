import type { ApiObject } from '../api/object.ts';
import { createChangePrinter, dryRunOf } from '../change.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { describeTemplate } from '../describe/pod-template.ts';
import { DRY_RUN_FLAG, fieldManagerFlag, fileFlags, OUTPUT_FLAGS, SELECTOR_FLAG } from '../flag-sets.ts';
import { LAST_APPLIED } from '../last-applied.ts';
import { objectName } from '../output/printer.ts';
import { isEqual } from '../patches/equal.ts';
import { patchObject } from '../patch-object.ts';
import type { Workload } from '../rollouts.ts';
import { findTargets, forEachTarget, listTarget, type Target } from '../targets.ts';
import { hasRevisions, listRevisions } from './revisions.ts';

export const undo: Command = {
  usage: '(TYPE NAME | TYPE/NAME) [flags]',
  long: 'Goes back to an earlier revision.',
  examples: [
    ['The one before', 'rollout undo deployment/web'],
    ['A certain one', 'rollout undo deployment/web --to-revision=3'],
  ],
  flags: [
    ...OUTPUT_FLAGS,
    ...fileFlags('that names the objects'),
    SELECTOR_FLAG,
    DRY_RUN_FLAG,
    fieldManagerFlag('kubectl-rollout'),
    { name: 'to-revision', type: 'int', usage: 'Revision to go back to; 0 for the one before.' },
  ],
  async run(invocation) {
    if (invocation.args.length === 0 && invocation.flags.list('filename').length === 0) {
      throw new CommandError('required resource not specified');
    }
    const targets = await findTargets(invocation, { allWhenNoName: true });
    await forEachTarget(targets, async (target) => {
      for (const object of await listTarget(invocation, target)) await goBack(invocation, target, object);
    });
    return 0;
  },
};

async function goBack(invocation: Invocation, target: Target, object: ApiObject): Promise<void> {
  const { flags, io, session } = invocation;
  if (object.metadata?.annotations?.[LAST_APPLIED] !== undefined) {
    session.warn(
      `resource ${target.resource.name}/${object.metadata.name ?? ''} was previously managed with 'kubectl apply'. Rolling back will not update the ${LAST_APPLIED} annotation, which may cause unexpected behavior on future 'kubectl apply' operations. Consider using 'kubectl apply' with your previous configuration file instead.`,
    );
  }
  const workload = object as Workload;
  if (workload.spec.paused) {
    throw new CommandError(
      `you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again`,
    );
  }
  if (!hasRevisions(object))
    throw new CommandError(`no rollbacker has been implemented for ${JSON.stringify(object.kind ?? '')}`);
  const revisions = await listRevisions(invocation, object);
  const wanted = flags.int('to-revision');
  const found = wanted > 0 ? revisions.find(({ number }) => number === wanted) : revisions.at(-2);
  if (!found)
    throw new CommandError(
      wanted > 0
        ? `unable to find specified revision ${wanted} in history`
        : 'no rollout history found for deployment ' + JSON.stringify(object.metadata?.name ?? ''),
    );
  if (dryRunOf(invocation) === 'client') {
    io.stdout.write(`${objectName(object)} ${describeTemplate(found.template)} (dry run)\n`);
    return;
  }
  const print = await createChangePrinter(invocation);
  const template = withoutHash(found.template);
  if (isEqual(template, withoutHash(workload.spec.template ?? {}))) {
    print(object, `skipped rollback (current template already matches revision ${found.number})`);
    return;
  }
  const after = { ...workload, spec: { ...workload.spec, template } };
  print(await patchObject(invocation, { ...target, name: object.metadata?.name ?? '' }, object, after), 'rolled back');
}

/** The label that tells the pods of one replica set from those of another is no part of the template. */
function withoutHash(template: ApiObject): ApiObject {
  const { 'pod-template-hash': _, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}
