import type { LessonDefinition } from './definition.ts';

type Linked = Pick<LessonDefinition, 'id'> & { config: Pick<LessonDefinition['config'], 'next'> };

/**
 * Lessons in the order in which they are meant to be taken: each before the one that its `next` names. A chain of two or
 * more is a course, and `position` is the place in it, from 1; a lesson alone has none. Chains stand in the order of
 * their first lesson's id, courses before lessons that stand alone.
 */
export function inCourses<L extends Linked>(lessons: readonly L[]): { lesson: L; position: number | null }[] {
  const byId = new Map([...lessons].sort((a, b) => (a.id < b.id ? -1 : 1)).map((lesson) => [lesson.id, lesson]));
  const followed = new Set([...byId.values()].flatMap(({ config }) => config.next?.id ?? []));
  const left = new Map(byId);
  const chains: L[][] = [];
  const follow = (first: L): void => {
    const chain: L[] = [];
    for (let one: L | undefined = first; one; one = left.get(one.config.next?.id ?? '')) {
      chain.push(one);
      left.delete(one.id);
    }
    chains.push(chain);
  };
  for (const lesson of byId.values()) if (!followed.has(lesson.id)) follow(lesson);
  // What is left goes round in a circle: it begins somewhere.
  for (const lesson of byId.values()) if (left.has(lesson.id)) follow(lesson);
  return chains
    .toSorted((a, b) => Number(b.length > 1) - Number(a.length > 1))
    .flatMap((chain) => chain.map((lesson, index) => ({ lesson, position: chain.length > 1 ? index + 1 : null })));
}
