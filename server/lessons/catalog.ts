import { relative, sep } from 'node:path';
import type { LessonProblem } from '../../common/protocol.ts';
import type { LessonDefinition, Problem } from './definition.ts';
import type { LessonsReading } from './watch-lessons.ts';

/** The lessons that are served now. One that its author has broken stays as it was when it was sound. */
export interface Catalog {
  /** In the order of the list. */
  all(): readonly LessonDefinition[];
  /** Also one whose folder is gone, for those who are in it. */
  get(id: string): LessonDefinition | undefined;
  /** What is wrong with the lesson as it is on disk. */
  problems(id: string): LessonProblem[];
  /** Takes over what was saved. @returns the lessons that it changes for those who are in them. */
  save(reading: LessonsReading): CatalogChange[];
}

export interface CatalogChange {
  id: string;
  /** Null while the lesson is not sound. */
  lesson: LessonDefinition | null;
  problems: LessonProblem[];
  /** Whether something was saved that a session takes over when it starts. */
  environment: boolean;
  /** Whether its folder is gone: it is served no longer, and who is in it can go on. */
  removed: boolean;
}

/**
 * What a session takes over at its start, besides some fields of `lesson.yaml`, which are compared. Whatever else is
 * saved beside the texts is an editor's.
 */
const BEGINNINGS = /^(?:files|setup|urls)(?:$|\/)/;

export function createCatalog(lessons: readonly LessonDefinition[], problems: readonly Problem[] = []): Catalog {
  let byId = new Map(lessons.map((lesson) => [lesson.id, lesson]));
  let found = problems;
  /** Lessons whose folder is gone, as they were. */
  const gone = new Map<string, LessonDefinition>();
  /** Lessons whose environment was changed while they were not sound. */
  const unseen = new Set<string>();

  const problemsOf = (directory: string): LessonProblem[] =>
    found
      .filter(({ file }) => isBelow(file, directory))
      .map((problem) => ({ ...problem, file: relative(directory, problem.file) }));

  return {
    all: () => [...byId.values()],
    get: (id) => byId.get(id) ?? gone.get(id),
    problems(id) {
      if (gone.has(id)) return [absence(id)];
      const lesson = byId.get(id);
      if (lesson !== undefined) return problemsOf(lesson.directory);
      // It has never been sound: only its folder's name is known.
      const inside = `${sep}${id}${sep}`;
      const file = found.find((problem) => problem.file.includes(inside))?.file;
      return file === undefined ? [] : problemsOf(file.slice(0, file.indexOf(inside) + inside.length - 1));
    },
    save(reading) {
      found = reading.problems;
      const before = byId;
      const sound = new Map(reading.lessons.map((lesson) => [lesson.id, lesson]));
      const broken = [...byId.values()].filter(
        ({ id, directory }) => !sound.has(id) && found.some(({ file }) => isBelow(file, directory)),
      );
      byId = new Map(
        [...sound.values(), ...broken].toSorted((a, b) => (a.id < b.id ? -1 : 1)).map((lesson) => [lesson.id, lesson]),
      );
      for (const id of byId.keys()) gone.delete(id);
      const removed = [...before.values()].flatMap((lesson): CatalogChange[] => {
        const { id } = lesson;
        if (byId.has(id)) return [];
        gone.set(id, lesson);
        return [{ id, lesson: null, problems: [absence(id)], environment: false, removed: true }];
      });
      const changed = [...byId.values()].flatMap(({ id, directory }): CatalogChange[] => {
        const saved = reading.saved.filter((file) => isBelow(file, directory) || isBelow(directory, file));
        if (saved.length === 0) return [];
        const lesson = sound.get(id) ?? null;
        const last = before.get(id);
        if (saved.some((file) => BEGINNINGS.test(relative(directory, file)))) unseen.add(id);
        if (lesson && last && startOf(lesson) !== startOf(last)) unseen.add(id);
        // What is not sound cannot be started with either.
        const environment = lesson !== null && unseen.delete(id);
        return [{ id, lesson, problems: problemsOf(directory), environment, removed: false }];
      });
      return [...removed, ...changed];
    },
  };
}

function absence(id: string): LessonProblem {
  const message = `there is no lesson "${id}" any more. Put its folder back, or open another lesson.`;
  return { file: 'lesson.yaml', line: 1, message };
}

/** What of `lesson.yaml` the cluster and the tools are made from. */
function startOf({ config }: LessonDefinition): string {
  const { environment, istio, openshift, tools, images, setup } = config;
  return JSON.stringify([environment, istio, openshift, tools, images, setup]);
}

function isBelow(file: string, directory: string): boolean {
  return file === directory || file.startsWith(directory + sep);
}
