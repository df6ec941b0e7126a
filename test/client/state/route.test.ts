import { describe, expect, test } from 'vitest';
import { parseRoute, translatedPath } from '../../../client/state/route.ts';

describe('parseRoute', () => {
  test.each([
    ['/', { page: 'home', locale: null }],
    ['/es', { page: 'home', locale: 'es' }],
    ['/en/', { page: 'home', locale: 'en' }],
    ['/es/lessons/mesh-wide-mtls', { page: 'lesson', locale: 'es', lesson: 'mesh-wide-mtls' }],
    ['/fr', { page: 'not-found', locale: null }],
    ['/en/lessons', { page: 'not-found', locale: 'en' }],
    ['/en/lessons/a/b', { page: 'not-found', locale: 'en' }],
    ['/en/lessons/%2e%2e', { page: 'not-found', locale: 'en' }],
  ])('reads %s', (path, expected) => {
    expect(parseRoute(path)).toEqual(expected);
  });
});

describe('translatedPath', () => {
  test('keeps the lesson and its step', () => {
    expect(translatedPath({ page: 'lesson', locale: 'en', lesson: 'a' }, 'es', '#step-2')).toBe('/es/lessons/a#step-2');
  });

  test('leads home from a page that does not exist', () => {
    expect(translatedPath({ page: 'not-found', locale: 'en' }, 'es', '#x')).toBe('/es');
  });
});
