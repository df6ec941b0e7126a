import { expect, test } from 'vitest';
import { writeOutputs } from '../../../server/lessons/write-outputs.ts';

const TEXT = `## One

\`\`\`sh run
first
\`\`\`

Words.

\`\`\`sh run
second
\`\`\`

\`\`\`output
old
\`\`\`

\`\`\`sh run
third
\`\`\`

\`\`\`output
\`\`\`

The end.
`;

test('an output is written below its command, or in place of the one that is there', () => {
  const written = writeOutputs(TEXT, [
    { block: '1-1', text: 'one\ntwo', exit: 0 },
    { block: '1-2', text: 'new', exit: 56 },
    { block: '1-3', text: 'not empty', exit: 0 },
  ]);

  expect(written).toBe(
    TEXT.replace('first\n```\n', 'first\n```\n\n```output\none\ntwo\n```\n')
      .replace('```output\nold\n```', '```output exit=56\nnew\n```')
      .replace('```output\n```', '```output\nnot empty\n```'),
  );
});

test('an output that holds a fence has longer marks', () => {
  const written = writeOutputs(TEXT, [{ block: '1-2', text: '```\ncode\n```', exit: 0 }]);

  expect(written).toContain('````output\n```\ncode\n```\n````');
});

test('line ends and a byte order mark stay as they are', () => {
  const windows = (text: string) => `\ufeff${text.replaceAll('\n', '\r\n')}`;
  const recordings = [{ block: '1-2', text: 'new', exit: 56 }];

  expect(writeOutputs(windows(TEXT), recordings)).toBe(windows(writeOutputs(TEXT, recordings)));
});

test('what was not recorded stays', () => expect(writeOutputs(TEXT, [])).toBe(TEXT));
