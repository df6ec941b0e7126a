import type { ApiObject } from './api/object.ts';
import { createChangePrinter } from './change.ts';
import type { Command, Invocation } from './command.ts';
import { CommandError } from './errors.ts';
import {
  ALL_NAMESPACES_FLAG,
  DRY_RUN_FLAG,
  FIELD_SELECTOR_FLAG,
  fieldManagerFlag,
  fileFlags,
  OUTPUT_FLAGS,
  RESOURCE_FLAGS,
} from './flag-sets.ts';
import { localTargets } from './local-targets.ts';
import { isEqual } from './patches/equal.ts';
import { patchObject } from './patch-object.ts';
import { findTargets, forEachTarget, listTarget } from './targets.ts';

export interface MetadataCommandOptions extends Pick<Command, 'usage' | 'long' | 'examples'> {
  field: 'labels' | 'annotations';
  noun: 'label' | 'annotation';
  done: string;
}

/** `label` and `annotate`. kubectl/pkg/cmd/label/label.go, annotate/annotate.go. */
export function metadataCommand(options: MetadataCommandOptions): Command {
  return {
    usage: options.usage,
    ...(options.long === undefined ? {} : { long: options.long }),
    ...(options.examples ? { examples: options.examples } : {}),
    flags: [
      ...OUTPUT_FLAGS,
      ...fileFlags('that names the objects'),
      ...RESOURCE_FLAGS,
      ALL_NAMESPACES_FLAG,
      FIELD_SELECTOR_FLAG,
      DRY_RUN_FLAG,
      fieldManagerFlag(`kubectl-${options.noun === 'label' ? 'label' : 'annotate'}`),
      { name: 'list', type: 'bool', usage: `Print the ${options.field} instead.` },
      { name: 'overwrite', type: 'bool', usage: 'Allow to change what is there.' },
      { name: 'resource-version', type: 'string', usage: 'Only if this is still the version of the object.' },
    ],
    run: (invocation) => run(invocation, options),
  };
}

interface Change {
  set: Map<string, string>;
  remove: string[];
}

async function run(invocation: Invocation, options: MetadataCommandOptions): Promise<number> {
  const { flags, io } = invocation;
  const { words, change } = splitArguments(invocation, options);
  if (flags.list('filename').length === 0 && words.length === 0 && !flags.bool('local')) {
    throw new CommandError('one or more resources must be specified as <resource> <name> or <resource>/<name>');
  }
  const listing = flags.bool('list');
  if (change.set.size === 0 && change.remove.length === 0 && !listing) {
    throw new CommandError(`at least one ${options.noun} update is required`);
  }
  const targets = flags.bool('local')
    ? await localTargets(invocation)
    : await findTargets(invocation, { words, allNamespaces: flags.bool('all-namespaces') });
  const print = await createChangePrinter(invocation);
  await forEachTarget(targets, async (target) => {
    const objects = flags.bool('local') ? [target.object ?? {}] : await listTarget(invocation, target);
    for (const object of objects) {
      if (listing) {
        for (const [key, value] of Object.entries(object.metadata?.[options.field] ?? {}).sort())
          io.stdout.write(`${key}=${value}\n`);
        continue;
      }
      await changeOne(invocation, options, change, { ...target, name: object.metadata?.name ?? '' }, object, print);
    }
  });
  return 0;
}

async function changeOne(
  invocation: Invocation,
  options: MetadataCommandOptions,
  change: Change,
  target: Parameters<typeof patchObject>[1],
  object: ApiObject,
  print: (object: ApiObject, operation: string) => void,
): Promise<void> {
  const { flags, io } = invocation;
  const before = object.metadata?.[options.field] ?? {};
  checkOverwrite(before, change, flags.bool('overwrite'), options);
  if (options.field === 'labels') {
    for (const key of change.remove) if (!(key in before)) io.stdout.write(`label ${JSON.stringify(key)} not found.\n`);
  }
  const after = Object.fromEntries([
    ...Object.entries(before).filter(([key]) => !change.remove.includes(key)),
    ...change.set,
  ]);
  const { [options.field]: _, ...metadata } = object.metadata ?? {};
  const version = flags.string('resource-version');
  const changed = {
    ...object,
    metadata: { ...metadata, [options.field]: after, ...(version === '' ? {} : { resourceVersion: version }) },
  } as ApiObject;
  const same = isEqual(before, after);
  const shown = same ? object : await patchObject(invocation, target, object, changed);
  if (options.field === 'annotations') print(shown, options.done);
  else if (same) print(shown, 'not labeled');
  else print(shown, change.set.size === 0 ? 'unlabeled' : options.done);
}

function checkOverwrite(
  before: Record<string, string>,
  change: Change,
  overwrite: boolean,
  options: MetadataCommandOptions,
): void {
  if (overwrite) return;
  const taken = [...change.set].filter(([key, value]) => key in before && before[key] !== value).map(([key]) => key);
  if (taken.length === 0) return;
  const said = taken.map((key) => `'${key}' already has a value (${before[key] ?? ''})`);
  if (options.field === 'labels') throw new CommandError(`${said[0]}, and --overwrite is false`);
  throw new CommandError(`--overwrite is false but found the following declared annotation(s): ${said.join('; ')}`);
}

/** Words before the first `key=value` or `key-` name objects. */
function splitArguments({ args }: Invocation, options: MetadataCommandOptions): { words: string[]; change: Change } {
  const isPair = (word: string) => word.includes('=') || word.endsWith('-');
  const first = args.findIndex(isPair);
  const words = first < 0 ? args : args.slice(0, first);
  const pairs = first < 0 ? [] : args.slice(first);
  const change: Change = { set: new Map(), remove: [] };
  for (const pair of pairs) {
    if (!isPair(pair))
      throw new CommandError(`all resources must be specified before ${options.noun} changes: ${pair}`);
    const equals = pair.indexOf('=');
    if (equals > 0) {
      const value = pair.slice(equals + 1);
      if (options.field === 'labels') checkLabelValue(pair, value);
      change.set.set(pair.slice(0, equals), value);
    } else if (pair.endsWith('-') && pair.length > 1) {
      change.remove.push(pair.slice(0, -1));
    } else {
      throw new CommandError(
        options.field === 'labels' ? `unknown label spec: ${pair}` : `invalid annotation format: ${pair}`,
      );
    }
  }
  for (const key of change.remove) {
    if (change.set.has(key))
      throw new CommandError(
        `can not both modify and remove ${options.noun === 'label' ? 'a label' : 'an annotation'} in the same command`,
      );
  }
  return { words, change };
}

function checkLabelValue(pair: string, value: string): void {
  if (value.length > 63) {
    throw new CommandError(`invalid label value: ${JSON.stringify(pair)}: must be no more than 63 bytes`);
  }
  if (/^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/.test(value)) return;
  throw new CommandError(
    `invalid label value: ${JSON.stringify(pair)}: a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
  );
}
