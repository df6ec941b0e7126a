import { createChangePrinter } from '../change.ts';
import type { Command, Invocation } from '../command.ts';
import { checkSameObject, editObject, keepText, NOT_CHANGED, UNSAVED } from '../edit-object.ts';
import { StatusError } from '../errors.ts';
import { fieldManagerFlag, fileFlags, OUTPUT_FLAGS, VALIDATE_FLAG } from '../flag-sets.ts';
import { withoutManagedFields } from '../output/printer.ts';
import { patchObject } from '../patch-object.ts';
import { findTargets, getTarget, type Target } from '../targets.ts';

export const command: Command = {
  usage: '(RESOURCE/NAME | -f FILENAME)',
  long: 'Opens an object in the editor that KUBE_EDITOR or EDITOR names (vi otherwise) and sends what you changed.',
  examples: [['A service', 'edit service web']],
  flags: [
    ...OUTPUT_FLAGS,
    ...fileFlags('that names the object'),
    VALIDATE_FLAG,
    fieldManagerFlag('kubectl-edit'),
    { name: 'output-patch', type: 'bool', usage: 'Accepted; the patch is not printed.' },
    { name: 'save-config', type: 'bool', usage: 'Accepted; the annotation stays as it is.' },
    { name: 'subresource', type: 'string', usage: 'Accepted; the object itself is edited.' },
    { name: 'windows-line-endings', type: 'bool', usage: 'Accepted; lines end as elsewhere.' },
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const targets = await findTargets(invocation);
  let edited = 0;
  for (const target of targets) if (await editOne(invocation, target)) edited += 1;
  if (edited === 0) invocation.io.stderr.write(NOT_CHANGED);
  return 0;
}

/** @returns whether anything was changed. */
async function editOne(invocation: Invocation, target: Target): Promise<boolean> {
  const before = withoutManagedFields(await getTarget(invocation, target));
  const label = `${groupName(target)} ${JSON.stringify(target.name)}`;
  const edited = await editObject(invocation, before, label);
  if (!edited) return false;
  const { after, text } = edited;
  checkSameObject(invocation, before, after, text);
  const print = await createChangePrinter(invocation);
  try {
    print(await patchObject(invocation, target, before, after), 'edited');
  } catch (error) {
    if (!(error instanceof StatusError) || error.reason !== 'Invalid') throw error;
    throw keepText(invocation, text, `${label} is invalid`, UNSAVED);
  }
  return true;
}

function groupName({ resource }: Target): string {
  return resource.group === '' ? resource.name : `${resource.name}.${resource.group}`;
}
