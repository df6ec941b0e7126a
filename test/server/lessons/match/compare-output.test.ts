import { describe, expect, test } from 'vitest';
import type { ExpectedOutput } from '../../../../common/lesson.ts';
import { compareOutput, matchesSoFar } from '../../../../server/lessons/match/compare-output.ts';
import { startCpuTime } from '../../../cpu-time.ts';

function inOrder(text: string): ExpectedOutput[] {
  return [{ text, mode: 'in-order' }];
}

function accepts(expected: string, actual: string): boolean {
  return compareOutput(inOrder(expected), actual).ok;
}

const PODS = `NAME                              READY   STATUS    RESTARTS   AGE
details-v1-79f774bdb9-8x4rj       2/2     Running   0          2m10s
productpage-v1-6b746f74dc-9wdbf   2/2     Running   0          2m9s
reviews-v1-545db77b95-4fm4h       2/2     Running   0          2m10s
reviews-v3-84779c7bbc-gb2mv       2/2     Running   0          2m9s
`;

const PODS_EXPECTED = `NAME READY STATUS RESTARTS AGE
details-v1-<rs>-<id> 2/2 Running 0 <age>
productpage-v1-<rs>-<id> 2/2 Running 0 <age>
reviews-v1-<rs>-<id> 2/2 Running 0 <age>
reviews-v3-<rs>-<id> 2/2 Running 0 <age>`;

describe('compareOutput in order', () => {
  test('accepts whole lines in order whatever the width of the columns', () => {
    expect(accepts(PODS_EXPECTED, PODS)).toBe(true);
    expect(accepts(PODS_EXPECTED, PODS.replaceAll(/ {2,}/g, '\t'))).toBe(true);
  });

  test.each([
    ['swapped order', 'a\nb', 'b\na'],
    ['swapped order around an elision', 'a\n...\nb', 'b\nx\na'],
    ['another number', '200', '2000'],
    ['a number inside another', '...\n200\n...', 'HTTP 200 OK'],
    ['an address that is none', '<ip>', '999.999.999.999'],
    ['another version of a service', 'reviews-v3-<rs>-<id>', 'reviews-v1-545db77b95-4fm4h'],
    ['another ready count', '<int 2..2>/2', '1/2'],
    ['a line missing before the first', 'b', 'a\nb'],
    ['a line after the last', 'a', 'a\nb'],
    ['a line between two', 'a\nb', 'a\nx\nb'],
    ['a first line that is not the first', 'a\n...', 'x\na'],
    ['a last line that is not the last', '...\na', 'a\nx'],
    ['one line for two equal ones', 'a\n...\na', 'a'],
    ['anything where nothing is expected', '', 'a'],
    ['nothing where something is expected', 'a', ''],
    ['a prefix', 'namespace/noistio', 'namespace/noistio created'],
    ['other capitals', 'Running', 'running'],
    ['a wrong alphabet in an id', 'sleep-<id>', 'sleep-aeiou'],
    ['an id of six', 'sleep-<id>', 'sleep-bcdfgh'],
    ['an error in place of the answer', '200', '000\ncommand terminated with exit code 56'],
  ])('refuses %s', (_, expected, actual) => {
    expect(accepts(expected, actual)).toBe(false);
  });

  test.each([
    ['nothing', '', ''],
    ['only newlines for nothing', '', '\r\n\r\n'],
    ['an elision for nothing', 'a\n...\nb', 'a\nb'],
    ['an elision for many lines', 'a\n...\nb', 'a\nb\nb\nx\nb'],
    ['an elision alone for anything', '...', 'a\nb'],
    ['a piece at its second chance', '...\na\nb\n...', 'a\nx\na\nb\ny'],
    ['words in angle brackets that are no holes', 'svc <none> <pending> <unset>', 'svc  <none>  <pending>  <unset>'],
    ['an escaped hole', '\\<age>', '<age>'],
    ['an escaped elision', 'a\n\\...\nb', 'a\n...\nb'],
    ['an escaped expression', '\\re2: a', 're2: a'],
    ['a sequence of pieces that ends in another', '...\na\n...\na', 'a\na'],
    ['an empty line where one is expected', 'a\n\nb', 'a\r\n\r\nb\r\n'],
    ['colours', 'ok', '\u001b[32mok\u001b[0m\r\n'],
    ['an expression', 're2: pod/web-[0-9]+ (created|unchanged)', 'pod/web-12 unchanged'],
  ])('accepts %s', (_, expected, actual) => {
    expect(accepts(expected, actual)).toBe(true);
  });

  test('matches an expression against the whole line', () => {
    expect(accepts('re2: [0-9]+', '12 pods')).toBe(false);
  });

  test('refuses every change of one character of a table', () => {
    const survivors: string[] = [];
    for (const [index, character] of [...PODS].entries()) {
      if (/\s/.test(character)) continue;
      // The alphabets of ids and hashes hold digits of ages; "~" is in none of them.
      const mutant = `${PODS.slice(0, index)}~${PODS.slice(index + 1)}`;
      if (accepts(PODS_EXPECTED, mutant)) survivors.push(mutant);
    }

    expect(survivors).toEqual([]);
  });

  test('refuses every line lost, doubled, swapped or added', () => {
    const lines = PODS.trimEnd().split('\n');
    const mutants = lines.flatMap((line, index) => [
      lines.toSpliced(index, 1),
      lines.toSpliced(index, 0, line),
      lines.toSpliced(index, 0, 'No resources found in default namespace.'),
      ...(index > 0 ? [lines.toSpliced(index - 1, 2, line, lines[index - 1]!)] : []),
    ]);

    const survivors = mutants.filter((mutant) => accepts(PODS_EXPECTED, mutant.join('\n')));

    expect(mutants).toHaveLength(19);
    expect(survivors).toEqual([]);
  });

  test('refuses every literal character of the refused connection changed', () => {
    const output = 'curl: (56) Recv failure: Connection reset by peer\n000\ncommand terminated with exit code 56';
    const survivors = [...output].flatMap((character, index) => {
      if (/\s/.test(character)) return [];
      const mutant = `${output.slice(0, index)}~${output.slice(index + 1)}`;
      return accepts(output, mutant) ? [mutant] : [];
    });

    expect(survivors).toEqual([]);
  });
});

