import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LessonDefinition } from '../lessons/definition.ts';
import { placeDoubt } from '../lessons/doubts/find-doubts.ts';
import { loadLessons } from '../lessons/load-lessons.ts';
import { type Trial, tryLesson } from './try-lesson.ts';

/**
 * Reads lessons as `loadLessons` does, and leaves out those whose cluster would not start. Doubts stand among the
 * problems of a lesson that is there all the same. What has not changed since the last time is not tried again.
 */
export function createTriedLoader(): typeof loadLessons {
  let tried = new Map<string, { of: string; trial: Trial }>();
  return async (path) => {
    const read = await loadLessons(path);
    const next: typeof tried = new Map();
    const lessons: LessonDefinition[] = [];
    const problems = [...read.problems];
    for (const lesson of read.lessons) {
      const of = await fingerprint(lesson);
      const before = tried.get(lesson.directory);
      const { trial } = before?.of === of ? before : { trial: await tryLesson(lesson) };
      next.set(lesson.directory, { of, trial });
      if (trial.problems.length === 0) lessons.push(lesson);
      // Commands and checks are the same in every language.
      problems.push(...trial.problems, ...trial.doubts.map((doubt) => placeDoubt(doubt, lesson, 'en')));
    }
    tried = next;
    return { lessons, problems };
  };
}

/** Changes with all that a trial looks at: whatever lies in the folder. */
async function fingerprint({ directory }: LessonDefinition): Promise<string> {
  // What may not be read is a problem by itself.
  const names = (await readdir(directory, { recursive: true }).catch(() => [])).sort();
  const marks = names.map(async (name) => {
    // An editor's file may be gone by now, and a link may lead nowhere.
    const status = await stat(join(directory, name)).catch(() => null);
    return [name, status?.mtimeMs, status?.size];
  });
  return JSON.stringify(await Promise.all(marks));
}
