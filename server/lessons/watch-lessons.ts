import { watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LessonDefinition, Problem } from './definition.ts';
import { loadLessons } from './load-lessons.ts';

/** The lessons as they are after a save. */
export interface LessonsReading {
  lessons: LessonDefinition[];
  problems: Problem[];
  /** Absolute paths of what was saved. */
  saved: readonly string[];
}

/** Editors write a file in several steps; all of them belong to one save. */
const SETTLE_MS = 60;

/**
 * Reads the lessons anew whenever a file of them was saved.
 * @param path as of {@link loadLessons}
 * @param onError the folder can no longer be read or watched; English, for the log
 * @param load reads the lessons; default {@link loadLessons}
 * @returns stops it
 */
export async function watchLessons(
  path: string,
  onReading: (reading: LessonsReading) => void,
  onError: (what: string, error: unknown) => void,
  load = loadLessons,
): Promise<() => void> {
  const folder = (await stat(path)).isDirectory() ? path : dirname(path);
  let saved = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let reading = false;
  let stopped = false;

  const read = async (): Promise<void> => {
    // What is saved meanwhile is read when this is done.
    if (reading) return;
    reading = true;
    const names = saved;
    saved = new Set();
    try {
      const result = await load(path);
      if (!stopped) onReading({ ...result, saved: [...names] });
    } catch (error) {
      onError(`cannot read the lessons in ${path}`, error);
    }
    reading = false;
    if (saved.size > 0) settle();
  };
  const settle = (): void => {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(() => void read(), SETTLE_MS);
  };

  const watcher = watch(folder, { recursive: true }, (_event, name) => {
    // Without a name anything may have changed.
    saved.add(join(folder, name ?? ''));
    settle();
  });
  watcher.on('error', (error) => onError(`cannot watch ${folder}`, error));
  return () => {
    stopped = true;
    clearTimeout(timer);
    watcher.close();
  };
}
