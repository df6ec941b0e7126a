import { describe, expect, test } from 'vitest';
import type { ClauseFailure, RunFailure } from '../../../common/lesson.ts';
import { MESSAGES } from '../../../common/messages/index.ts';

const { en, es } = MESSAGES;

describe('sentences about a run', () => {
  const exitOnly: RunFailure = { reason: 'different', lines: [], exit: { expected: 0, actual: 1 } };
  const output: RunFailure = { reason: 'different', lines: [{ kind: 'missing', expected: 'a' }], exit: null };

  test('tell a wrong output from a wrong exit status', () => {
    expect(en.run.failed(output)).toBe('The output is not what it should be.');
    expect(en.run.failed(exitOnly)).toBe('The command did not end as it should.');
    expect(es.run.failed(output)).toBe('La salida no es la que debería.');
    expect(es.run.failed(exitOnly)).toBe('El comando no ha terminado como debería.');
  });

  test('say both statuses, the actual first', () => {
    expect(en.run.exitDiffers(56, 0)).toBe('The command ended with exit status `0`; it should end with `56`.');
    expect(es.run.exitDiffers(56, 0)).toBe(
      'El comando ha terminado con el código de salida `0`; debería terminar con `56`.',
    );
  });

  test.each([
    [1000, '1 second', '1 segundo'],
    [30_000, '30 seconds', '30 segundos'],
    [1500, '1.5 seconds', '1,5 segundos'],
  ])('count %i ms in the words of each language', (timeoutMs, english, spanish) => {
    expect(en.run.failed({ reason: 'timeout', timeoutMs, lines: [] })).toContain(english);
    expect(es.run.failed({ reason: 'timeout', timeoutMs, lines: [] })).toContain(spanish);
  });
});

describe('sentences about a check', () => {
  test.each([
    [
      { kind: 'field', clause: 'a.b', path: 'a.b', expected: 'STRICT', actual: null },
      '`a.b` is not set; it should be `STRICT`.',
      '`a.b` no tiene valor; debería ser `STRICT`.',
    ],
    [
      { kind: 'json', clause: 'json', path: 'items.length', operator: '==', expected: '2', actual: '1' },
      '`items.length` is `1`; this should hold: `items.length == 2`.',
      '`items.length` es `1`; debería cumplirse `items.length == 2`.',
    ],
    [
      { kind: 'json', clause: 'json', path: 'spec', operator: 'exists', expected: '', actual: null },
      '`spec` is not there; this should hold: `spec exists`.',
      '`spec` no está; debería cumplirse `spec exists`.',
    ],
    [
      { kind: 'object-missing', clause: 'missing', subject: 'pod web' },
      '`pod web` does not exist.',
      '`pod web` no existe.',
    ],
  ] as [ClauseFailure, string, string][])('name what failed: %j', (failure, english, spanish) => {
    expect(en.check.clause(failure)).toBe(english);
    expect(es.check.clause(failure)).toBe(spanish);
  });
});

test.each([
  [0, '0 of 1 task done', '0 de 1 tarea hecha', 1],
  [2, '2 of 7 tasks done', '2 de 7 tareas hechas', 7],
])('progress counts in both languages', (done, english, spanish, total) => {
  expect(en.steps.progress(done, total)).toBe(english);
  expect(es.steps.progress(done, total)).toBe(spanish);
});
