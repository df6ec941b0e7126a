import { expect, test } from 'vitest';
import { CronError, parseCronSchedule } from '../../../cluster/objects/cron-schedule.ts';

function nextTimes(schedule: string, from: string, count: number, zone?: string): string[] {
  const times: string[] = [];
  let time = Date.parse(from);
  for (let i = 0; i < count; i += 1) {
    time = parseCronSchedule(schedule, zone).next(time) ?? Number.NaN;
    times.push(new Date(time).toISOString().slice(0, 19));
  }
  return times;
}

test.each([
  ['*/15 * * * *', ['2026-01-01T00:15:00', '2026-01-01T00:30:00']],
  ['@hourly', ['2026-01-01T01:00:00', '2026-01-01T02:00:00']],
  ['@weekly', ['2026-01-04T00:00:00', '2026-01-11T00:00:00']],
  ['@every 90s', ['2026-01-01T00:01:30', '2026-01-01T00:03:00']],
  ['5/20 * * * *', ['2026-01-01T00:05:00', '2026-01-01T00:25:00']],
  ['0 9-11/2 * * *', ['2026-01-01T09:00:00', '2026-01-01T11:00:00']],
  ['30 8 * * MON-fri', ['2026-01-01T08:30:00', '2026-01-02T08:30:00']],
  ['0 0 29 feb *', ['2028-02-29T00:00:00', '2032-02-29T00:00:00']],
  // Both days named: either will do.
  ['0 0 13 * 5', ['2026-01-02T00:00:00', '2026-01-09T00:00:00']],
  // A star with a step is a choice of days, not a star.
  ['0 0 */10 * 1', ['2026-01-05T00:00:00', '2026-01-11T00:00:00']],
])('%s is due at %j', (schedule, times) => {
  expect(nextTimes(schedule, '2026-01-01T00:00:00Z', 2)).toEqual(times);
});

test('a time zone is followed through its change of the clock', () => {
  expect(nextTimes('30 3 * * *', '2026-03-28T00:00:00Z', 2, 'Europe/Madrid')).toEqual([
    '2026-03-28T02:30:00',
    '2026-03-29T01:30:00',
  ]);
});

test('what the clock jumps over is not due that day', () => {
  expect(nextTimes('30 2 * * *', '2026-03-28T12:00:00Z', 1, 'Europe/Madrid')).toEqual(['2026-03-30T00:30:00']);
});

test('a day that never comes is never due', () => {
  expect(parseCronSchedule('0 0 30 2 *').next(0)).toBeUndefined();
});

test.each([
  ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
  ['60 * * * *', 'end of range (60) above maximum (59): 60'],
  ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
  ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
  ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
  ['*/2/3 * * * *', 'too many slashes: */2/3'],
  ['*/0 * * * *', 'step of range should be a positive number: */0'],
  ['a * * * *', 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'],
  ['@fortnightly', 'unrecognized descriptor: @fortnightly'],
])('%s is refused: %s', (schedule, message) => {
  expect(() => parseCronSchedule(schedule)).toThrow(new CronError(message));
});

test('a time zone that does not exist is refused', () => {
  expect(() => parseCronSchedule('@daily', 'Mars/Olympus')).toThrow(new CronError('unknown time zone Mars/Olympus'));
});
