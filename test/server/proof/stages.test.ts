import { expect, test } from 'vitest';
import { cutStages } from '../../../server/proof/stages.ts';
import { createTempLesson } from '../session/temp-lesson.ts';

const run = (command: string) => `\`\`\`sh run\n${command}\n\`\`\`\n\n`;
const check = (name: string) => `\`\`\`check ${name}\nrun: "true"\n\`\`\`\n\n`;

test('a stage is the commands before checks, across steps, and the checks that follow each other', async () => {
  const lesson = await createTempLesson(
    `## One\n\n${run('a')}## Two\n\n${run('b')}${check('first')}\`\`\`hint\nh\n\`\`\`\n\n${check('second')}${run('c')}${check('third')}## Three\n\n${check('fourth')}${run('d')}`,
  );

  const { texts } = await lesson.load();
  await lesson.dispose();

  const stages = cutStages(texts.en.lesson).map(({ blocks, checks }) => [blocks.map(({ command }) => command), checks]);
  expect(stages).toEqual([
    [
      ['a', 'b'],
      ['first', 'second'],
    ],
    [['c'], ['third', 'fourth']],
  ]);
});
