import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRecord, type ApiObject } from '../api/object.ts';
import { resourcePath, type Resource } from '../api/resource.ts';
import { createApplyPatch } from '../apply-patch.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError, explainError, isNotFound, UsageError } from '../errors.ts';
import { fieldManagerFlag, fileFlags, SELECTOR_FLAG } from '../flag-sets.ts';
import { compactJson } from '../output/json.ts';
import { withoutManagedFields } from '../output/printer.ts';
import { renderYaml } from '../output/yaml.ts';
import { findTargets, forEachTarget, getTarget, type Target } from '../targets.ts';

export const command: Command = {
  usage: '-f FILENAME',
  long: 'Shows what `apply` would change: the objects as they are against what the server would make of them. Exits with 1 when there is a difference and with more than 1 when it failed. KUBECTL_EXTERNAL_DIFF names another program than `diff -u -N`.',
  examples: [['What a file would change', 'diff -f web.yaml']],
  flags: [
    ...fileFlags('with the objects to compare'),
    SELECTOR_FLAG,
    fieldManagerFlag('kubectl-client-side-apply'),
    { name: 'concurrency', type: 'int', default: '1', usage: 'Accepted; objects are compared one by one.' },
    { name: 'force-conflicts', type: 'bool', usage: 'With --server-side: take fields over from other managers.' },
    { name: 'prune', type: 'bool', usage: 'Also show what `apply --prune` would delete.' },
    {
      name: 'prune-allowlist',
      type: 'list',
      usage: 'Kind that --prune may delete, as core/v1/ConfigMap; may be repeated.',
    },
    { name: 'server-side', type: 'bool', usage: 'Let the server merge.' },
    { name: 'show-managed-fields', type: 'bool', usage: 'Compare metadata.managedFields too.' },
  ],
  run,
};

/** kubectl/pkg/cmd/diff/diff.go. */
async function run(invocation: Invocation): Promise<number> {
  const { args, flags, io } = invocation;
  if (args.length > 0) throw new UsageError(`Unexpected args: [${args.join(' ')}]`);
  const live = makeFolder(io, 'LIVE');
  const merged = makeFolder(io, 'MERGED');
  try {
    if (flags.list('filename').length === 0 && flags.string('kustomize') === '')
      throw new CommandError('must specify one of -f and -k');
    const targets = await findTargets(invocation);
    const compared = new Set<string>();
    await forEachTarget(targets, async (target) => {
      compared.add(await writeBoth(invocation, target, live, merged));
    });
    if (flags.bool('prune')) await writePrunable(invocation, targets, compared, live);
    return compare(invocation, live, merged);
  } catch (error) {
    // 1 says that there is a difference, so a failure must say something else.
    const { text, exitCode } = explainError(error);
    io.stderr.write(text);
    return Math.max(2, exitCode);
  } finally {
    for (const folder of [live, merged]) rmSync(folder, { recursive: true, force: true });
  }
}

/** Named as Go's os.MkdirTemp would: the name is part of what is printed. */
function makeFolder({ env }: Invocation['io'], name: string): string {
  const folder = join(env.TMPDIR ?? tmpdir(), `${name}-${randomInt(1e9, 4e9)}`);
  mkdirSync(folder, { mode: 0o700 });
  return folder;
}

/** @returns the uid of the object. */
async function writeBoth(invocation: Invocation, target: Target, live: string, merged: string): Promise<string> {
  const before = await getTarget(invocation, target).catch((error: unknown) => {
    if (isNotFound(error)) return null;
    throw error;
  });
  const after = await preview(invocation, target, before);
  const [shownBefore, shownAfter] = hideSecrets(before, after);
  const file = fileName(target.resource, target.namespace, after.metadata?.name);
  // Upstream leaves an empty file for what is not there yet; its time is printed.
  writeFileSync(join(live, file), shownBefore ? render(invocation, shownBefore) : '');
  writeFileSync(join(merged, file), render(invocation, shownAfter));
  return after.metadata?.uid ?? '';
}

