import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadLessons } from '../../../server/lessons/load-lessons.ts';
import type { LessonDefinition } from '../../../server/lessons/definition.ts';

const CONFIG = `title: { en: Test, es: Prueba }
summary: { en: A test., es: Una prueba. }
minutes: 1
level: beginner
`;

/**
 * A lesson in a temporary folder, the same Markdown in both languages.
 * @param files more files by path, for example `files/pod.yaml`.
 * @param config more lines of `lesson.yaml`.
 */
export async function createTempLesson(markdown: string, files: Record<string, string> = {}, config = '') {
  const parent = await mkdtemp(join(tmpdir(), 'taller-lesson-'));
  const directory = join(parent, 'test');
  const all = { 'lesson.yaml': CONFIG + config, 'en.md': markdown, 'es.md': markdown, ...files };
  for (const [path, content] of Object.entries(all)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  }
  return {
    directory,
    async load(): Promise<LessonDefinition> {
      const { lessons, problems } = await loadLessons(directory);
      const [lesson] = lessons;
      if (!lesson) throw new Error(`the lesson is not sound: ${JSON.stringify(problems)}`);
      return lesson;
    },
    dispose: () => rm(parent, { recursive: true }),
  };
}
