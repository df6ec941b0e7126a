import { expect, test } from 'vitest';
import { inCourses } from '../../../server/lessons/courses.ts';

function lesson(id: string, next?: string) {
  return { id, config: { next: next === undefined ? null : { id: next, title: { en: '', es: '' } } } };
}

function order(...lessons: ReturnType<typeof lesson>[]): string[] {
  return inCourses(lessons).map(({ lesson: { id }, position }) => `${position ?? '-'} ${id}`);
}

test('each lesson stands before the one that follows it', () => {
  expect(order(lesson('a', 'c'), lesson('b'), lesson('c', 'b'))).toEqual(['1 a', '2 c', '3 b']);
});

test('courses stand before lessons that stand alone, both by id', () => {
  expect(order(lesson('d'), lesson('c'), lesson('b', 'e'), lesson('e'))).toEqual(['1 b', '2 e', '- c', '- d']);
});

test('a follower that does not exist yet makes no course', () => {
  expect(order(lesson('a', 'later'))).toEqual(['- a']);
});

test('two that lead to the same lesson: it follows the first of them', () => {
  expect(order(lesson('a', 'z'), lesson('b', 'z'), lesson('z'))).toEqual(['1 a', '2 z', '- b']);
});

test('lessons that go round in a circle are all there, once', () => {
  expect(order(lesson('b', 'a'), lesson('a', 'b'))).toEqual(['1 a', '2 b']);
});
