import { expect, test } from 'vitest';
import { compareOutput } from '../../../../server/lessons/match/compare-output.ts';
import { parsePattern } from '../../../../server/lessons/match/parse-pattern.ts';

function accepts(expected: string, actual: string): boolean {
  return compareOutput([{ text: expected, mode: 'in-order' }], actual).ok;
}

test.each([
  [
    '<age>',
    ['0s', '5s', '119s', '2m10s', '10m', '3h20m', '47h', '3d4h', '12d', '2y30d', '8y'],
    ['5', 's', '2m70s', '3d24h', '-5s', '1w', '5s5s', '<invalid>'],
  ],
  [
    '<ip>',
    ['10.0.0.1', '255.255.255.255', '::1', 'fd00::12'],
    ['999.999.999.999', '10.0.0', '10.0.0.1.2', '10.0.0.256', 'x'],
  ],
  ['<int>', ['0', '12', '-3'], ['', '1.5', '012', '1e3', '--1', '٣']],
  ['<int 1..3>', ['1', '2', '3'], ['0', '4', '13', '-1', '2.0']],
  ['<int -5..0>', ['-5', '0'], ['-6', '1']],
  ['<num>', ['1', '-1.5', '2e10', '0.25'], ['.5', '1.', 'NaN', '1,5']],
  ['<id>', ['8x4rj', 'bcdfg'], ['8x4r', '8x4rja', '8x4r0', 'aeiou']],
  ['<rs>', ['79f774bdb9', '6b7'], ['79f774bdb9b', 'hjklm', '', '1230']],
  ['<word>', ['a', 'a/b-c.d', '<none>'], ['', 'a b']],
  [
    '<time>',
    ['10:20:30', '23:59', '10:20:30.123456Z', '2026-01-02T10:20:30Z', '2026-01-02T10:20:30+01:00'],
    ['24:00:00', '10:60', '102030'],
  ],
  ['<date>', ['2026-01-31'], ['2026-13-01', '2026-1-1', '26-01-01']],
  ['<ver>', ['v1.32.4', '1.20', 'v1.2.3-rc.1', '1.29.4+k3s1'], ['1', 'v1', '1.2.3.4.5', 'one']],
  ['<*>', ['a', 'a b c'], ['', 'a\nb']],
  ['a <*> b', ['a b', 'a x b', 'a x y b'], ['a', 'b', 'a b c', 'ab']],
  [
    'curl: (7) Failed<*>',
    ['curl: (7) Failed', 'curl: (7) Failed to connect to x port 80'],
    ['curl: (7) Fail', 'curl: (56) Failed'],
  ],
  ['pod/<*>-x ok', ['pod/a-x ok', 'pod/-x ok', 'pod/a-x-x ok', 'pod/a -x ok'], ['pod/a ok', 'pod-x ok', 'a-x ok']],
  ['sleep-<rs>-<id>', ['sleep-79f774bdb9-8x4rj'], ['sleep-79f774bdb9-8x4rj-', 'sleep--8x4rj', 'sleep-79f774bdb9']],
  ['<word>-<id>', ['a-b-c-8x4rj'], ['-8x4rj', 'a-b-c']],
  ['(<age> ago)', ['(5s ago)'], ['(5s  ago', '(x ago)']],
  ['<int>/<int>', ['1/2', '0/0'], ['1/', '/2', '1/2/3']],
  ['<*>error<*>', ['error', 'an error came', 'terror'], ['eror', 'err or']],
  ['<ip>:<int>', ['10.0.0.1:8080'], ['10.0.0.1:', '10.0.0.999:80']],
  ['<word>,<*> a', ['x,y a', 'x, a a', 'x,y z a'], ['x y, a', ', a']],
  ['<*> <*> b <*>', ['b', 'x b', 'x y b z'], ['xb', 'bx']],
])('%s accepts and refuses by its type', (hole, good, bad) => {
  expect(good.filter((text) => !accepts(hole, text))).toEqual([]);
  expect(bad.filter((text) => accepts(hole, text))).toEqual([]);
});

test.each([
  ['a <agee> b', '"<agee>" is not a hole. Did you mean "<age>"? If the output really has it, write "\\<agee>".'],
  ['<Age>', '"<Age>" is not a hole. Did you mean "<age>"? If the output really has it, write "\\<Age>".'],
  ['<int 1-3>', '"<int 1-3>" is not a range. Write <int 1..3>.'],
  ['<int 3..1>', '"<int 3..1>" accepts nothing: 3 is above 1. Swap them.'],
  ['<ip v4>', '<ip> takes nothing behind its name. Write <ip>.'],
])('%s is reported', (text, message) => {
  expect(parsePattern(`fine\n${text}`).problems).toEqual([{ line: 1, message }]);
});

test.each([
  '<none>',
  '<pending>',
  '<unset>',
  '<nil>',
  '<invalid>',
  '<unknown>',
  '<nodes>',
  '<some words here>',
  '<',
  '<>',
  'a<b',
])('%s is literal text', (text) => {
  expect(parsePattern(text).problems).toEqual([]);
  expect(accepts(text, text)).toBe(true);
  expect(accepts(text, 'x')).toBe(false);
});

test('expressions that are too long or not RE2 are reported', () => {
  const { problems } = parsePattern(`re2: ${'a'.repeat(201)}\nre2: (?=a)b\nre2: (\nre2: a+`);

  expect(problems.map((problem) => problem.line)).toEqual([0, 1, 2]);
  expect(problems[0]!.message).toContain('201 characters; at most 200');
  expect(problems[1]!.message).toContain('"(?=a)b" is not an RE2 expression');
});

test('more lines than are compared are reported', () => {
  expect(parsePattern('a\n'.repeat(200)).problems).toHaveLength(1);
  expect(parsePattern('a\n'.repeat(198)).problems).toEqual([]);
});
