import { describe, expect, test } from 'vitest';
import type { Results } from '../../../client/state/progress.ts';
import { lessonProgress, stepProgress } from '../../../client/state/progress.ts';
import { doneCheck } from '../../../common/protocol.ts';
import type { Lesson, RunBlock, Step } from '../../../common/lesson.ts';

function run(id: string): RunBlock {
  return {
    kind: 'run',
    id,
    command: 'true',
    terminal: 1,
    interrupt: false,
    timeoutMs: 1000,
    exit: 0,
    outputs: [],
    hintHtml: null,
  };
}

const step: Step = {
  id: 'step-1',
  title: 'One',
  html: '',
  blocks: [
    run('1-1'),
    { kind: 'hint', id: '1-2', html: '' },
    { kind: 'check', id: '1-3', name: 'ready', goal: null, subject: 'pod web', hintsHtml: {} },
  ],
};
const reading: Step = { id: 'step-2', title: 'Two', html: '', blocks: [] };
const passed = { status: 'passed', how: 'typed', running: false } as const;

const NONE: Results = { blocks: {}, checks: {}, done: new Set() };
const HALF: Results = { blocks: { '1-1': passed }, checks: {}, done: new Set(['1-1']) };
const ALL: Results = { ...HALF, checks: { ready: { status: 'passed' } } };

describe('stepProgress', () => {
  test.each([
    ['nothing was done', step, NONE, { done: 0, total: 2, state: 'todo' }],
    ['a command passed and the check is open', step, HALF, { done: 1, total: 2, state: 'started' }],
    ['everything passed', step, ALL, { done: 2, total: 2, state: 'done' }],
    [
      'a watch passed that still runs',
      step,
      { ...ALL, blocks: { '1-1': { ...passed, running: true } } },
      { done: 2, total: 2, state: 'done' },
    ],
    [
      'a check failed',
      step,
      { ...NONE, checks: { ready: { status: 'failed', failures: [] } } },
      { done: 0, total: 2, state: 'started' },
    ],
    [
      'a command that had passed runs again',
      step,
      { ...ALL, blocks: { '1-1': { status: 'running' } } },
      { done: 2, total: 2, state: 'done' },
    ],
    [
      'a check that had passed fails, as its time is over',
      step,
      {
        ...HALF,
        checks: { ready: { status: 'failed', failures: [] } },
        done: new Set(['1-1', doneCheck('ready')]),
      },
      { done: 2, total: 2, state: 'done' },
    ],
    ['there is only text', reading, ALL, { done: 0, total: 0, state: 'reading' }],
  ] as [string, Step, Results, object][])('is right when %s', (_, shown, results, expected) => {
    expect(stepProgress(shown, results)).toEqual(expected);
  });
});

describe('lessonProgress', () => {
  const lesson = { steps: [step, reading] } as unknown as Lesson;

  test('counts the tasks of all steps', () => {
    expect(lessonProgress(lesson, HALF)).toEqual({ done: 1, total: 2, state: 'started' });
  });

  test('is done although a step has nothing to do', () => {
    expect(lessonProgress(lesson, ALL)).toEqual({ done: 2, total: 2, state: 'done' });
  });
});
