import type { LessonDefinition } from '../lessons/definition.ts';
import { createEmbeddedEnvironment } from '../session/embedded-environment.ts';
import type { SessionDeps } from '../session/session.ts';
import type { Attempt } from './attempt.ts';
import { proveMistake, proveWay } from './prove-commands.ts';
import { proveFields, writtenObjects } from './prove-fields.ts';
import { proveGoal } from './prove-goal.ts';
import { proveOutage } from './prove-outage.ts';
import { proveUndone } from './prove-undone.ts';
import { Replica } from './replica.ts';
import { createSkipClock } from './skip-clock.ts';
import type { Snapshot } from './snapshot.ts';
import { cutStages, type Stage } from './stages.ts';
import { TestBench } from './test-bench.ts';
import type { WarmTools } from './warm-tools.ts';

/**
 * Puts the checks of a lesson to the test. Commands and checks are the same in every language, so once is enough.
 * @param snapshots of a session in which everything passes and which still lives: before the first command, then after
 * each stage. Stages without both of theirs are left out.
 * @param warmTools null where there are none.
 * @param attempts gets each as it is made, so that those before an error are not lost.
 * @throws RestoreError when a cluster cannot be brought to where a stage begins or ends.
 */
export async function proveLesson(
  lesson: LessonDefinition,
  snapshots: readonly Snapshot[],
  deps: SessionDeps,
  warmTools: WarmTools | null,
  attempts: Attempt[],
): Promise<void> {
  const [start] = snapshots;
  if (start === undefined) return;
  const createReplica = async () => {
    const clock = createSkipClock();
    const toolsDirectory = warmTools?.directory ?? deps.toolsDirectory;
    const environment = await createEmbeddedEnvironment({
      ...deps,
      ...lesson.config,
      toolsDirectory,
      files: null,
      clock,
    });
    for (const env of [environment.shellEnv, environment.checkEnv]) warmTools?.prepare(env);
    const replica = new Replica(environment, clock);
    await replica.settle(start);
    return replica;
  };
  const bench = new TestBench(lesson, await createReplica(), createReplica, attempts, warmTools?.run);
  try {
    for (const [index, stage] of cutStages(lesson.texts.en.lesson).entries()) {
      const [before, after] = [snapshots[index], snapshots[index + 1]];
      if (before && after) await proveStage(bench, stage, before, after, snapshots.at(-1)!);
    }
  } finally {
    await bench.dispose();
  }
}

async function proveStage(
  bench: TestBench,
  stage: Stage,
  before: Snapshot,
  after: Snapshot,
  done: Snapshot,
): Promise<void> {
  const { checks } = stage;
  await bench.restore(before);
  for (const check of checks) await proveUndone(bench, check, before, done.apiUrl);
  for (const check of checks) {
    const { also, mistakes } = bench.proof(check);
    for (const way of also) await proveWay(bench, check, way, checks, before);
    for (const mistake of mistakes) if (!mistake.after) await proveMistake(bench, check, mistake, before);
  }
  for (const check of checks) {
    await proveGoal(bench, check, after);
    await proveOutage(bench, check);
  }

  const late = checks.flatMap((check) => {
    return bench.proof(check).mistakes.flatMap((mistake) => (mistake.after ? [{ check, mistake }] : []));
  });
  const written = writtenObjects(stage, before, after);
  if (late.length === 0 && written.length === 0) return;
  await bench.restore(after);
  for (const found of written) await proveFields(bench, found, checks, after);
  for (const { check, mistake } of late) await proveMistake(bench, check, mistake, after);
}
