import type { BlockState, RunBlock, RunOrigin } from '../../common/lesson.ts';
import { compareOutput, matchesSoFar } from '../lessons/match/compare-output.ts';
import { judge } from './judge.ts';

/**
 * A command whose output matches for this long has passed although it goes on, as a watch does.
 * Long enough that a command about to end is judged by its end.
 */
const SETTLED_MS = 400;

/** One run of a block, from its start to its verdict. */
export interface BlockRun {
  readonly block: RunBlock;
  /** All output so far. */
  progress(output: string): void;
  finish(output: string, status: number): void;
  /** A verdict that no output can change: syntax error, end of the shell. */
  settle(state: BlockState): void;
  dispose(): void;
}

/** `report` is called with `running` at once, then with each change; the last is a verdict. */
export function createBlockRun(block: RunBlock, how: RunOrigin, report: (state: BlockState) => void): BlockRun {
  let output = '';
  let matched = false;
  let timedOut = false;
  let ended = false;
  let settling: NodeJS.Timeout | undefined;
  const timeout = setTimeout(() => {
    if (matched) return;
    timedOut = true;
    const { lines } = compareOutput(block.outputs, output);
    report({ status: 'failed', how, failure: { reason: 'timeout', timeoutMs: block.timeoutMs, lines } });
  }, block.timeoutMs);
  const end = (state: BlockState) => {
    if (ended) return;
    ended = true;
    clearTimeout(settling);
    clearTimeout(timeout);
    report(state);
  };
  report({ status: 'running' });

  return {
    block,
    progress(text) {
      output = text;
      if (ended || matched || block.outputs.length === 0) return;
      if (!matchesSoFar(block.outputs, output)) {
        clearTimeout(settling);
        settling = undefined;
        return;
      }
      settling ??= setTimeout(() => {
        matched = true;
        report({ status: 'passed', how, running: true });
      }, SETTLED_MS);
    },
    finish(text, status) {
      // After a time-out the end still counts: slow is not wrong, and the learner sees it turn.
      const state = judge(block, { how, output: text, status, matched });
      if (timedOut && state.status === 'failed' && state.failure.reason === 'interrupted') return this.dispose();
      end(state);
    },
    settle: end,
    dispose() {
      ended = true;
      clearTimeout(settling);
      clearTimeout(timeout);
    },
  };
}
