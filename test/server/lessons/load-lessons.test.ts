import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunBlock } from '../../../common/lesson.ts';
import { LOCALES } from '../../../common/locale.ts';
import { loadLessons } from '../../../server/lessons/load-lessons.ts';
import { parseMarkdown } from '../../../server/lessons/parse-markdown.ts';
import { copyLesson, LESSONS, type LessonCopy, lineOf } from './lesson-copy.ts';

let copy: LessonCopy;
beforeEach(async () => {
  copy = await copyLesson();
});
afterEach(() => copy.dispose());

test('every lesson that ships is sound', async () => {
  const { lessons, problems } = await loadLessons(LESSONS);

  expect(problems).toEqual([]);
  expect(lessons.map((lesson) => lesson.id)).toContain('mesh-wide-mtls');
});

test('a lesson is found by its folder and by either of its texts', async () => {
  for (const path of [copy.root, copy.folder, join(copy.folder, 'en.md'), join(copy.folder, 'es.md')]) {
    const { lessons } = await loadLessons(path);

    expect(lessons.map((lesson) => lesson.directory)).toEqual([copy.folder]);
  }
});

test('a path without lessons is an error that says what to name', async () => {
  await writeFile(join(copy.root, 'notes.txt'), '');

  await expect(loadLessons(join(copy.root, 'nowhere'))).rejects.toMatchObject({ code: 'LESSONS_NOT_FOUND' });
  await expect(loadLessons(join(copy.root, 'notes.txt'))).rejects.toMatchObject({ code: 'LESSONS_NOT_FOUND' });
});

test('a broken lesson is left out and the others load', async () => {
  const broken = join(copy.root, 'broken');
  await mkdir(broken);
  await writeFile(join(broken, 'en.md'), '## A step\n\n```sh rnu\nls\n```\n');

  const { lessons, problems } = await loadLessons(copy.root);

  expect(lessons.map((lesson) => lesson.id)).toEqual(['mesh-wide-mtls']);
  expect(problems.map(({ file, line }) => [file, line])).toEqual([
    [join(broken, 'en.md'), 3],
    [join(broken, 'es.md'), 1],
    [join(broken, 'lesson.yaml'), 1],
  ]);
});

test('a folder whose name cannot stand in an address is a problem', async () => {
  const folder = join(copy.root, 'Mutual TLS');
  await rename(copy.folder, folder);

  const { problems } = await loadLessons(folder);

  expect(problems).toEqual([
    {
      file: join(folder, 'lesson.yaml'),
      line: 1,
      message: '"Mutual TLS" cannot name a lesson. Rename the folder: small letters, digits and hyphens.',
    },
  ]);
});

test('the next lesson is available, under its own title, once it exists', async () => {
  const alone = await loadLessons(copy.root);
  const second = await copyLesson();
  await second.edit('lesson.yaml', 'id: authorization', 'id: elsewhere');
  await rename(second.folder, join(copy.root, 'authorization'));
  await second.dispose();

  const both = await loadLessons(copy.root);

  expect(alone.lessons[0]!.texts.es.lesson.next).toEqual({
    id: 'authorization',
    title: 'Autorización: quién puede hablar con quién',
    available: false,
  });
  const first = both.lessons.find((lesson) => lesson.id === 'mesh-wide-mtls')!;
  expect(first.texts.es.lesson.next).toEqual({
    id: 'authorization',
    title: 'TLS mutuo en toda la malla',
    available: true,
  });
});

test('blocks carry what their fences say, the same in every language', async () => {
  const { lessons } = await loadLessons(copy.folder);
  const { texts } = lessons[0]!;
  const runs = LOCALES.map((locale) =>
    texts[locale].lesson.steps.flatMap((step) =>
      step.blocks.flatMap((block) => (block.kind === 'run' ? [{ ...block, hintHtml: null }] : [])),
    ),
  );
  const [english] = runs as [RunBlock[], RunBlock[]];

  expect(runs[0]).toEqual(runs[1]);
  expect(english.map((block) => block.id)).toEqual([
    '1-1',
    '1-2',
    '1-3',
    '1-4',
    '2-1',
    '3-1',
    '3-2',
    '4-1',
    '4-2',
    '5-1',
  ]);
  expect(english.find((block) => block.id === '1-4')).toMatchObject({
    interrupt: true,
    terminal: 1,
    timeoutMs: 30_000,
  });
  expect(english.find((block) => block.id === '3-2')).toMatchObject({
    exit: 56,
    outputs: [
      {
        mode: 'in-order',
        text: 'curl: (56) Recv failure: Connection reset by peer\n000\ncommand terminated with exit code 56',
      },
    ],
  });
  expect(Object.keys(texts.en.checks)).toEqual(Object.keys(texts.es.checks));
  expect(
    LOCALES.map((locale) => texts[locale].lesson.steps[2]!.blocks.find((block) => block.kind === 'check')),
  ).toEqual([
    expect.objectContaining({ name: 'mesh-strict', goal: 'A policy demands mutual TLS of the whole mesh.' }),
    expect.objectContaining({ name: 'mesh-strict', goal: 'Una política exige TLS mutuo en toda la malla.' }),
  ]);
  expect(texts.en.checks['mesh-strict']).toEqual({
    name: 'mesh-strict',
    withinMs: 0,
    test: {
      kind: 'object',
      subject: 'PeerAuthentication default -n istio-system',
      resource: 'PeerAuthentication',
      name: 'default',
      namespace: 'istio-system',
      absent: false,
      has: { 'spec.mtls.mode': 'STRICT' },
    },
  });
});

test('blocks and checks know the lines of their fences', async () => {
  const { lessons } = await loadLessons(copy.folder);
  const { lines } = lessons[0]!.texts.en;

  expect(lines['1-1']).toBe(await lineOf('en.md', '```sh run\nkubectl create'));
  expect(lines['4-1']).toBe((await lineOf('en.md', 'metadata:\n  name: frontend')) - 4);
  expect(lines['mesh-strict']).toBe(await lineOf('en.md', '```check mesh-strict'));
});

test('every placeholder has its block and every block its placeholder, in order', async () => {
  const { lessons } = await loadLessons(copy.folder);
  for (const locale of LOCALES) {
    for (const step of lessons[0]!.texts[locale].lesson.steps) {
      const places = [...step.html.matchAll(/<div data-block="([^"]+)"><\/div>/g)].map((match) => match[1]);

      expect(places).toEqual(step.blocks.map((block) => block.id));
      expect(step.html).not.toContain('language-output');
    }
  }
});

test('texts changed anywhere are read or reported, never thrown', async () => {
  const source = await readFile(join(copy.folder, 'en.md'), 'utf8');
  let seed = 7;
  const next = (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed % below;
  };
  const pieces = [
    '```',
    '\n',
    '  ',
    '> ',
    '- ',
    '{',
    ']',
    ': ',
    '<',
    '\u0000',
    '#',
    '&a ',
    '*a',
    '|',
    '"',
    '~~~sh run\n',
  ];
  for (let round = 0; round < 400; round++) {
    let text = source;
    for (let change = 0; change <= round % 5; change++) {
      const at = next(text.length);
      text = text.slice(0, at) + pieces[next(pieces.length)] + text.slice(at + next(12));
    }
    const lineCount = text.split('\n').length;

    parseMarkdown(text, (line, message) => {
      expect(line, message).toBeGreaterThanOrEqual(1);
      expect(line, message).toBeLessThanOrEqual(lineCount + 1);
      expect(message.length).toBeGreaterThan(10);
    });
  }
});
