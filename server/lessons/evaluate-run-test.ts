import type { ClauseFailure } from '../../common/lesson.ts';
import type { RunTest } from './definition.ts';
import { flowText } from './flow-text.ts';
import { evaluateJsonTest } from './json-test.ts';
import { compareOutput } from './match/compare-output.ts';

/** What a command of a check did. */
export interface RunOutcome {
  /** Exit status. */
  exit: number;
  /** stdout and stderr as they came. */
  output: string;
  /** What `json` tests read. */
  stdout: string;
}

/** What of `test` does not hold; empty when all does. */
export function evaluateRunTest(test: RunTest, outcome: RunOutcome): ClauseFailure[] {
  const failures: ClauseFailure[] = [];
  if (test.exit !== null && test.exit !== outcome.exit) {
    failures.push({ kind: 'exit', clause: 'exit', expected: test.exit, actual: outcome.exit });
  }
  if (test.outputs.length > 0) {
    const comparison = compareOutput(test.outputs, outcome.output);
    if (!comparison.ok) failures.push({ kind: 'lines', clause: 'lines', lines: comparison.lines });
  }
  return test.json.length === 0 ? failures : [...failures, ...evaluateJson(test, outcome.stdout)];
}

function evaluateJson(test: RunTest, stdout: string): ClauseFailure[] {
  const document = readJson(stdout);
  return test.json.flatMap((jsonTest) => {
    // Output that is no JSON has no fields, so that even "!=" does not hold by accident.
    const { holds, actual } = document === undefined ? NOTHING : evaluateJsonTest(jsonTest, document.value);
    if (holds) return [];
    const expected = jsonTest.operator === 'exists' ? '' : flowText(jsonTest.value);
    const shown = actual === undefined ? null : flowText(actual);
    return [
      { kind: 'json', clause: 'json', path: jsonTest.path, operator: jsonTest.operator, expected, actual: shown },
    ];
  });
}

const NOTHING = { holds: false, actual: undefined };

function readJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
