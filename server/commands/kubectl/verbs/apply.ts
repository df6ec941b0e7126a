import type { ApiObject } from '../api/object.ts';
import { resourcePath } from '../api/resource.ts';
import { createApplyPatch } from '../apply-patch.ts';
import { checkValidate, createChangePrinter, dryRunOf, writeQuery } from '../change.ts';
import type { Command, Invocation } from '../command.ts';
import { addSource, CommandError, isNotFound, StatusError, UsageError } from '../errors.ts';
import {
  DELETE_FLAGS,
  DRY_RUN_FLAG,
  fieldManagerFlag,
  fileFlags,
  OUTPUT_FLAGS,
  SELECTOR_FLAG,
  VALIDATE_FLAG,
} from '../flag-sets.ts';
import { lastApplied, LAST_APPLIED, withLastApplied } from '../last-applied.ts';
import { compactJson } from '../output/json.ts';
import { applyMergePatch } from '../patches/merge-patch.ts';
import { applyStrategicPatch } from '../patches/strategic-patch.ts';
import { findTargets, forEachTarget, getTarget, type Target } from '../targets.ts';
import { applyServerSide } from './apply-server-side.ts';
import { matchesLabels } from '../label-selector.ts';
import { prune } from './apply-prune.ts';
import { viewLastApplied } from './apply-view-last-applied.ts';

