import { expect, test } from 'vitest';
import { changed, leavesOf, leftOut, narrowed, supportedValues } from '../../../server/proof/mutants.ts';

const POLICY = {
  apiVersion: 'security.istio.io/v1',
  kind: 'AuthorizationPolicy',
  metadata: { name: 'a' },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    rules: [{ to: [{ operation: { methods: ['GET', 'HEAD'] } }] }],
  },
};

test('leaves are all fields that hold no others', () => {
  expect(leavesOf(POLICY.spec, ['spec'])).toEqual([
    ['spec', 'selector', 'matchLabels', 'app'],
    ['spec', 'rules', 0, 'to', 0, 'operation', 'methods', 0],
    ['spec', 'rules', 0, 'to', 0, 'operation', 'methods', 1],
  ]);
  expect(leavesOf({ a: {}, b: [], c: null })).toEqual([['a'], ['b'], ['c']]);
});

test('a field is changed in a copy', () => {
  const mutant = changed(POLICY, ['spec', 'rules', 0, 'to', 0, 'operation', 'methods', 1], 'PUT');

  expect(mutant.label).toBe('spec.rules[0].to[0].operation.methods[1]: "PUT"');
  expect(mutant.object.spec).toMatchObject({ rules: [{ to: [{ operation: { methods: ['GET', 'PUT'] } }] }] });
  expect(POLICY.spec.rules[0]!.to[0]!.operation.methods).toEqual(['GET', 'HEAD']);
});

test('what held nothing but a field that is left out is left out too', () => {
  const [app, get] = leavesOf(POLICY.spec, ['spec']);

  expect(leftOut(POLICY, app!).object.spec).toEqual({ rules: POLICY.spec.rules });
  expect(leftOut(POLICY, get!).object.spec).toMatchObject({ rules: [{ to: [{ operation: { methods: ['HEAD'] } }] }] });
  const only = { ...POLICY, spec: { selector: POLICY.spec.selector } };
  expect(leftOut(only, app!).object.spec).toEqual({});
});

test('a selector is narrowed by a label that nothing has', () => {
  const [mutant, ...others] = narrowed(POLICY, leavesOf(POLICY.spec, ['spec']));

  expect(mutant!.object.spec).toMatchObject({ selector: { matchLabels: { app: 'web', other: 'label' } } });
  expect(others).toEqual([]);
});

test('an API that refuses a value names those that it takes', () => {
  const refusal = 'spec.mtls.mode: Unsupported value: "x": supported values: "DISABLE", "STRICT"';

  expect(supportedValues(refusal)).toEqual(['DISABLE', 'STRICT']);
  expect(supportedValues('spec.mtls is required')).toEqual([]);
});
