import { doneCheck } from '../../common/protocol.ts';
import type { BlockState, CheckState, Lesson, Step } from '../../common/lesson.ts';

/** What became of the blocks and checks of a lesson, by block id and by check name. Absent is idle. */
export interface Results {
  blocks: Record<string, BlockState>;
  checks: Record<string, CheckState>;
  /** What has passed once, whatever became of it since: ids of blocks, and checks as `doneCheck` names them. */
  done: ReadonlySet<string>;
}

/** Run blocks and checks; hints are nothing to do. */
export interface Progress {
  done: number;
  total: number;
  /** `reading`: nothing to do. `started`: something passed, failed or runs, but not all passed. */
  state: 'reading' | 'todo' | 'started' | 'done';
}

export function stepProgress(step: Step, results: Results): Progress {
  const statuses = step.blocks.flatMap((block) => {
    if (block.kind === 'run')
      return [results.done.has(block.id) ? 'passed' : (results.blocks[block.id]?.status ?? 'idle')];
    if (block.kind === 'check')
      return [results.done.has(doneCheck(block.name)) ? 'passed' : (results.checks[block.name]?.status ?? 'idle')];
    return [];
  });
  return progressOf(
    statuses.filter((status) => status === 'passed').length,
    statuses.length,
    statuses.some((status) => status !== 'idle'),
  );
}

/** Sum over all steps. */
export function lessonProgress(lesson: Lesson, results: Results): Progress {
  const steps = lesson.steps.map((step) => stepProgress(step, results));
  return progressOf(
    steps.reduce((sum, step) => sum + step.done, 0),
    steps.reduce((sum, step) => sum + step.total, 0),
    steps.some((step) => step.state === 'started' || step.state === 'done'),
  );
}

function progressOf(done: number, total: number, touched: boolean): Progress {
  if (total === 0) return { done, total, state: 'reading' };
  if (done === total) return { done, total, state: 'done' };
  return { done, total, state: touched ? 'started' : 'todo' };
}