export const command: Command = {
  usage: '(-f FILENAME | -k DIRECTORY)',
  long: 'Makes objects as files say: those that do not exist are created, the others changed. What the file said is kept in an annotation, so that fields dropped from it can be removed the next time.',
  examples: [
    ['Apply a file', 'apply -f web.yaml'],
    ['All files of a folder', 'apply -f manifests/'],
    ['What is typed', 'apply -f -'],
    ['Only look whether the server would take it', 'apply -f web.yaml --dry-run=server'],
  ],
  flags: [
    ...fileFlags('with the objects to apply'),
    ...OUTPUT_FLAGS,
    ...DELETE_FLAGS,
    DRY_RUN_FLAG,
    VALIDATE_FLAG,
    SELECTOR_FLAG,
    fieldManagerFlag('kubectl-client-side-apply'),
    { name: 'all', type: 'bool', usage: 'With --prune: all objects of the namespace.' },
    { name: 'force-conflicts', type: 'bool', usage: 'With --server-side: take fields over from other managers.' },
    { name: 'openapi-patch', type: 'bool', default: 'true', usage: 'Accepted; merge keys are built in.' },
    { name: 'overwrite', type: 'bool', default: 'true', usage: "Accepted; the file's values always win." },
    { name: 'prune', type: 'bool', usage: 'Delete applied objects that the files no longer have; needs -l or --all.' },
    {
      name: 'prune-allowlist',
      type: 'list',
      usage: 'Kind that --prune may delete, as core/v1/ConfigMap; may be repeated.',
    },
    { name: 'server-side', type: 'bool', usage: 'Let the server merge.' },
    { name: 'subresource', type: 'string', usage: 'With --server-side: apply to this subresource.' },
    { name: 'wait', type: 'bool', usage: 'Accepted; only --prune deletes.' },
  ],
  subcommands: [
    {
      name: 'view-last-applied',
      short: 'Print what was applied last',
      load: () => Promise.resolve(viewLastApplied),
    },
    {
      name: 'edit-last-applied',
      short: 'Edit what was applied last',
      load: async () => (await import('./apply-change-last-applied.ts')).editLastApplied,
    },
    {
      name: 'set-last-applied',
      short: 'Set what was applied last',
      load: async () => (await import('./apply-change-last-applied.ts')).setLastApplied,
    },
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { flags, args } = invocation;
  const serverSide = flags.bool('server-side');
  const dryRun = dryRunOf(invocation);
  if (serverSide && dryRun === 'client') {
    throw new CommandError(`--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)`);
  }
  checkValidate(invocation);
  if (args.length > 0) throw new UsageError(`Unexpected args: [${args.join(' ')}]`);
  if (flags.list('filename').length === 0 && flags.string('kustomize') === '') {
    throw new CommandError('must specify one of -f and -k');
  }
  if (flags.bool('force-conflicts') && !serverSide)
    throw new CommandError('--force-conflicts only works with --server-side');
  const selector = flags.string('selector');
  if (flags.bool('prune') && selector === '' && !flags.bool('all')) {
    throw new CommandError(
      'all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector',
    );
  }
  const all = await findTargets(invocation);
  const targets = selector === '' ? all : all.filter(({ object }) => matchesLabels(object?.metadata?.labels, selector));
  if (targets.length === 0) await forEachTarget(targets, async () => {});
  if (targets.length === 0) throw new CommandError('no objects passed to apply');
  const say = await createChangePrinter(invocation);
  const applied = new Set<string>();
  const namespaces = new Set<string>();
  const print: Print = (object, operation) => {
    applied.add(object.metadata?.uid ?? '');
    if (object.metadata?.namespace) namespaces.add(object.metadata.namespace);
    say(object, operation);
  };
  await forEachTarget(targets, (target) =>
    serverSide ? applyServerSide(invocation, target, print) : applyOne(invocation, target, print),
  );
  if (flags.bool('prune')) await prune(invocation, applied, namespaces, say);
  return 0;
}

type Print = (object: ApiObject, operation: string) => void;

async function applyOne(invocation: Invocation, target: Target, print: Print): Promise<void> {
  const { object = {}, source } = target;
  if (target.name === undefined || target.name === '') {
    const generated = object.metadata?.generateName;
    if (!generated) throw addSource(new CommandError('resource name may not be empty'), retrieving(target), source);
    throw new CommandError(`from ${generated}: cannot use generate name with apply`);
  }
  const modified = withLastApplied(object);
  let current: ApiObject;
  try {
    current = await getTarget(invocation, target);
  } catch (error) {
    if (isNotFound(error)) return create(invocation, target, modified, print);
    throw addSource(error, retrieving(target), source);
  }
  const answer = await patchUntilAccepted(invocation, target, modified, current);
  print(answer.object, answer.changed ? 'configured' : 'unchanged');
}

async function create(invocation: Invocation, target: Target, object: ApiObject, print: Print): Promise<void> {
  const { resource, namespace, source } = target;
  if (dryRunOf(invocation) === 'client') {
    print(object, 'created');
    return;
  }
  try {
    const client = await invocation.session.client();
    const created = await client.json<ApiObject>('POST', resourcePath(resource, namespace), {
      body: object,
      query: writeQuery(invocation),
      subject: { resource: resource.name },
    });
    if (resource.name === 'customresourcedefinitions') (await invocation.session.discovery()).forget();
    print(created, 'created');
  } catch (error) {
    throw addSource(error, 'creating', source);
  }
}

/** kubectl/pkg/cmd/apply/patcher.go, maxPatchRetry. */
const MAX_CONFLICTS = 5;

async function patchUntilAccepted(invocation: Invocation, target: Target, modified: ApiObject, first: ApiObject) {
  let current = first;
  for (let attempt = 1; ; attempt++) {
    try {
      return await patch(invocation, target, modified, current);
    } catch (error) {
      const conflict = error instanceof StatusError && error.reason === 'Conflict';
      if (!conflict || attempt > MAX_CONFLICTS) throw error;
      current = await getTarget(invocation, target);
    }
  }
}

async function patch(invocation: Invocation, target: Target, modified: ApiObject, current: ApiObject) {
  const { resource, namespace, name = '' } = target;
  if (lastApplied(current) === null) {
    invocation.session.warn(
      `resource ${groupResourceName(target)} is missing the ${LAST_APPLIED} annotation which is required by ${invocation.program} apply. ${invocation.program} apply should only be used on resources created declaratively by either ${invocation.program} create --save-config or ${invocation.program} apply. The missing annotation will be patched automatically.`,
    );
  }
  const { patch, strategic, contentType } = createApplyPatch(resource, modified, current);
  if (Object.keys(patch).length === 0) return { object: current, changed: false };
  if (dryRunOf(invocation) === 'client') {
    const merged = strategic ? applyStrategicPatch(current, patch) : (applyMergePatch(current, patch) as ApiObject);
    return { object: merged as ApiObject, changed: true };
  }
  const client = await invocation.session.client();
  try {
    const object = await client.json<ApiObject>('PATCH', resourcePath(resource, namespace, name), {
      body: patch,
      contentType,
      query: writeQuery(invocation),
      subject: { resource: resource.name, name },
    });
    return { object, changed: true };
  } catch (error) {
    throw addSource(
      error,
      `applying patch:\n${compactJson(patch)}\nto:\n${describeTarget(target)}\nfor:`,
      target.source,
    );
  }
}

/** `configmaps/settings`, `deployments/web`. */
function groupResourceName({ resource, name = '' }: Target): string {
  return `${resource.name}/${name}`;
}

function retrieving(target: Target): string {
  return `retrieving current configuration of:\n${describeTarget(target)}\nfrom server for:`;
}

function describeTarget({ resource, namespace, name = '' }: Target): string {
  const version = `${resource.group}/${resource.version}`;
  return `Resource: "${version}, Resource=${resource.name}", GroupVersionKind: "${version}, Kind=${resource.kind}"\nName: "${name}", Namespace: "${namespace}"`;
}
