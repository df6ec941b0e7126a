import { expect, test } from 'vitest';
import { matchesLabels, parseFieldSelector, parseLabelSelector } from '../../../cluster/objects/selector.ts';

const labels = { app: 'web', tier: 'front', count: '5' };

test.each([
  ['', true],
  ['app=web', true],
  ['app==web', true],
  ['app!=web', false],
  ['nosuch!=web', true],
  ['app', true],
  ['!app', false],
  ['!nosuch', true],
  ['app in (web,db),tier', true],
  ['app notin (web)', false],
  ['nosuch notin (web)', true],
  ['app in (web , db) , tier = front', true],
  ['app=', false],
  ['count>4', true],
  ['count<5', false],
])('%s selects as kubectl says', (text, expected) => {
  expect(matchesLabels(parseLabelSelector(text), labels)).toBe(expected);
});

test.each([
  ['app=one=two', "found '=', expected: ',' or 'end of string'"],
  ['app in web', "found 'web' expected: '('"],
  ['app,,tier', "found ',', expected: identifier after ','"],
])('%s is refused in upstream words', (text, message) => {
  expect(() => parseLabelSelector(text)).toThrow(message);
});

test('field selectors have terms with =, == and !=', () => {
  expect(parseFieldSelector('metadata.name=a,status.phase!=Running,x==y\\,z')).toEqual([
    { field: 'metadata.name', value: 'a', equal: true },
    { field: 'status.phase', value: 'Running', equal: false },
    { field: 'x', value: 'y,z', equal: true },
  ]);
});