/** What would be deleted stands at the one side only. */
async function writePrunable(
  invocation: Invocation,
  targets: readonly Target[],
  compared: ReadonlySet<string>,
  live: string,
): Promise<void> {
  const { findPrunable } = await import('./apply-prune.ts');
  const namespaces = new Set(targets.filter(({ resource }) => resource.namespaced).map(({ namespace }) => namespace));
  for await (const { resource, object } of findPrunable(invocation, compared, namespaces)) {
    const { name, namespace = '' } = object.metadata ?? {};
    // With managed fields: upstream leaves them out only where it compares.
    writeFileSync(join(live, fileName(resource, namespace, name)), renderYaml(hideSecrets(null, object)[1]));
  }
}

function fileName({ group, version, kind }: Resource, namespace: string, name = ''): string {
  return `${group === '' ? '' : `${group}.`}${version}.${kind}.${namespace}.${name}`;
}

function render({ flags }: Invocation, object: ApiObject): string {
  return renderYaml(flags.bool('show-managed-fields') ? object : withoutManagedFields(object));
}

/** What the server would make of it. */
async function preview(invocation: Invocation, target: Target, before: ApiObject | null): Promise<ApiObject> {
  const { flags, session } = invocation;
  const { resource, namespace, name = '', object = {} } = target;
  const client = await session.client();
  const query = { dryRun: 'All', fieldManager: flags.string('field-manager') };
  const subject = { resource: resource.name, name };
  if (flags.bool('server-side')) {
    return client.json<ApiObject>('PATCH', resourcePath(resource, namespace, name), {
      body: compactJson(object),
      contentType: 'application/apply-patch+yaml',
      query: {
        ...query,
        fieldManager: flags.changed('field-manager') ? flags.string('field-manager') : 'kubectl',
        force: flags.bool('force-conflicts'),
      },
      subject,
    });
  }
  if (!before)
    return client.json<ApiObject>('POST', resourcePath(resource, namespace), { body: object, query, subject });
  const { patch, contentType } = createApplyPatch(resource, withAnnotations(object), before);
  return client.json<ApiObject>('PATCH', resourcePath(resource, namespace, name), {
    body: patch,
    contentType,
    query,
    subject,
  });
}

/** Upstream's apply always sends annotations; without them it would take away all that were applied before. */
function withAnnotations(object: ApiObject): ApiObject {
  const { metadata = {} } = object;
  return { ...object, metadata: { ...metadata, annotations: { ...metadata.annotations } } };
}

/** Values of secrets are only said to differ. */
function hideSecrets(before: ApiObject | null, after: ApiObject): [ApiObject | null, ApiObject] {
  if (after.kind !== 'Secret' || after.apiVersion !== 'v1') return [before, after];
  const [old, new_] = [before?.data, after.data].map((data) => (isRecord(data) ? data : {}));
  const mask = (data: Record<string, unknown>, other: Record<string, unknown>, word: string) =>
    Object.fromEntries(
      Object.keys(data).map((key) => [key, key in other && other[key] !== data[key] ? `*** (${word})` : '***']),
    );
  const hidden = (object: ApiObject, data: Record<string, unknown>) => ({ ...object, data });
  return [
    before && hidden(before, mask(old ?? {}, new_ ?? {}, 'before')),
    hidden(after, mask(new_ ?? {}, old ?? {}, 'after')),
  ];
}

function compare({ io }: Invocation, live: string, merged: string): number {
  const external = (io.env.KUBECTL_EXTERNAL_DIFF ?? '').split(' ').filter((word) => word !== '');
  const [program = 'diff', ...options] = external.length > 0 ? external : ['diff', '-u', '-N'];
  // As upstream: words with other characters could do more than choose options.
  const safe = options.filter((word) => /^[a-zA-Z0-9-=]+$/.test(word));
  const { status, error, stdout, stderr } = spawnSync(program, [...safe, live, merged], {
    maxBuffer: 256 * 1024 * 1024,
    encoding: 'utf8',
  });
  if (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const reason = missing ? `exec: ${JSON.stringify(program)}: executable file not found in $PATH` : error.message;
    throw new CommandError(`failed to run ${JSON.stringify(program)}: ${reason}`);
  }
  io.stdout.write(stdout);
  io.stderr.write(stderr);
  return status ?? 2;
}
