import type { BlockState, RunBlock, RunOrigin } from '../../common/lesson.ts';
import { compareOutput } from '../lessons/match/compare-output.ts';

/** Bash's status of a command that Ctrl-C ended, and of one that Ctrl-Z stopped. */
const ENDED_BY_HAND: readonly number[] = [130, 148];

/** Judges a command that has ended. `matched`: its output had matched while it ran. */
export function judge(
  block: RunBlock,
  run: { how: RunOrigin; output: string; status: number; matched: boolean },
): BlockState {
  const interrupted = ENDED_BY_HAND.includes(run.status) && block.exit !== run.status;
  if (interrupted) {
    // A watch has shown what it should and is then ended by hand: that is how it is done.
    return run.matched
      ? { status: 'passed', how: run.how, running: false }
      : { status: 'failed', how: run.how, failure: { reason: 'interrupted' } };
  }
  const comparison = compareOutput(block.outputs, run.output);
  const exit = run.status === block.exit ? null : { expected: block.exit, actual: run.status };
  if (comparison.ok && exit === null) return { status: 'passed', how: run.how, running: false };
  return { status: 'failed', how: run.how, failure: { reason: 'different', lines: comparison.lines, exit } };
}
