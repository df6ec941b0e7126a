import { expect, test } from 'vitest';
import type { ClauseFailure } from '../../../common/lesson.ts';
import type { ObjectTest, RunTest } from '../../../server/lessons/definition.ts';
import { evaluateObjectTest } from '../../../server/lessons/evaluate-object-test.ts';
import { evaluateRunTest } from '../../../server/lessons/evaluate-run-test.ts';
import { parseJsonTest } from '../../../server/lessons/json-test.ts';

const POLICY = {
  apiVersion: 'security.istio.io/v1',
  kind: 'PeerAuthentication',
  metadata: { name: 'default', namespace: 'istio-system', labels: { 'app.kubernetes.io/name': 'mesh' } },
  spec: { mtls: { mode: 'PERMISSIVE' }, portLevelMtls: { '8080': { mode: 'DISABLE' } } },
};
const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a' },
  spec: { containers: [{ name: 'web', ports: [{ containerPort: 80 }] }, { name: 'istio-proxy' }], hostNetwork: false },
};

function objectTest(has: Record<string, unknown>, absent = false): ObjectTest {
  return { kind: 'object', subject: 'Pod a', resource: 'Pod', name: 'a', namespace: undefined, absent, has };
}

test.each([
  ['a scalar', POLICY, { 'spec.mtls.mode': 'PERMISSIVE' }],
  ['part of a map', POLICY, { spec: { mtls: { mode: 'PERMISSIVE' } } }],
  ['a name with dots', POLICY, { 'metadata.labels["app.kubernetes.io/name"]': 'mesh' }],
  ['a key that is a number', POLICY, { 'spec.portLevelMtls.8080.mode': 'DISABLE' }],
  ['an element by index', POD, { 'spec.containers[1].name': 'istio-proxy' }],
  [
    'a list of the same length, its elements in part',
    POD,
    { 'spec.containers': [{ name: 'web' }, { name: 'istio-proxy' }] },
  ],
  ['false', POD, { 'spec.hostNetwork': false }],
  ['an empty map', POD, { metadata: {} }],
])('%s holds', (_, object, has) => {
  expect(evaluateObjectTest(objectTest(has), object)).toEqual([]);
});

function field(clause: string, path: string, expected: string, actual: string | null): ClauseFailure {
  return { kind: 'field', clause, path, expected, actual };
}

test.each<[string, object, Record<string, unknown>, ClauseFailure]>([
  [
    'another value',
    POLICY,
    { 'spec.mtls.mode': 'STRICT' },
    field('spec.mtls.mode', 'spec.mtls.mode', 'STRICT', 'PERMISSIVE'),
  ],
  [
    'a field deeper than its clause',
    POLICY,
    { spec: { mtls: { mode: 'STRICT' } } },
    field('spec', 'spec.mtls.mode', 'STRICT', 'PERMISSIVE'),
  ],
  [
    'an absent field',
    POLICY,
    { 'spec.selector.matchLabels.app': 'a' },
    field('spec.selector.matchLabels.app', 'spec.selector.matchLabels.app', 'a', null),
  ],
  [
    'a text for a number',
    POD,
    { 'spec.containers[0].ports[0].containerPort': '80' },
    field('spec.containers[0].ports[0].containerPort', 'spec.containers[0].ports[0].containerPort', '"80"', '80'),
  ],
  [
    'a shorter list',
    POD,
    { 'spec.containers': [{ name: 'web' }] },
    field(
      'spec.containers',
      'spec.containers',
      '[ { name: web } ]',
      '[ { name: web, ports: [ { containerPort: 80 } ] }, { name: istio-proxy } ]',
    ),
  ],
  [
    'another order',
    POD,
    { 'spec.containers[0].name': 'istio-proxy' },
    field('spec.containers[0].name', 'spec.containers[0].name', 'istio-proxy', 'web'),
  ],
  [
    'an index beyond the end',
    POD,
    { 'spec.containers[2].name': 'a' },
    field('spec.containers[2].name', 'spec.containers[2].name', 'a', null),
  ],
  [
    'a map where a scalar is',
    POD,
    { 'metadata.name': { a: 1 } },
    field('metadata.name', 'metadata.name', '{ a: 1 }', 'a'),
  ],
  ['a list where a map is', POD, { metadata: [] }, field('metadata', 'metadata', '[]', '{ name: a }')],
  [
    'what every object inherits',
    POD,
    { 'metadata.toString': 'x' },
    field('metadata.toString', 'metadata.toString', 'x', null),
  ],
  [
    'a field of the prototype',
    POD,
    { 'metadata.__proto__.a': 'x' },
    field('metadata.__proto__.a', 'metadata.__proto__.a', 'x', null),
  ],
])('%s is named with its path', (_, object, has, failure) => {
  expect(evaluateObjectTest(objectTest(has), object)).toEqual([failure]);
});

