import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadLessons } from '../../../server/lessons/load-lessons.ts';

export const LESSONS = new URL('../../../lessons', import.meta.url).pathname;

/** A copy of the real lesson in a folder of its own. */
export interface LessonCopy {
  /** Holds the lesson's folder. */
  root: string;
  folder: string;
  /** Replaces the first `before` of a file; fails when there is none. */
  edit(file: string, before: string, after: string): Promise<void>;
  /** Problems as `file:line: message`, files relative to the lesson. */
  problems(): Promise<string[]>;
  dispose(): Promise<void>;
}

export async function copyLesson(): Promise<LessonCopy> {
  const root = await mkdtemp(join(tmpdir(), 'taller-lessons-'));
  const folder = join(root, 'mesh-wide-mtls');
  await cp(join(LESSONS, 'mesh-wide-mtls'), folder, { recursive: true });
  return {
    root,
    folder,
    async edit(file, before, after) {
      const path = join(folder, file);
      const text = await readFile(path, 'utf8');
      if (!text.includes(before)) throw new Error(`${file} does not hold ${JSON.stringify(before)}`);
      await writeFile(
        path,
        text.replace(before, () => after),
      );
    },
    async problems() {
      const { problems } = await loadLessons(folder);
      return problems.map(({ file, line, message }) => `${file.slice(folder.length + 1)}:${line}: ${message}`);
    },
    dispose: () => rm(root, { recursive: true, force: true }),
  };
}

/** Line of the first occurrence of a text, from 1. */
export async function lineOf(file: string, text: string): Promise<number> {
  const content = await readFile(join(LESSONS, 'mesh-wide-mtls', file), 'utf8');
  const at = content.indexOf(text);
  if (at === -1) throw new Error(`${file} does not hold ${JSON.stringify(text)}`);
  return content.slice(0, at).split('\n').length;
}
