import { isRecord, type ApiObject } from '../api/object.ts';
import { createChangePrinter } from '../change.ts';
import type { Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { DRY_RUN_FLAG, fieldManagerFlag, fileFlags, OUTPUT_FLAGS, RESOURCE_FLAGS } from '../flag-sets.ts';
import type { FlagSpec } from '../flags.ts';
import { localTargets } from '../local-targets.ts';
import { isEqual } from '../patches/equal.ts';
import { patchObject } from '../patch-object.ts';
import type { Container } from '../pods.ts';
import { findTargets, forEachTarget, listTarget } from '../targets.ts';

export const SET_FLAGS: readonly FlagSpec[] = [
  ...OUTPUT_FLAGS,
  ...fileFlags('that names the objects'),
  ...RESOURCE_FLAGS,
  DRY_RUN_FLAG,
  fieldManagerFlag('kubectl-set'),
];

/** Containers of an object's pods, and the object with others in their place. */
export interface PodSpecOf {
  containers: Container[];
  initContainers: Container[];
  with(containers: Container[], initContainers: Container[]): ApiObject;
}

/** @throws CommandError when the object has no pods. */
export function podSpecOf(object: ApiObject): PodSpecOf {
  const path =
    object.kind === 'Pod'
      ? ['spec']
      : object.kind === 'CronJob'
        ? ['spec', 'jobTemplate', 'spec', 'template', 'spec']
        : ['spec', 'template', 'spec'];
  let spec: unknown = object;
  for (const field of path) spec = isRecord(spec) ? spec[field] : undefined;
  if (!isRecord(spec) || !Array.isArray(spec.containers)) {
    throw new CommandError(
      `could not find pod spec in ${object.kind ?? ''} ${JSON.stringify(object.metadata?.name ?? '')}`,
    );
  }
  const found = spec;
  return {
    containers: spec.containers as Container[],
    initContainers: (spec.initContainers ?? []) as Container[],
    with(containers, initContainers) {
      const changed = { ...found, containers, ...(initContainers.length > 0 ? { initContainers } : {}) };
      return replaceAt(object, path, changed) as ApiObject;
    },
  };
}

function replaceAt(value: unknown, path: readonly string[], replacement: unknown): unknown {
  const [field, ...rest] = path;
  if (field === undefined) return replacement;
  const record = isRecord(value) ? value : {};
  return { ...record, [field]: replaceAt(record[field], rest, replacement) };
}

/** Changes each object and says so, or says nothing where nothing changes. */
export async function setEach(
  invocation: Invocation,
  words: readonly string[],
  done: string,
  change: (object: ApiObject) => ApiObject,
): Promise<void> {
  const { flags } = invocation;
  const local = flags.bool('local');
  const targets = local ? await localTargets(invocation) : await findTargets(invocation, { words });
  const print = await createChangePrinter(invocation);
  await forEachTarget(targets, async (target) => {
    for (const object of local ? [target.object ?? {}] : await listTarget(invocation, target)) {
      const changed = change(object);
      if (isEqual(object, changed) && flags.string('output') === '') continue;
      print(await patchObject(invocation, { ...target, name: object.metadata?.name ?? '' }, object, changed), done);
    }
  });
}

/** Splits `TYPE NAME KEY=VALUE …` before the first pair. */
export function splitWords(
  args: readonly string[],
  isChange: (word: string) => boolean,
): [words: string[], changes: string[]] {
  const first = args.findIndex(isChange);
  return first < 0 ? [[...args], []] : [args.slice(0, first), args.slice(first)];
}
