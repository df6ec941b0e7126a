import type { Lesson, RunBlock, Step } from '../../common/lesson.ts';

/** Commands, and the checks that say what is true after them. */
export interface Stage {
  /** In the order of the text; empty when the checks follow none. */
  blocks: RunBlock[];
  /** Names. */
  checks: string[];
}

/**
 * Cuts a lesson where its checks stand: checks with no command between them end one stage. Commands after the last
 * check belong to none.
 */
export function cutStages(lesson: Pick<Lesson, 'steps'>): Stage[] {
  const stages: Stage[] = [];
  let open: Stage = { blocks: [], checks: [] };
  for (const block of lesson.steps.flatMap((step: Step) => step.blocks)) {
    if (block.kind === 'hint') continue;
    if (block.kind === 'check') {
      if (open.checks.length === 0) stages.push(open);
      open.checks.push(block.name);
    } else {
      if (open.checks.length > 0) open = { blocks: [], checks: [] };
      open.blocks.push(block);
    }
  }
  return stages;
}
