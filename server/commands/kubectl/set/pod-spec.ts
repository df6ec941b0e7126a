import { isRecord, type ApiObject } from '../api/object.ts';
import { createChangePrinter } from '../change.ts';
import type { Invocation } from '../command.ts';
import { CommandError, StatusError } from '../errors.ts';
import { DRY_RUN_FLAG, fieldManagerFlag, fileFlags, OUTPUT_FLAGS, RESOURCE_FLAGS } from '../flag-sets.ts';
import type { FlagSpec } from '../flags.ts';
import { localTargets } from '../local-targets.ts';
import { isEqual } from '../patches/equal.ts';
import { patchObject } from '../patch-object.ts';
import type { Container } from '../pods.ts';
import { groupResource } from '../api/resource.ts';
import { findTargets, forEachTarget, listTarget, type Target } from '../targets.ts';

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
  withFields(fields: Record<string, unknown>): ApiObject;
}

/** kubectl/pkg/polymorphichelpers/updatepodspec.go. */
class NoPodSpec extends CommandError {
  constructor(object: ApiObject) {
    const { kind = '', apiVersion = '' } = object;
    const version = apiVersion.split('/').at(-1) ?? '';
    super(`the object is not a pod or does not have a pod template: *${version}.${kind}`);
  }
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
    throw new NoPodSpec(object);
  }
  const found = spec;
  return {
    containers: spec.containers as Container[],
    initContainers: (spec.initContainers ?? []) as Container[],
    withFields: (fields) => replaceAt(object, path, { ...found, ...fields }) as ApiObject,
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

/** Changes each object and says so, or says nothing where nothing changes unless `sayAlways`. */
export async function setEach(
  invocation: Invocation,
  words: readonly string[],
  done: string,
  change: (object: ApiObject) => ApiObject,
  { sayAlways = false } = {},
): Promise<void> {
  const { flags } = invocation;
  const local = flags.bool('local');
  const targets = local ? await localTargets(invocation) : await findTargets(invocation, { words });
  const print = await createChangePrinter(invocation);
  await forEachTarget(targets, async (target) => {
    for (const object of local ? [target.object ?? {}] : await listTarget(invocation, target)) {
      const changed = changeNamed(target, object, change);
      if (!sayAlways && isEqual(object, changed) && flags.string('output') === '') continue;
      const named = { ...target, name: object.metadata?.name ?? '' };
      print(
        await patchObject(invocation, named, object, changed).catch((error: unknown) => explain(error, done)),
        done,
      );
    }
  });
}

function changeNamed(target: Target, object: ApiObject, change: (object: ApiObject) => ApiObject): ApiObject {
  try {
    return change(object);
  } catch (error) {
    if (!(error instanceof NoPodSpec)) throw error;
    throw new CommandError(`${groupResource(target.resource)}/${object.metadata?.name ?? ''} ${error.message}`);
  }
}

/** kubectl/pkg/cmd/set/set_image.go and its like: what the server refused is the update. */
function explain(error: unknown, done: string): never {
  if (!(error instanceof StatusError)) throw error;
  const what = done.replace(/ updated$/, '').replace('resource requirements', 'limit');
  throw new CommandError(`failed to patch ${what} update to pod template: ${error.status.message ?? ''}`);
}

/** Splits `TYPE NAME KEY=VALUE …` before the first pair. */
export function splitWords(
  args: readonly string[],
  isChange: (word: string) => boolean,
): [words: string[], changes: string[]] {
  const first = args.findIndex(isChange);
  return first < 0 ? [[...args], []] : [args.slice(0, first), args.slice(first)];
}
