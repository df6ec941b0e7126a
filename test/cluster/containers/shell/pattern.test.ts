import { describe, expect, test } from 'vitest';
import {
  hasWildcard,
  matchesPattern,
  PatternLimit,
  quotePattern,
  removeMatch,
  replaceMatch,
} from '../../../../cluster/containers/shell/pattern.ts';

describe('a pattern', () => {
  test.each([
    ['', '', true],
    ['*', '', true],
    ['*', 'anything', true],
    ['a*c', 'abbbc', true],
    ['a*c', 'abbbd', false],
    ['?', 'a', true],
    ['?', '', false],
    ['[a-c]x', 'bx', true],
    ['[!a-c]x', 'bx', false],
    ['[]x]', ']', true],
    ['[[:digit:]]*', '7up', true],
    ['a[', 'a[', true],
    ['\\*', '*', true],
    ['\\*', 'x', false],
    ['*.tar.*', 'a.tar.gz', true],
    ['a**b', 'ab', true],
  ])('%s matches %s: %s', (pattern, text, expected) => {
    expect(matchesPattern(pattern, text)).toBe(expected);
  });

  test('that would take a regular expression for ever takes no time', () => {
    expect(matchesPattern(`${'*a'.repeat(30)}b`, 'a'.repeat(5000))).toBe(false);
  });

  test('that is too much work is refused', () => {
    expect(() => replaceMatch('a'.repeat(100_000), '*a*b', 'x', true)).toThrow(PatternLimit);
  });

  test('of quoted text matches that text only', () => {
    const text = '[a]*?\\';

    expect(hasWildcard(quotePattern(text))).toBe(false);
    expect(matchesPattern(quotePattern(text), text)).toBe(true);
  });

  test('is looked for in a command named like a bracket', () => {
    expect(hasWildcard('[')).toBe(false);
    expect(hasWildcard('[ab]')).toBe(true);
  });
});

test('prefixes and suffixes are removed, short or long', () => {
  expect(removeMatch('a.b.c', '*.', '#')).toBe('b.c');
  expect(removeMatch('a.b.c', '*.', '##')).toBe('c');
  expect(removeMatch('a.b.c', '.*', '%')).toBe('a.b');
  expect(removeMatch('a.b.c', '.*', '%%')).toBe('a');
  expect(removeMatch('a.b.c', 'x', '#')).toBe('a.b.c');
  expect(removeMatch('file.[0-9]', '[[]0-9]', '%')).toBe('file.');
});

test('matches are replaced, the longest at each place', () => {
  expect(replaceMatch('banana', 'a', 'o', false)).toBe('bonana');
  expect(replaceMatch('banana', 'a', 'o', true)).toBe('bonono');
  expect(replaceMatch('banana', 'a*n', '-', true)).toBe('b-a');
});
