import type { Cluster, KubernetesObject } from '../../cluster/index.ts';
import type { ObjectTest } from '../lessons/definition.ts';
import { parseFieldPath, readField } from '../lessons/field-path.ts';
import type { Found } from './cluster-objects.ts';
import { changed, leavesOf, leftOut, type Mutant, otherValues } from './mutants.ts';
import { readerOf } from '../session/embedded-environment.ts';
import type { Snapshot } from './snapshot.ts';
import type { TestBench } from './test-bench.ts';

/**
 * A check of an object refuses it when it is deleted, renamed or moved, and when a field of `has` is another or
 * missing. Nothing happens in the cluster for that: what the check reads of it is altered on the way.
 */
export async function proveGoal(bench: TestBench, check: string, after: Snapshot): Promise<void> {
  const { test } = bench.definition(check);
  if (test.kind !== 'object' || test.absent) return;
  const goal = after.objects.get(goalKey(bench, check) ?? '');
  // What a controller makes cannot be written wrongly.
  if (!goal) return;
  const { object } = goal;
  const { name, namespace } = object.metadata;
  const renamed = { ...object, metadata: { ...object.metadata, name: `${name}-other` } };
  const moved = { ...object, metadata: { ...object.metadata, namespace: `${namespace}-other` } };
  const states: [label: string, seen: KubernetesObject | null][] = [
    [`${test.subject} deleted`, null],
    [`${test.subject} named ${renamed.metadata.name}`, renamed],
    ...(namespace === undefined ? [] : [[`${test.subject} in another namespace`, moved] as [string, KubernetesObject]]),
    ...goalMutants(test, object).map(({ label, object: mutant }): [string, KubernetesObject] => [label, mutant]),
  ];
  for (const [label, seen] of states) {
    const { environment } = bench;
    const state = await bench.lookInto(check, {
      ...environment,
      objects: readerOf(seeing(environment.cluster, goal, seen)),
    });
    const problem = state.status === 'passed' ? `check "${check}" passes with ${label}. Test the value itself.` : null;
    bench.report('goal', check, label, problem);
  }
}

/** Key of the object that the check looks at, null when it looks at none. */
export function goalKey(bench: TestBench, check: string): string | null {
  const { test } = bench.definition(check);
  if (test.kind !== 'object') return null;
  const kind = bench.environment.cluster.findResource(test.resource);
  if (!kind) return null;
  return `${kind.resource} ${kind.namespaced ? (test.namespace ?? 'default') : ''} ${test.name}`;
}

function goalMutants(test: ObjectTest, object: KubernetesObject): Mutant[] {
  return Object.entries(test.has).flatMap(([path, expected]) => {
    return leavesOf(expected, parseFieldPath(path)!).flatMap((leaf) => {
      // An empty map in `has` asks for no field.
      const value = readField(object, leaf);
      if (typeof value === 'object' || value === undefined) return [];
      return [changed(object, leaf, otherValues(value)[0]), leftOut(object, leaf)];
    });
  });
}

/** The cluster, except for one object: another in its place, or none. */
function seeing(cluster: Cluster, { resource, object }: Found, seen: KubernetesObject | null): Cluster {
  return {
    ...cluster,
    get(wanted, namespace, name) {
      if (wanted === resource && seen?.metadata.namespace === namespace && seen?.metadata.name === name) return seen;
      const isIt = wanted === resource && object.metadata.namespace === namespace && object.metadata.name === name;
      return isIt ? undefined : cluster.get(wanted, namespace, name);
    },
  };
}
