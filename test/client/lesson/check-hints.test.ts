import { expect, test } from 'vitest';
import { hintsFor } from '../../../client/lesson/check-hints.ts';
import type { CheckBlock, ClauseFailure } from '../../../common/lesson.ts';

const block: CheckBlock = {
  kind: 'check',
  id: '2-1',
  name: 'strict',
  goal: null,
  subject: 'PeerAuthentication default',
  hintsHtml: { 'spec.mtls.mode': '<p>mode</p>', timeout: '<p>wait</p>', missing: '<p>apply it</p>' },
};
const mode: ClauseFailure = {
  kind: 'field',
  clause: 'spec.mtls.mode',
  path: 'spec.mtls.mode',
  expected: 'STRICT',
  actual: null,
};

test('gives the hints of the clauses that failed, each once', () => {
  const late: ClauseFailure = { kind: 'timeout', clause: 'timeout', timeoutMs: 1000 };

  expect(hintsFor(block, [mode, late, mode])).toEqual(['<p>mode</p>', '<p>wait</p>']);
});

test('gives none when the author wrote none for the clause', () => {
  expect(hintsFor(block, [{ ...mode, clause: 'constructor' }])).toEqual([]);
});

test('gives only the hint for the exit status when the output differs as well', () => {
  const hintsHtml = { exit: '<p>refused</p>', lines: '<p>another answer</p>' };
  const exit: ClauseFailure = { kind: 'exit', clause: 'exit', expected: 0, actual: 56 };
  const lines: ClauseFailure = { kind: 'lines', clause: 'lines', lines: [] };

  expect(hintsFor({ ...block, hintsHtml }, [exit, lines])).toEqual(['<p>refused</p>']);
  expect(hintsFor({ ...block, hintsHtml }, [lines])).toEqual(['<p>another answer</p>']);
  expect(hintsFor({ ...block, hintsHtml: { lines: '<p>another answer</p>' } }, [exit, lines])).toEqual([
    '<p>another answer</p>',
  ]);
});
