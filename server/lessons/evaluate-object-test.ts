import type { ClauseFailure } from '../../common/lesson.ts';
import type { ObjectTest } from './definition.ts';
import { type FieldPath, parseFieldPath, readField, writeFieldPath } from './field-path.ts';
import { flowText } from './flow-text.ts';

/**
 * What of `test` does not hold for the object that the cluster has, undefined when it has none. Empty when all does.
 * Maps are compared in part: fields that the test does not name may be anything. Lists must have the same length and
 * order, unless the test names an element by index. Scalars must be equal in type too: `"8080"` is not `8080`.
 */
export function evaluateObjectTest(test: ObjectTest, object: unknown): ClauseFailure[] {
  if (test.absent)
    return object === undefined ? [] : [{ kind: 'object-present', clause: 'present', subject: test.subject }];
  if (object === undefined) return [{ kind: 'object-missing', clause: 'missing', subject: test.subject }];
  return Object.entries(test.has).flatMap(([clause, expected]) => {
    const path = parseFieldPath(clause);
    if (path === undefined) throw new Error(`"${clause}" is not the path of a field`);
    return differences(expected, readField(object, path), path).map(([at, wanted, actual]): ClauseFailure => {
      return {
        kind: 'field',
        clause,
        path: writeFieldPath(at),
        expected: flowText(wanted),
        actual: actual === undefined ? null : flowText(actual),
      };
    });
  });
}

type Difference = [path: FieldPath, expected: unknown, actual: unknown];

function differences(expected: unknown, actual: unknown, path: FieldPath): Difference[] {
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return [[path, expected, actual]];
    return expected.flatMap((item, index) => differences(item, actual[index], [...path, index]));
  }
  if (typeof expected === 'object' && expected !== null) {
    if (typeof actual !== 'object' || actual === null || Array.isArray(actual)) return [[path, expected, actual]];
    return Object.entries(expected).flatMap(([name, value]) => {
      return differences(value, readField(actual, [name]), [...path, name]);
    });
  }
  return expected === actual ? [] : [[path, expected, actual]];
}
