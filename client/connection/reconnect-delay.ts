const FIRST_MS = 500;
const LONGEST_MS = 10_000;

/**
 * How long to wait before the next attempt, in milliseconds. Doubles from 500 ms to 10 s, then takes between half
 * and all of that, so that a thousand pages do not come back in the same instant when a server starts again.
 *
 * @param attempt failed attempts since the last connection, from 0
 * @param random at least 0, less than 1
 */
export function reconnectDelay(attempt: number, random: number): number {
  // 2 ** 5 is beyond the longest already; more would overflow after days offline.
  const ceiling = Math.min(FIRST_MS * 2 ** Math.min(attempt, 5), LONGEST_MS);
  return ceiling / 2 + (ceiling / 2) * random;
}
