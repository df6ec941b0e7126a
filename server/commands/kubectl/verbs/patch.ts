import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isRecord, type ApiObject } from '../api/object.ts';
import { resourcePath } from '../api/resource.ts';
import { createChangePrinter, dryRunOf, writeQuery } from '../change.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError, StatusError } from '../errors.ts';
import { DRY_RUN_FLAG, fieldManagerFlag, fileFlags, OUTPUT_FLAGS } from '../flag-sets.ts';
import { localTargets } from '../local-targets.ts';
import { isEqual } from '../patches/equal.ts';
import { applyJsonPatch } from '../patches/json-patch.ts';
import { applyMergePatch } from '../patches/merge-patch.ts';
import { applyStrategicPatch } from '../patches/strategic-patch.ts';
import { findTargets, forEachTarget, getTarget, type Target } from '../targets.ts';

const CONTENT_TYPES: Record<string, string> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
};

export const command: Command = {
  usage: '(-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE]',
  long: 'Changes fields of an object by a patch in JSON or YAML.',
  examples: [
    ['A field', `patch deployment web -p '{"spec":{"replicas":2}}'`],
    [
      'An object of a kind that kubectl does not know',
      `patch peerauthentication default --type=merge -p '{"spec":{"mtls":{"mode":"STRICT"}}}'`,
    ],
    ['A single position', `patch pod web --type=json -p '[{"op":"remove","path":"/metadata/labels/tier"}]'`],
  ],
  flags: [
    ...OUTPUT_FLAGS,
    ...fileFlags('that names the object'),
    DRY_RUN_FLAG,
    fieldManagerFlag('kubectl-patch'),
    { name: 'local', type: 'bool', usage: 'Patch the file and print it, without a server.' },
    { name: 'patch', short: 'p', type: 'string', usage: 'The patch.' },
    { name: 'patch-file', type: 'string', usage: 'File with the patch.' },
    { name: 'subresource', type: 'string', usage: 'Patch this subresource.' },
    { name: 'type', type: 'string', default: 'strategic', usage: 'json, merge or strategic.' },
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { flags } = invocation;
  const given = flags.string('patch') !== '' || flags.string('patch-file') !== '';
  if (!given) throw new CommandError('must specify --patch or --patch-file containing the contents of the patch');
  if (flags.string('patch') !== '' && flags.string('patch-file') !== '') {
    throw new CommandError('cannot specify --patch and --patch-file together');
  }
  const type = flags.string('type').toLowerCase();
  if (!(type in CONTENT_TYPES)) {
    throw new CommandError(`--type must be one of [json merge strategic], not ${JSON.stringify(flags.string('type'))}`);
  }
  const { patch, text } = await readPatch(invocation);
  const targets = flags.bool('local') ? await localTargets(invocation) : await findTargets(invocation);
  const print = await createChangePrinter(invocation);
  const subresource = flags.string('subresource') || undefined;
  await forEachTarget(targets, async (target) => {
    const before = flags.bool('local') ? (target.object ?? {}) : await getTarget(invocation, target, subresource);
    const after = await patchOne(invocation, target, before, patch, text, type);
    print(after, isSame(before, after) ? 'patched (no change)' : 'patched');
  });
  return 0;
}

/** YAML becomes JSON; text that is neither is left to the server, whose words upstream shows. */
async function readPatch({ flags, io }: Invocation): Promise<{ patch: unknown; text: string }> {
  const file = flags.string('patch-file');
  let text = flags.string('patch');
  if (file !== '') {
    try {
      text = readFileSync(resolve(io.cwd, file), 'utf8');
    } catch {
      throw new CommandError(`unable to read patch file: open ${file}: no such file or directory`);
    }
  }
  try {
    return { patch: JSON.parse(text), text };
  } catch {
    const { parseYamlDocuments } = await import('../yaml-input.ts');
    try {
      const [patch] = parseYamlDocuments(text, file || 'patch');
      return { patch, text: JSON.stringify(patch) };
    } catch {
      throw new StatusError({ kind: 'Status', reason: 'BadRequest', message: 'unexpected end of JSON input' });
    }
  }
}

async function patchOne(
  invocation: Invocation,
  target: Target,
  before: ApiObject,
  patch: unknown,
  text: string,
  type: string,
): Promise<ApiObject> {
  const { flags, session } = invocation;
  const { resource, namespace, name = '' } = target;
  if (flags.bool('local') || dryRunOf(invocation) === 'client') return patchHere(before, patch, type);
  const client = await session.client();
  const path = resourcePath(resource, namespace, name, flags.string('subresource') || undefined);
  try {
    return await client.json<ApiObject>('PATCH', path, {
      body: text,
      contentType: CONTENT_TYPES[type] ?? '',
      query: writeQuery(invocation),
      subject: { resource: resource.name, name },
    });
  } catch (error) {
    if (!(error instanceof StatusError) || error.reason !== 'UnsupportedMediaType') throw error;
    const version = resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
    throw new CommandError(
      `${CONTENT_TYPES[type] ?? ''} is not supported by ${version}, Kind=${resource.kind}: ${error.message}`,
    );
  }
}

function patchHere(before: ApiObject, patch: unknown, type: string): ApiObject {
  if (type === 'json') return applyJsonPatch(before, patch) as ApiObject;
  if (type === 'merge') return applyMergePatch(before, patch) as ApiObject;
  if (!isRecord(patch)) throw new CommandError('cannot unmarshal array into Go value of type map[string]interface {}');
  return applyStrategicPatch(before, patch) as ApiObject;
}

function isSame(before: ApiObject, after: ApiObject): boolean {
  return before.kind === after.kind && isEqual(before, after);
}
