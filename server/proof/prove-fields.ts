import { isDeepStrictEqual } from 'node:util';
import type { KubernetesObject } from '../../cluster/index.ts';
import type { ObjectTest } from '../lessons/definition.ts';
import { type FieldPath, parseFieldPath, readField } from '../lessons/field-path.ts';
import { type Found, keyOf, wishOf } from './cluster-objects.ts';
import { changed, leavesOf, leftOut, type Mutant, narrowed, otherValues, supportedValues } from './mutants.ts';
import { goalKey } from './prove-goal.ts';
import type { Snapshot } from './snapshot.ts';
import type { Stage } from './stages.ts';
import type { TestBench } from './test-bench.ts';

/**
 * Custom objects that a stage's commands spell out, as those of the mesh: no default stands in them, so that the learner
 * wrote each field. Kubernetes' own kinds are full of defaults that no check should look at, and what comes from a file
 * of the lesson's is not for the learner to get wrong.
 */
export function writtenObjects({ blocks }: Stage, before: Snapshot, after: Snapshot): Found[] {
  return [...after.objects].flatMap(([key, found]) => {
    if (!isCustom(found.resource) || found.object.spec === undefined) return [];
    if (!blocks.some(({ command }) => command.includes(found.object.metadata.name))) return [];
    const old = before.objects.get(key);
    return old && isDeepStrictEqual(wishOf(old.object), wishOf(found.object)) ? [] : [found];
  });
}

/**
 * Changes each field of the object, or leaves it out, in the cluster: some check of the stage refuses what comes of it.
 * @param after where the bench is, and is left.
 */
export async function proveFields(
  bench: TestBench,
  found: Found,
  checks: readonly string[],
  after: Snapshot,
): Promise<void> {
  const object = wishOf(found.object);
  const key = keyOf(found.resource, object);
  const owner = checks.find((check) => goalKey(bench, check) === key) ?? checks[0]!;
  const free = checks.flatMap((check) => Object.keys(bench.proof(check).free).map((path) => parseFieldPath(path)!));
  const has = checks.flatMap((check) => {
    if (goalKey(bench, check) !== key) return [];
    return Object.keys((bench.definition(check).test as ObjectTest).has).map((path) => parseFieldPath(path)!);
  });
  const leaves = leavesOf(object.spec, ['spec']).filter((leaf) => !free.some((path) => isBelow(leaf, path)));
  // An empty spec is a whole of its own: there is no field in it to get wrong.
  const open = leaves.filter((leaf) => leaf.length > 1 && !has.some((path) => isBelow(leaf, path)));
  const mutants: Mutant[] = [];
  for (const leaf of open) {
    const other = await acceptedChange(bench, found, object, leaf);
    if (other) mutants.push(other);
    mutants.push(leftOut(object, leaf));
  }
  mutants.push(...narrowed(object, leaves));
  for (const mutant of mutants) {
    // What the API does not take cannot be got wrong.
    if ((await bench.replica.put({ ...found, object: mutant.object })) !== null) continue;
    const label = `${object.kind} ${object.metadata.name}: ${mutant.label}`;
    const problem = `no check of its stage refuses ${label}`;
    bench.report('field', owner, label, (await isAnyRefused(bench, checks)) ? null : problem);
  }
  await bench.restore(after);
}

/** Another value that the API takes for the field; undefined when it takes none. */
async function acceptedChange(
  bench: TestBench,
  found: Found,
  object: KubernetesObject,
  leaf: FieldPath,
): Promise<Mutant | undefined> {
  const current = readField(object, leaf);
  const candidates = otherValues(current);
  for (const value of candidates) {
    const mutant = changed(object, leaf, value);
    const refusal = await bench.replica.put({ ...found, object: mutant.object });
    if (refusal === null) return mutant;
    for (const word of supportedValues(refusal)) {
      if (word !== current && !candidates.includes(word)) candidates.push(word);
    }
  }
  return undefined;
}

async function isAnyRefused(bench: TestBench, checks: readonly string[]): Promise<boolean> {
  const isCommand = (check: string) => Number(bench.definition(check).test.kind === 'run');
  // Objects are read at once; a command is a process.
  const byCost = [...checks].sort((a, b) => isCommand(a) - isCommand(b));
  for (const check of byCost) if ((await bench.look(check)).status === 'failed') return true;
  return false;
}

/** Kinds that a definition adds: not Kubernetes' own, and not OpenShift's. */
function isCustom(resource: string): boolean {
  const group = resource.slice(resource.indexOf('.') + 1);
  return resource.includes('.') && group.includes('.') && !/(?:^|\.)(?:k8s|openshift)\.io$/.test(group);
}

function isBelow(path: FieldPath, above: FieldPath): boolean {
  return above.every((step, index) => path[index] === step);
}
