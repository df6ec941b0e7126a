import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { LOCALES } from '../../common/locale.ts';
import { UserError } from '../errors.ts';
import type { LessonDefinition, Problem } from './definition.ts';
import { loadLesson } from './load-lesson.ts';

/**
 * Reads all lessons below a folder, the lesson in a folder, or the lesson of one of its Markdown files. All problems
 * are found at once; a lesson with any is left out and does not touch the others. Ordered by id, problems by file and
 * line.
 * @throws UserError LESSONS_NOT_FOUND when `path` does not exist or is another kind of file.
 */
export async function loadLessons(path: string): Promise<{ lessons: LessonDefinition[]; problems: Problem[] }> {
  const folders = await findLessonFolders(resolve(path));
  const lessons: LessonDefinition[] = [];
  const problems: Problem[] = [];
  // One after the other: a folder of hundreds would otherwise hold all its files in memory at once.
  for (const folder of folders) {
    const result = await loadLesson(folder);
    if (result.lesson !== undefined) lessons.push(result.lesson);
    problems.push(...result.problems);
  }
  fillInNext(lessons);
  return { lessons, problems };
}

/** The folders of the lessons that `path` stands for, sound or not. */
export async function findLessonFolders(path: string): Promise<string[]> {
  const status = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  });
  if (status === null) {
    throw new UserError(
      'LESSONS_NOT_FOUND',
      `There is no "${path}". Name a folder of lessons, a lesson or its .md file.`,
    );
  }
  if (!status.isDirectory()) {
    if (path.endsWith('.md') && (await looksLikeLesson(dirname(path)))) return [dirname(path)];
    throw new UserError(
      'LESSONS_NOT_FOUND',
      `"${path}" is no lesson. Name a folder of lessons, a lesson or its .md file.`,
    );
  }
  if (await looksLikeLesson(path)) return [path];
  const entries = await readdir(path, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => join(path, entry.name))
    .sort((a, b) => (basename(a) < basename(b) ? -1 : 1));
}

/** A folder with any of a lesson's files is one, so that a forgotten `lesson.yaml` is reported and not overlooked. */
async function looksLikeLesson(folder: string): Promise<boolean> {
  const names = await readdir(folder);
  return ['lesson.yaml', ...LOCALES.map((locale) => `${locale}.md`)].some((name) => names.includes(name));
}

function fillInNext(lessons: readonly LessonDefinition[]): void {
  const byId = new Map(lessons.map((lesson) => [lesson.id, lesson]));
  for (const lesson of lessons) {
    for (const locale of LOCALES) {
      const { next } = lesson.texts[locale].lesson;
      const following = next === null ? undefined : byId.get(next.id);
      if (next === null || following === undefined) continue;
      next.title = following.config.title[locale];
      next.available = true;
    }
  }
}
