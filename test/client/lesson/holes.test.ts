import { expect, test } from 'vitest';
import { hasHole } from '../../../client/lesson/holes.ts';
import { HOLE_NAMES } from '../../../server/lessons/match/holes.ts';

test.each(HOLE_NAMES)('the page knows the hole <%s> that the server knows', (name) => {
  expect(hasHole(`web-<${name}> Running`)).toBe(true);
});

test('a range is a hole', () => {
  expect(hasHole('<int 1..999>')).toBe(true);
});

test.each(['<none>', '<pending>', '\\<age>', '<title>Shop</title>', 'a < b'])('%s is text', (text) => {
  expect(hasHole(text)).toBe(false);
});
