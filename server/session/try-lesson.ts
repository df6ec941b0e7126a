import { FileError } from '../errors.ts';
import type { LessonDefinition, Problem } from '../lessons/definition.ts';
import { type Doubt, findDoubts } from '../lessons/doubts/find-doubts.ts';
import { listPrograms } from '../lessons/doubts/unknown-program.ts';
import { findBash } from '../terminal/find-bash.ts';
import { createLessonCluster, type EmbeddedEnvironment } from './embedded-environment.ts';
import { SYSTEM_PATH } from './learner-folder.ts';
import { applyManifests } from './manifests.ts';
import { readManifests } from './read-manifests.ts';
import { TOOL_NAMES } from './tools.ts';

/** What comes of a lesson that is tried without a learner. */
export interface Trial {
  /** What keeps its cluster from starting: each file that cannot be read, or else the first object that is refused. */
  problems: Problem[];
  /** None when there are problems. */
  doubts: Doubt[];
}

/**
 * Applies a lesson's manifests to a cluster that is thrown away, and looks through its commands and checks. For an author
 * who has just saved it, and would otherwise read of it when the lesson is next begun, or checked. A lesson on a real
 * cluster has its files read and no more.
 */
export async function tryLesson(lesson: LessonDefinition): Promise<Trial> {
  const { config } = lesson;
  const problems: Problem[] = [];
  const note = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      problems.push({ file: error.file, line: error.line, message: error.what });
    }
  };
  for (const file of config.setup) await note(() => readManifests(file));
  if (problems.length > 0) return { problems, doubts: [] };
  if (config.environment !== 'embedded') return { problems, doubts: await doubtsOf(lesson, null) };
  const cluster = createLessonCluster(config);
  try {
    await note(async () => {
      for (const file of config.setup) await applyManifests(cluster, file);
    });
    return { problems, doubts: problems.length > 0 ? [] : await doubtsOf(lesson, cluster) };
  } finally {
    cluster.dispose();
  }
}

let programs: Promise<Set<string>> | undefined;

/** @param cluster the lesson's, null when it is a real one. */
export async function doubtsOf(
  lesson: LessonDefinition,
  cluster: EmbeddedEnvironment['cluster'] | null,
): Promise<Doubt[]> {
  programs ??= listPrograms(TOOL_NAMES, SYSTEM_PATH.split(':'));
  return findDoubts(lesson, { cluster, programs: await programs, bash: findBash() });
}
