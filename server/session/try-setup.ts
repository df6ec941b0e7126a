import { FileError } from '../errors.ts';
import type { LessonDefinition, Problem } from '../lessons/definition.ts';
import { createLessonCluster } from './embedded-environment.ts';
import { applyManifests, readManifests } from './manifests.ts';

/**
 * Whether a lesson's cluster would start: applies its manifests to one that is thrown away. For an author who has just
 * saved them, and would otherwise read of it when the lesson is next begun.
 * @returns a problem for each file that cannot be read, or else the first object that the cluster refuses. A lesson on a
 * real cluster has its files read and no more.
 */
export async function trySetup({ config }: LessonDefinition): Promise<Problem[]> {
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
  if (problems.length > 0 || config.setup.length === 0 || config.environment !== 'embedded') return problems;
  const cluster = createLessonCluster(config);
  try {
    await note(async () => {
      for (const file of config.setup) await applyManifests(cluster, file);
    });
  } finally {
    cluster.dispose();
  }
  return problems;
}
