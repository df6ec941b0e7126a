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
  if (already === null) {
    // Tricks can only help a check to pass: when it refuses, it refuses without them too.
    await playTricks(bench.environment, bench.definition(check), doneApiUrl);
    const tricked = await bench.look(check);
    await bench.replica.restoreHome(before);
    if (tricked.status !== 'passed') return bench.report('undone', check, LABEL, null);
  }
  const state = await bench.look(check);
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
