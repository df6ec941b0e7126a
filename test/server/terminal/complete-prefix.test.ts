import { expect, it } from 'vitest';
import { completePrefix } from '../../../server/terminal/complete-prefix.ts';

it.each([
  ['plain', ''],
  ['é', ''],
  ['a', '\xc3'],
  ['日', '\xe6\x97'],
  ['🙂', '\xf0\x9f\x99'],
  ['x', '\x1b'],
  ['x', '\x1b['],
  ['x', '\x1b[?25'],
  ['x\x1b[?25l', ''],
  ['x\x1b(B', ''],
  ['x', '\x1b('],
  ['x', '\x1b]0;title'],
  ['x', '\x1b]0;title\x1b'],
  ['x\x1b]0;title\x1b\\', ''],
  ['x\x1b]0;title\x07', '\x1b'],
  ['x', '\x1bPq\n\x1b'],
  ['x', '\x1b[1;\x1b[2'],
])('ends behind %j before %j', (complete, rest) => {
  const start = Buffer.from(complete);

  expect(completePrefix(Buffer.concat([start, Buffer.from(rest, 'latin1')]))).toBe(start.length);
});

it('does not wait for the end of what is no UTF-8', () => {
  const bytes = Buffer.from('\xe6\x97A\xff', 'latin1');

  expect(completePrefix(bytes)).toBe(bytes.length);
});
