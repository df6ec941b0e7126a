import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiObject } from './api/object.ts';
import type { Invocation } from './command.ts';
import { CommandError, PlainError } from './errors.ts';
import { parseManifests } from './manifests.ts';
import { renderYaml } from './output/yaml.ts';
import { isEqual } from './patches/equal.ts';

const HEADER = `# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving this file will be
# reopened with the relevant failures.
#
`;

export const NOT_CHANGED = 'Edit cancelled, no changes made.\n';
export const UNSAVED = 'Edit cancelled, no valid changes were saved.';

/**
 * Opens an object in the editor that KUBE_EDITOR or EDITOR names. kubectl/pkg/cmd/util/editor/editoptions.go.
 * @param label what an empty file is called, as `deployments.apps "web"`.
 * @returns what was saved and its text; null when nothing was changed.
 */
export async function editObject(
  invocation: Invocation,
  before: ApiObject,
  label: string,
): Promise<{ after: ApiObject; text: string } | null> {
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-edit-'));
  const file = join(folder, `kubectl-edit-${process.pid}.yaml`);
  try {
    writeFileSync(file, HEADER + renderYaml(before), { mode: 0o600 });
    openEditor(invocation, file);
    const text = readFileSync(file, 'utf8');
    const [after] = await parseManifests(text, file, file);
    if (!after) throw keepText(invocation, text, `${label} is invalid`, UNSAVED);
    return isEqual(before, after.object) ? null : { after: after.object, text };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @throws PlainError when it is another object than before. */
export function checkSameObject(invocation: Invocation, before: ApiObject, after: ApiObject, text: string): void {
  const kept = ['apiVersion', 'kind'].every((field) => before[field] === after[field]);
  if (kept && before.metadata?.name === after.metadata?.name) return;
  throw keepText(invocation, text, undefined, 'At least one of apiVersion, kind and name was changed');
}

/** What was typed is not lost with a refused edit. */
export function keepText({ io }: Invocation, text: string, problem: string | undefined, end: string): PlainError {
  const copy = join(io.env.TMPDIR || tmpdir(), `kubectl-edit-${process.pid}${io.now()}.yaml`);
  writeFileSync(copy, text, { mode: 0o600 });
  return new PlainError(
    `${problem === undefined ? '' : `error: ${problem}\n`}A copy of your changes has been stored to ${JSON.stringify(copy)}\nerror: ${end}`,
  );
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
