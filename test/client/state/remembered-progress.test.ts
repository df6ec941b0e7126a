import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { forgetProgress, rememberedProgress, rememberProgress } from '../../../client/state/remembered-progress.ts';

let kept: Map<string, string>;

beforeEach(() => {
  kept = new Map();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  });
});
afterEach(() => vi.unstubAllGlobals());

test('keeps the best that a lesson has seen and its last step, beside the others', () => {
  rememberProgress('mesh', { done: 3, total: 5, step: 'step-1' });
  rememberProgress('shop', { done: 1, total: 2, step: 'step-1' });
  rememberProgress('mesh', { done: 0, total: 5, step: 'step-1' });
  rememberProgress('mesh', { done: 2, total: 5, step: 'step-2' });

  expect(rememberedProgress()).toEqual({
    mesh: { done: 3, total: 5, step: 'step-2' },
    shop: { done: 1, total: 2, step: 'step-1' },
  });
});

test('a lesson with other tasks than before is counted anew', () => {
  rememberProgress('mesh', { done: 5, total: 5, step: 'step-1' });
  rememberProgress('mesh', { done: 1, total: 7, step: 'step-1' });

  expect(rememberedProgress()).toEqual({ mesh: { done: 1, total: 7, step: 'step-1' } });
});

test('starting over forgets that lesson alone', () => {
  rememberProgress('mesh', { done: 3, total: 5, step: 'step-1' });
  rememberProgress('shop', { done: 1, total: 2, step: 'step-1' });
  forgetProgress('mesh');

  expect(rememberedProgress()).toEqual({ shop: { done: 1, total: 2, step: 'step-1' } });
});

test.each(['no JSON', '[1]', 'null', '{"mesh":{"done":7,"total":5}}', '{"mesh":{"done":"1","total":5}}'])(
  'what is stored as %s is nothing',
  (text) => {
    kept.set('taller-progress', text);

    expect(rememberedProgress()).toEqual({});
  },
);

test('a browser that blocks storage has no progress and no errors', () => {
  vi.stubGlobal('localStorage', undefined);
  rememberProgress('mesh', { done: 3, total: 5, step: 'step-1' });

  expect(rememberedProgress()).toEqual({});
});
