import { expect, it } from 'vitest';
import type { RunBlock } from '../../../common/lesson.ts';
import { judge } from '../../../server/session/judge.ts';

const watch: RunBlock = {
  kind: 'run',
  id: '1-1',
  command: 'kubectl get pods -w',
  terminal: 1,
  interrupt: false,
  timeoutMs: 1_000,
  exit: 0,
  outputs: [{ text: 'web', mode: 'in-order' }],
  hintHtml: null,
};

it.each([
  { keys: 'Ctrl-C', status: 130, output: 'web\n^C' },
  { keys: 'Ctrl-Z', status: 148, output: 'web\n^Z\n[1]+  Stopped   kubectl get pods -w' },
])('a watch that matched has passed when $keys ends it, and otherwise was interrupted', ({ status, output }) => {
  const run = { how: 'typed', output, status } as const;

  expect(judge(watch, { ...run, matched: true })).toEqual({ status: 'passed', how: 'typed', running: false });
  expect(judge(watch, { ...run, matched: false })).toEqual({
    status: 'failed',
    how: 'typed',
    failure: { reason: 'interrupted' },
  });
});
