import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiObject } from '../api/object.ts';
import { createChangePrinter } from '../change.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError, PlainError, StatusError } from '../errors.ts';
import { fieldManagerFlag, fileFlags, OUTPUT_FLAGS, VALIDATE_FLAG } from '../flag-sets.ts';
import { withoutManagedFields } from '../output/printer.ts';
import { renderYaml } from '../output/yaml.ts';
import { parseManifests } from '../manifests.ts';
import { isEqual } from '../patches/equal.ts';
import { patchObject } from '../patch-object.ts';
import { findTargets, getTarget, type Target } from '../targets.ts';

const HEADER = `# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving this file will be
# reopened with the relevant failures.
#
`;

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
  if (edited === 0) invocation.io.stderr.write('Edit cancelled, no changes made.\n');
  return 0;
}

/** kubectl/pkg/cmd/util/editor/editoptions.go. @returns whether anything was changed. */
async function editOne(invocation: Invocation, target: Target): Promise<boolean> {
  const { io } = invocation;
  const before = withoutManagedFields(await getTarget(invocation, target));
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-edit-'));
  const file = join(folder, `kubectl-edit-${process.pid}.yaml`);
  try {
    writeFileSync(file, HEADER + renderYaml(before), { mode: 0o600 });
    openEditor(invocation, file);
    const text = readFileSync(file, 'utf8');
    const [after] = await parseManifests(text, file, file);
    if (!after) throw keep(text, `${groupName(target)} ${JSON.stringify(target.name)} is invalid`, UNSAVED, io);
    if (isEqual(before, after.object)) return false;
    if (
      ['apiVersion', 'kind'].some((field) => before[field] !== after.object[field]) ||
      isRenamed(before, after.object)
    ) {
      throw keep(text, undefined, 'At least one of apiVersion, kind and name was changed', io);
    }
    await send(invocation, target, before, after.object, text);
    return true;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function send(
  invocation: Invocation,
  target: Target,
  before: ApiObject,
  after: ApiObject,
  text: string,
): Promise<void> {
  const print = await createChangePrinter(invocation);
  try {
    print(await patchObject(invocation, target, before, after), 'edited');
  } catch (error) {
    if (!(error instanceof StatusError) || error.reason !== 'Invalid') throw error;
    throw keep(text, `${groupName(target)} ${JSON.stringify(target.name)} is invalid`, UNSAVED, invocation.io);
  }
}

function openEditor({ io }: Invocation, file: string): void {
  const editor = io.env.KUBE_EDITOR || io.env.EDITOR || 'vi';
  const shell = io.env.SHELL || '/bin/bash';
  const quoted = `'${file.replaceAll("'", `'\\''`)}'`;
  // The editor's command may have arguments; a shell splits them as the user expects.
  const options = { stdio: 'inherit', cwd: io.cwd } as const;
  const { status, error } = /[ "'$`\\]/.test(editor)
    ? spawnSync(shell, ['-c', `${editor} ${quoted}`], options)
    : spawnSync(editor, [file], options);
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT')
    throw new CommandError(`unable to launch the editor ${JSON.stringify(editor)}`);
  if (error || status !== 0) throw new CommandError(`there was a problem with the editor ${JSON.stringify(editor)}`);
}

const UNSAVED = 'Edit cancelled, no valid changes were saved.';

function isRenamed(before: ApiObject, after: ApiObject): boolean {
  return before.metadata?.name !== after.metadata?.name;
}

/** What was typed is not lost with a refused edit. */
function keep(text: string, problem: string | undefined, end: string, io: Invocation['io']): PlainError {
  const copy = join(io.env.TMPDIR || tmpdir(), `kubectl-edit-${process.pid}${io.now()}.yaml`);
  writeFileSync(copy, text, { mode: 0o600 });
  return new PlainError(
    `${problem === undefined ? '' : `error: ${problem}\n`}A copy of your changes has been stored to ${JSON.stringify(copy)}\nerror: ${end}`,
  );
}

function groupName({ resource }: Target): string {
  return resource.group === '' ? resource.name : `${resource.name}.${resource.group}`;
}
