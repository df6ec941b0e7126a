import { isDeepStrictEqual } from 'node:util';
import { listObjects, type Objects, wishOf } from './cluster-objects.ts';
import type { Snapshot } from './snapshot.ts';
import type { TestBench } from './test-bench.ts';
import { playTricks } from './tricks.ts';

const LABEL = 'nothing is done, and everything in the home pretends';

/**
 * A check fails before the first command of its stage, whatever stands in the learner's home.
 * @param before where the bench is, and is left.
 * @param doneApiUrl a cluster in which everything is done.
 */
export async function proveUndone(
  bench: TestBench,
  check: string,
  before: Snapshot,
  doneApiUrl: string,
): Promise<void> {
  const { already, mistakes, line } = bench.proof(check);
  const was = listObjects(bench.environment.cluster);
  // Tricks can only help a check to pass: when it refuses, it refuses without them too.
  if (already === null) await playTricks(bench.environment, bench.definition(check), doneApiUrl);
  let state = await bench.look(check);
  if (already === null) await bench.replica.restoreHome(before);
  const change = describeChange(was, listObjects(bench.environment.cluster));
  if (change !== null) {
    const problem = `check "${check}" changes the cluster: ${change}. A check only looks; let a command of the stage do it.`;
    bench.report('undone', check, LABEL, problem);
    return bench.restore(before);
  }
  if (already === null) {
    if (state.status !== 'passed') return bench.report('undone', check, LABEL, null);
    state = await bench.look(check);
  }
  if (already !== null) {
    if (state.status !== 'passed') {
      const problem = `check "${check}" does not hold before its stage. Remove "already" from its proof.`;
      bench.report('undone', check, LABEL, problem, line);
    } else if (mistakes.length === 0) {
      const problem = `check "${check}" holds before its stage and was never seen to fail. Add a mistake to its proof.`;
      bench.report('undone', check, LABEL, problem, line);
    }
    return;
  }
  const problem =
    state.status === 'passed'
      ? `check "${check}" passes before the first command of its stage. Test what the commands change, or give the reason behind "already:" in proof.yaml.`
      : `check "${check}" can be fooled: it passes, although nothing is done, when programs, aliases or the kubeconfig in the home pretend. Do not run or read anything from the home.`;
  bench.report('undone', check, LABEL, problem);
}

/** One thing that differs in what people want of the objects; null when nothing does. */
function describeChange(was: Objects, is: Objects): string | null {
  for (const key of new Set([...was.keys(), ...is.keys()])) {
    const [before, after] = [was.get(key), is.get(key)];
    const { kind, metadata } = (after ?? before)!.object;
    if (before === undefined) return `it makes the ${kind} ${metadata.name}`;
    if (after === undefined || (after.object.metadata.deletionTimestamp && !before.object.metadata.deletionTimestamp)) {
      return `it deletes the ${kind} ${metadata.name}`;
    }
    const isSame = before.object === after.object || isDeepStrictEqual(wishOf(before.object), wishOf(after.object));
    if (!isSame) return `it alters the ${kind} ${metadata.name}`;
  }
  return null;
}
