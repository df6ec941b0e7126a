import { relative, sep } from 'node:path';
import type { LessonProblem } from '../../common/protocol.ts';
import type { LessonDefinition, Problem } from './definition.ts';
import type { LessonsReading } from './watch-lessons.ts';

/** The lessons that are served now. One that its author has broken stays as it was when it was sound. */
export interface Catalog {
  /** In the order of the list. */
  all(): readonly LessonDefinition[];
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
}

/** Files and folders of a lesson that are only its text. */
const TEXTS = /^(?:[a-z]{2}\.md|images|proof\.yaml)(?:$|\/)/;

export function createCatalog(lessons: readonly LessonDefinition[], problems: readonly Problem[] = []): Catalog {
  let byId = new Map(lessons.map((lesson) => [lesson.id, lesson]));
  let found = problems;

  const problemsOf = (directory: string): LessonProblem[] =>
    found
      .filter(({ file }) => isBelow(file, directory))
      .map((problem) => ({ ...problem, file: relative(directory, problem.file) }));

  return {
    all: () => [...byId.values()],
    get: (id) => byId.get(id),
    problems(id) {
      const lesson = byId.get(id);
      return lesson === undefined ? [] : problemsOf(lesson.directory);
    },
    save(reading) {
      found = reading.problems;
      const sound = new Map(reading.lessons.map((lesson) => [lesson.id, lesson]));
      const broken = [...byId.values()].filter(
        ({ id, directory }) => !sound.has(id) && found.some(({ file }) => isBelow(file, directory)),
      );
      byId = new Map(
        [...sound.values(), ...broken].toSorted((a, b) => (a.id < b.id ? -1 : 1)).map((lesson) => [lesson.id, lesson]),
      );
      return [...byId.values()].flatMap(({ id, directory }) => {
        const saved = reading.saved.filter((file) => isBelow(file, directory) || isBelow(directory, file));
        if (saved.length === 0) return [];
        const environment = saved.some((file) => !TEXTS.test(relative(directory, file)));
        return [{ id, lesson: sound.get(id) ?? null, problems: problemsOf(directory), environment }];
      });
    },
  };
}

function isBelow(file: string, directory: string): boolean {
  return file === directory || file.startsWith(directory + sep);
}
