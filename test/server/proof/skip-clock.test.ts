import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSkipClock, type SkipClock } from '../../../server/proof/skip-clock.ts';
import { pollFor } from '../terminal/poll-for.ts';

let clock: SkipClock;
beforeEach(() => {
  clock = createSkipClock();
});
afterEach(() => clock.dispose());

test('what is due within the skipped time happens in order, with what follows from it', async () => {
  const seen: string[] = [];
  clock.schedule(60_000, () => seen.push('b'));
  clock.schedule(1_000, () => {
    seen.push('a');
    clock.schedule(30_000, () => seen.push('from a'));
  });
  clock.schedule(600_000, () => seen.push('c'));
  const start = clock.now();

  await clock.skip(60_500);

  expect(seen).toEqual(['a', 'from a', 'b']);
  expect(clock.now() - start).toBeGreaterThanOrEqual(60_500);
  expect(clock.now() - start).toBeLessThan(600_000);
});

test('promises of a timer are kept before a later timer', async () => {
  const seen: string[] = [];
  clock.schedule(1_000, () => void Promise.resolve().then(() => seen.push('promise')));
  clock.schedule(2_000, () => seen.push('later'));

  await clock.skip(5_000);

  expect(seen).toEqual(['promise', 'later']);
});

test('it goes on by itself, ten times as fast', async () => {
  const start = Date.now();
  let took = 0;
  clock.schedule(5_000, () => {
    took = Date.now() - start;
  });

  await pollFor(() => took > 0, true);

  expect(took).toBeGreaterThanOrEqual(475);
  expect(took).toBeLessThan(5_000);
});

test('a timer that was taken back does not fire, and nothing fires after the end', async () => {
  const seen: string[] = [];
  clock.schedule(100, () => seen.push('taken back'))();
  clock.schedule(200, () => seen.push('disposed of'));
  clock.dispose();

  await clock.skip(1_000);

  expect(seen).toEqual([]);
});
