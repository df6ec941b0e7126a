import { describe, expect, test } from 'vitest';
import { reconnectDelay } from '../../../client/connection/reconnect-delay.ts';

describe('reconnectDelay', () => {
  test('doubles from half a second to ten seconds', () => {
    const longest = [0, 1, 2, 3, 4, 5, 6, 1000].map((attempt) => reconnectDelay(attempt, 1));

    expect(longest).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000]);
  });

  test('never waits less than half of that', () => {
    expect(reconnectDelay(0, 0)).toBe(250);
    expect(reconnectDelay(9, 0)).toBe(5000);
  });
});
