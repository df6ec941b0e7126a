import { expect, test } from 'vitest';
import { unifiedDiff } from '../../../cluster/objects/unified-diff.ts';

const lines = (text: string) => text.split(' ');

test.each([
  ['a b c', 'a b c', ''],
  ['a b c', 'a x c', '@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n'],
  ['a b', 'a b c', '@@ -1,2 +1,3 @@\n a\n b\n+c\n'],
  ['1 2 3 4 5 6 7 8 9', '1 2 3 4 x 6 7 8 9', '@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n'],
  [
    'a 1 2 3 4 5 6 7 8 b',
    'x 1 2 3 4 5 6 7 8 y',
    '@@ -1,4 +1,4 @@\n-a\n+x\n 1\n 2\n 3\n@@ -7,4 +7,4 @@\n 6\n 7\n 8\n-b\n+y\n',
  ],
])('%s against %s', (before, after, diff) => {
  expect(unifiedDiff(lines(before), lines(after))).toBe(diff);
});
