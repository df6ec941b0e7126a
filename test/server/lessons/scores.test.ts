import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadLessons } from '../../../server/lessons/load-lessons.ts';
import { LESSONS } from './lesson-copy.ts';

test('the documentation has the score of each lesson, and as many other ways as its author lists', async () => {
  const { lessons } = await loadLessons(LESSONS);
  const guide = await readFile(join(LESSONS, 'README.md'), 'utf8');

  const rows = [...guide.matchAll(/^\| ([a-z0-9-]+) +\| (\d+) of (\d+) +\| (\d+) of (\d+) +\|$/gm)];
  const documented = rows.map(([, id, refused, all, passed, ways]) => [
    id,
    refused === all,
    passed === ways,
    Number(ways),
  ]);

  const expected = lessons.map(({ id, proofs }) => {
    return [id, true, true, Object.values(proofs).flatMap(({ also }) => also).length];
  });
  expect(documented).toEqual(expected);
});
