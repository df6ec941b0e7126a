import { rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createCatalog } from '../../../server/lessons/catalog.ts';
import { loadLessons } from '../../../server/lessons/load-lessons.ts';
import { copyLesson, type LessonCopy } from './lesson-copy.ts';

let copy: LessonCopy;
beforeEach(async () => {
  copy = await copyLesson();
});
afterEach(() => copy.dispose());

const read = async (...saved: string[]) => ({
  ...(await loadLessons(copy.root)),
  saved: saved.map((file) => join(copy.folder, file)),
});

test('a session is older than its lesson only once what it began with has changed and can be begun with', async () => {
  const catalog = createCatalog((await loadLessons(copy.root)).lessons);
  const save = async (file: string, before: string, after: string) => {
    await copy.edit(file, before, after);
    return catalog.save(await read(file)).map(({ environment, problems }) => [environment, problems.length]);
  };

  expect(await save('lesson.yaml', 'minutes: 15', 'minutes: 20')).toEqual([[false, 0]]);
  expect(await save('lesson.yaml', 'minutes: 20', 'minutes: soon')).toEqual([[false, 1]]);
  expect(await save('lesson.yaml', 'minutes: soon', 'minutes: 20')).toEqual([[false, 0]]);
  expect(await save('lesson.yaml', 'minutes: 20', "minutes: soon\nistio: '1.4'")).toEqual([[false, 1]]);
  expect(await save('setup/shop.yaml', 'apiVersion', '# A note.\napiVersion')).toEqual([[false, 1]]);
  expect(await save('lesson.yaml', 'minutes: soon', 'minutes: 20')).toEqual([[true, 0]]);
  expect(await save('en.md', '## The door is open', '## The door')).toEqual([[false, 0]]);
  expect(catalog.save(await read('.en.md.swp', '4913'))).toMatchObject([{ environment: false }]);
});

test('whoever is in a lesson is told when its folder is gone, and when it is back', async () => {
  const catalog = createCatalog((await loadLessons(copy.root)).lessons);
  const elsewhere = join(dirname(copy.root), 'elsewhere-mesh-wide-mtls');

  await rename(copy.folder, elsewhere);
  const gone = catalog.save(await read('.'));
  const meanwhile = [
    catalog.all().length,
    catalog.get('mesh-wide-mtls')?.id,
    catalog.problems('mesh-wide-mtls').length,
  ];
  await rename(elsewhere, copy.folder);
  const back = catalog.save(await read('.'));

  expect(gone).toEqual([
    {
      id: 'mesh-wide-mtls',
      lesson: null,
      problems: [
        {
          file: 'lesson.yaml',
          line: 1,
          message: 'there is no lesson "mesh-wide-mtls" any more. Put its folder back, or open another lesson.',
        },
      ],
      environment: false,
      removed: true,
    },
  ]);
  expect(meanwhile).toEqual([0, 'mesh-wide-mtls', 1]);
  expect(catalog.problems('mesh-wide-mtls')).toEqual([]);
  expect(back).toMatchObject([{ id: 'mesh-wide-mtls', problems: [], removed: false }]);
});
