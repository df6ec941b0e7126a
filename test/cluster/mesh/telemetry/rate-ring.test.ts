import { expect, test } from 'vitest';
import { positionsIn, RateRing } from '../../../../cluster/mesh/telemetry/rate-ring.ts';

const START = 1_700_000_000_000;

test('sums what lies within the window, and the bucket that is being filled', () => {
  const ring = new RateRing(2);
  ring.add(START, [1, 10]);
  ring.add(START + 30_000, [2, 20]);
  ring.add(START + 59_999, [4, 40]);

  expect(ring.sums(START + 59_999, 60)).toEqual([7, 70]);
  expect(ring.sums(START + 65_000, 60)).toEqual([6, 60]);
  expect(ring.sums(START + 600_000, 60)).toEqual([0, 0]);
});

test('puts each bucket at its place, the oldest first', () => {
  const ring = new RateRing(1);
  ring.add(START, [1]);
  ring.add(START + 20_000, [5]);
  const found: [number, number][] = [];

  ring.each(START + 20_000, 20, (position, [value = 0]) => found.push([position, value]));

  expect(positionsIn(20)).toBe(5);
  expect(found).toEqual([
    [0, 1],
    [4, 5],
  ]);
});

test('keeps ten minutes and no more, however long it is used', () => {
  const ring = new RateRing(1);
  for (let second = 0; second < 3600; second += 1) ring.add(START + second * 1000, [1]);

  const now = START + 3_599_000;
  expect(ring.sums(now, 600)).toEqual([605]);
  expect(ring.sums(now, 3600)).toEqual([605]);
});