describe('compareOutput explains', () => {
  test('a line that differs beside the one that was expected', () => {
    const { lines } = compareOutput(inOrder('200'), '000\r\n');

    expect(lines).toEqual([{ kind: 'different', expected: '200', actual: '000' }]);
  });

  test('lines that came too much and those that are missing', () => {
    const expected = 'curl: (56) Recv failure: Connection reset by peer\n000\ncommand terminated with exit code 56';
    const { lines } = compareOutput(inOrder(expected), '200\n');

    expect(lines.map((line) => line.kind).sort()).toEqual(['different', 'missing', 'missing']);
  });

  test('the nearest line of a table in its place', () => {
    const { ok, lines } = compareOutput(inOrder(PODS_EXPECTED), PODS.replace('8x4rj       2/2', '8x4rj       1/2'));

    expect(ok).toBe(false);
    expect(lines.filter((line) => line.kind !== 'same')).toEqual([
      {
        kind: 'different',
        expected: 'details-v1-<rs>-<id> 2/2 Running 0 <age>',
        actual: 'details-v1-79f774bdb9-8x4rj       1/2     Running   0          2m10s',
      },
    ]);
    expect(lines).toHaveLength(5);
  });

  test('how many lines an elision stands for', () => {
    const { ok, lines } = compareOutput(inOrder('a\n...\nb'), 'a\n1\n2\n3\nb');

    expect(ok).toBe(true);
    expect(lines).toEqual([
      { kind: 'same', text: 'a' },
      { kind: 'elided', count: 3 },
      { kind: 'same', text: 'b' },
    ]);
  });

  test('a difference behind an elision of ten thousand lines', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => `line ${index}`);
    const actual = many.toSpliced(5_000, 0, 'web 1/2 Running').join('\n');

    const { ok, lines } = compareOutput(inOrder('...\nline 4999\nweb 2/2 Running\n...'), actual);

    expect(ok).toBe(false);
    expect(lines.some((line) => line.kind === 'different' || line.kind === 'missing')).toBe(true);
    expect(lines.length).toBeLessThanOrEqual(200);
  });

  test('at most 200 lines and 500 characters of each', () => {
    const actual = Array.from({ length: 3_000 }, () => 'x'.repeat(2_000)).join('\n');
    const { lines } = compareOutput(inOrder('y'), actual);

    expect(lines).toHaveLength(200);
    const total = lines.reduce((sum, line) => sum + (line.kind === 'elided' ? line.count : 1), 0);
    expect(total).toBe(3_000);
    expect(Math.max(...lines.map((line) => ('actual' in line ? line.actual.length : 0)))).toBe(501);
  });

  test('only the outputs that differ when there are several', () => {
    const outputs: ExpectedOutput[] = [
      { text: 'a\n...', mode: 'in-order' },
      { text: '<*>error<*>', mode: 'not' },
    ];

    const { ok, lines } = compareOutput(outputs, 'a\nan error came');

    expect(ok).toBe(false);
    expect(lines).toEqual([{ kind: 'unexpected', actual: 'an error came' }]);
  });
});

