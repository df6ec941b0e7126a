import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createTriedLoader } from '../../../server/session/load-tried-lessons.ts';
import { createTempLesson } from './temp-lesson.ts';

let lesson: Awaited<ReturnType<typeof createTempLesson>>;
afterEach(() => lesson.dispose());

const SOUND = 'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n';

test.each([
  [
    'that are no YAML',
    '# Shop.\napiVersion: v1\nkind: [Namespace\n',
    /^4: this is not YAML: .*flow sequence.*Mend the YAML\.$/i,
  ],
  [
    'without a name',
    'apiVersion: v1\nkind: Namespace\n',
    /^1: a manifest needs apiVersion, kind and metadata\.name\.$/,
  ],
  [
    'of an unknown kind',
    `${SOUND}---\napiVersion: v1\nkind: Servise\nmetadata: { name: cart }\n`,
    /^5: the cluster refuses this Servise: no matches for kind "Servise"/,
  ],
  [
    'that the cluster refuses',
    `${SOUND}---\napiVersion: v1\nkind: Pod\nmetadata: { name: a, namespace: shpo }\nspec: { containers: [{ name: a, image: nginx }] }\n`,
    /^5: the cluster refuses this Pod: namespaces "shpo" not found/,
  ],
])('a lesson with manifests %s is a problem with file and line until they are mended', async (_, text, message) => {
  lesson = await createTempLesson('## A\n', { 'setup/shop.yaml': text }, 'setup: [shop.yaml]\n');
  const load = createTriedLoader();

  const broken = await load(lesson.directory);
  await writeFile(join(lesson.directory, 'setup/shop.yaml'), SOUND);
  const mended = await load(lesson.directory);

  expect(broken.lessons).toEqual([]);
  expect(broken.problems.map(({ line, message: what }) => `${line}: ${what}`)).toEqual([
    expect.stringMatching(message),
  ]);
  expect(broken.problems[0]?.file).toBe(join(lesson.directory, 'setup/shop.yaml'));
  expect(mended.problems).toEqual([]);
  expect(mended.lessons).toHaveLength(1);
});
