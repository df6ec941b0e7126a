import { expect, test } from 'vitest';
import { normaliseOutput } from '../../../../server/lessons/match/normalise-output.ts';

test.each([
  ['CRLF and trailing blanks', 'a  \r\nb\t\r\n', ['a', 'b']],
  ['doubled carriage returns', 'a\r\r\nb', ['a', 'b']],
  ['colours', '\u001b[1;31mred\u001b[0m', ['red']],
  ['a title ended by BEL', '\u001b]0;title\u0007a', ['a']],
  ['a title ended by ST', '\u001b]0;title\u001b\\a', ['a']],
  ['a title that never ends', 'a\u001b]0;title\nb', ['a', 'b']],
  ['character sets and keypad modes', '\u001b(B\u001b=a\u001b>', ['a']],
  ['bracketed paste', '\u001b[?2004ha\u001b[?2004l', ['a']],
  ['a progress bar', '10%\r50%\r100%\n', ['100%']],
  ['a shorter text over a longer one', 'abcdef\rxy', ['xycdef']],
  ['erasing to the end', 'abcdef\rxy\u001b[K', ['xy']],
  ['erasing the line', 'abc\u001b[2K\rx', ['x']],
  ['backspaces', 'abc\b\bX', ['aXc']],
  ['tabs as columns', 'a\tb', ['a       b']],
  ['bells and NULs', 'a\u0007b\u0000c', ['abc']],
  ['empty lines at the ends only', '\n\na\n\nb\n\n', ['a', '', 'b']],
  ['characters beyond 16 bits', 'x😀\r😀', ['😀😀']],
  ['nothing', '', []],
])('shows %s as a reader sees it', (_, output, lines) => {
  expect(normaliseOutput(output)).toEqual(lines);
});