describe('compareOutput in any order', () => {
  const anyOrder = (text: string): ExpectedOutput[] => [{ text, mode: 'any-order' }];

  test.each([
    ['the lines in another order', 'a\nb\nc', 'c\na\nb', true],
    ['a line missing', 'a\nb', 'a', false],
    ['a line too many', 'a', 'a\nb', false],
    ['a line too many where some are elided', 'a\n...', 'b\na', true],
    ['one line for two expected', 'a\na', 'a', false],
    ['a general pattern before a particular one', '<word>\nweb', 'web\ndb', true],
    ['patterns that have to give way twice', '<word>\n<*>-<int>\nweb-<int 1..1>', 'web-1\nweb-2\nplain', true],
    ['patterns that nobody can satisfy', '<int>\n<int>\n<word>', '1\na\nb', false],
  ])('judges %s', (_, expected, actual, ok) => {
    expect(compareOutput(anyOrder(expected), actual).ok).toBe(ok);
  });

  test('names what is missing and what came too much', () => {
    const { lines } = compareOutput(anyOrder('a\nb'), 'c\na');

    expect(lines).toEqual([
      { kind: 'unexpected', actual: 'c' },
      { kind: 'same', text: 'a' },
      { kind: 'missing', expected: 'b' },
    ]);
  });
});

describe('compareOutput with not', () => {
  test('refuses the line anywhere and accepts its absence', () => {
    const not: ExpectedOutput[] = [{ text: 'reviews-v1-<*>', mode: 'not' }];

    expect(compareOutput(not, PODS).ok).toBe(false);
    expect(compareOutput(not, 'reviews-v3-84779c7bbc-gb2mv 2/2').ok).toBe(true);
    expect(compareOutput(not, '').ok).toBe(true);
  });
});

