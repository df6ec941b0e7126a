import type { RunBlock, Step } from '../../common/lesson.ts';
import type { LessonDefinition } from '../lessons/definition.ts';

/** What a session looks at in a lesson, whatever its language. `runBlocks` by their ids, in order. */
export function partsOf(lesson: LessonDefinition) {
  // Commands and checks are the same in every language, so any text will do.
  const text = lesson.texts.en;
  const { steps } = text.lesson;
  const runBlocks = new Map(steps.flatMap(runBlocksOf).map((block) => [block.id, block]));
  const terminalCount = Math.max(1, ...[...runBlocks.values()].map((block) => block.terminal));
  return { text, steps, runBlocks, terminalCount };
}

/** New ids of blocks by their old ones: the n-th of a command is still the n-th of it. */
export function movedBlocks(
  before: ReadonlyMap<string, RunBlock>,
  after: ReadonlyMap<string, RunBlock>,
): ReadonlyMap<string, string> {
  const places = new Map<string, string[]>();
  for (const { id, command } of after.values()) places.set(command, [...(places.get(command) ?? []), id]);
  const moved = new Map<string, string>();
  for (const { id, command } of before.values()) {
    const place = places.get(command)?.shift();
    if (place !== undefined) moved.set(id, place);
  }
  return moved;
}

export function runBlocksOf(step: Step): RunBlock[] {
  return step.blocks.filter((block) => block.kind === 'run');
}