test('an object that is not there, or should not be, is named by its subject', () => {
  expect(evaluateObjectTest(objectTest({ a: 1 }), undefined)).toEqual([
    { kind: 'object-missing', clause: 'missing', subject: 'Pod a' },
  ]);
  expect(evaluateObjectTest(objectTest({}, true), POD)).toEqual([
    { kind: 'object-present', clause: 'present', subject: 'Pod a' },
  ]);
  expect(evaluateObjectTest(objectTest({}, true), undefined)).toEqual([]);
});

function runTest(test: Partial<RunTest>): RunTest {
  return { kind: 'run', command: 'kubectl get pods', exit: 0, outputs: [], json: [], ...test };
}

test('every clause of a command that fails is named', () => {
  const json = ['items.length == 2', 'items[0].name contains web', 'items[0].ready exists'].map((text) => {
    const parsed = parseJsonTest(text);
    if (typeof parsed === 'string') throw new Error(parsed);
    return parsed;
  });
  const definition = runTest({ outputs: [{ text: '200', mode: 'in-order' }], json });

  const failures = evaluateRunTest(definition, { exit: 56, output: '000', stdout: '{"items":[{"name":"db"}]}' });

  expect(failures).toEqual([
    { kind: 'exit', clause: 'exit', expected: 0, actual: 56 },
    { kind: 'lines', clause: 'lines', lines: [{ kind: 'different', expected: '200', actual: '000' }] },
    { kind: 'json', clause: 'json', path: 'items.length', operator: '==', expected: '2', actual: '1' },
    { kind: 'json', clause: 'json', path: 'items[0].name', operator: 'contains', expected: 'web', actual: 'db' },
    { kind: 'json', clause: 'json', path: 'items[0].ready', operator: 'exists', expected: '', actual: null },
  ]);
});

test('a command that does all that is expected has no failures', () => {
  const outcome = { exit: 56, output: 'curl: (56) x\r\n', stdout: '' };

  expect(
    evaluateRunTest(runTest({ exit: 56, outputs: [{ text: 'curl: (56) <*>', mode: 'in-order' }] }), outcome),
  ).toEqual([]);
  expect(evaluateRunTest(runTest({ exit: null }), outcome)).toEqual([]);
});

test.each([
  ['a == 1', { a: 1 }, true],
  ['a == 1', { a: '1' }, false],
  ['a == "1"', { a: '1' }, true],
  ['a == [1, 2]', { a: [1, 2] }, true],
  ['a == null', {}, false],
  ['a != 1', { a: 2 }, true],
  ['a > 1', { a: 2 }, true],
  ['a > 1', { a: '2' }, false],
  ['a >= 2', { a: 2 }, true],
  ['a < 2', { a: 2 }, false],
  ['a <= 2', { a: 2 }, true],
  ['a contains spiffe://cluster.local/ns/x', { a: 'By=x;URI=spiffe://cluster.local/ns/x/sa/y' }, true],
  ['a contains 2', { a: [1, 2] }, true],
  ['a contains 2', { a: 2 }, false],
  ['a.length == 0', { a: [] }, true],
  ['a.length == 5', { a: { length: 5 } }, true],
  ['a["b c"].d exists', { a: { 'b c': { d: null } } }, true],
  ['toString exists', {}, false],
])('%s', (text, document, holds) => {
  const parsed = parseJsonTest(text);
  if (typeof parsed === 'string') throw new Error(parsed);

  const failures = evaluateRunTest(runTest({ json: [parsed] }), {
    exit: 0,
    output: '',
    stdout: JSON.stringify(document),
  });

  expect(failures.length === 0).toBe(holds);
});

test('output that is no JSON fails every test on it, also the negative ones', () => {
  const parsed = parseJsonTest('a != 1');
  if (typeof parsed === 'string') throw new Error(parsed);

  expect(evaluateRunTest(runTest({ json: [parsed] }), { exit: 0, output: '', stdout: 'Error' })).toHaveLength(1);
});