describe('matchesSoFar', () => {
  const watch = inOrder('NAME READY STATUS\n...\nsleep-<rs>-<id> 1/1 Running');

  test('waits until the last expected line has come, whole', () => {
    const header = 'NAME READY STATUS\r\nsleep-79f774bdb9-8x4rj 0/1 Pending\r\n';

    expect(matchesSoFar(watch, '')).toBe(false);
    expect(matchesSoFar(watch, header)).toBe(false);
    expect(matchesSoFar(watch, `${header}sleep-79f774bdb9-8x4rj 1/1 Running`)).toBe(false);
    expect(matchesSoFar(watch, `${header}sleep-79f774bdb9-8x4rj 1/1 Running\r\n`)).toBe(true);
    expect(matchesSoFar(watch, `${header}sleep-79f774bdb9-8x4rj 1/1 Running\r\nmore to come\r\n`)).toBe(true);
  });

  test('never passes what only forbids, nor a forbidden line', () => {
    const not: ExpectedOutput = { text: 'error', mode: 'not' };

    expect(matchesSoFar([], 'a\n')).toBe(false);
    expect(matchesSoFar([not], 'a\n')).toBe(false);
    expect(matchesSoFar([...inOrder('a'), not], 'a\n')).toBe(true);
    expect(matchesSoFar([...inOrder('a\n...'), not], 'a\nerror\n')).toBe(false);
  });

  test('accepts further lines in any order', () => {
    expect(matchesSoFar([{ text: 'b\na', mode: 'any-order' }], 'x\na\nb\n')).toBe(true);
    expect(matchesSoFar([{ text: 'b\na', mode: 'any-order' }], 'x\na\n')).toBe(false);
  });
});

describe('cost', () => {
  // Far above what was measured (see each), far below what anything but linear time would need.
  const LIMIT_MS = 3_000;

  test('848 KB of table are compared quickly, equal or not', () => {
    const row = 'productpage-v1-6b746f74dc-9wdbf   2/2     Running   0          2m9s\n';
    const actual = row.repeat(Math.ceil((848 * 1024) / row.length));
    const expected = `...\n${'productpage-v1-<rs>-<id> 2/2 Running 0 <age>\n'.repeat(50)}reviews-v1-<rs>-<id> <*>`;

    const time = startCpuTime();
    expect(accepts('productpage-v1-<rs>-<id> 2/2 Running 0 <age>\n...', actual)).toBe(true);
    expect(accepts(expected, actual)).toBe(false);

    expect(time()).toBeLessThan(LIMIT_MS);
  });

  test.each([
    ['a token of 400 KB', '<word>-<id>-<*>', 'a'.repeat(400 * 1024)],
    ['many open holes on one token', '<word>a<word>a<word>a<word>b', 'a'.repeat(20_000)],
    ['many open holes on one line', '<*> a <*> a <*> a <*> b', 'a '.repeat(50_000)],
    ['an expression that defeats backtracking', 're2: (.*)*,(.*)*;', `${'a,'.repeat(10_000)}`],
    ['a form that could begin anywhere', '<*><ver>x', '1.'.repeat(200_000)],
    ['an integer that could begin anywhere', '<word><int 1..3>x', '1'.repeat(200_000)],
    ['escape sequences that never end', 'x', '\u001b]'.repeat(200_000)],
    ['numbers of a hundred thousand digits', '<num>', '1'.repeat(100_000)],
    ['carriage returns', 'x', 'abc\r'.repeat(200_000)],
  ])('%s cannot stall it', (_, expected, actual) => {
    const time = startCpuTime();

    expect(accepts(expected, actual)).toBe(false);

    expect(time()).toBeLessThan(LIMIT_MS);
  });
});

test('nothing that a program prints makes it throw, and equal text always matches itself', () => {
  // A fixed sequence (numerical recipes' generator), so that a failure can be repeated.
  let seed = 20_260_101;
  const next = (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed % below;
  };
  const pieces = [
    'a',
    ' ',
    '\t',
    '\n',
    '\r',
    '\b',
    '...',
    '\u001b[',
    '\u001b]',
    'K',
    '1',
    '<age>',
    '5s',
    '\\<',
    '😀',
    '\u0000',
  ];
  for (let round = 0; round < 3_000; round++) {
    const text = Array.from({ length: next(40) }, () => pieces[next(pieces.length)]).join('');
    const plain = text.replaceAll(/[^a5s \n1😀]/gu, '');

    expect(() => compareOutput(inOrder('a\n...\n<word> <*>\n1'), text)).not.toThrow();
    expect(accepts(plain, plain), JSON.stringify(plain)).toBe(true);
  }
});
