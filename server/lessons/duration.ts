/** `500ms`, `30s`, `2m` in milliseconds; undefined when the text is none of these or not within 1 ms to 10 minutes. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,6})(ms|s|m)$/.exec(text);
  if (match === null) return undefined;
  const milliseconds = Number(match[1]) * UNITS[match[2] as keyof typeof UNITS];
  return milliseconds >= 1 && milliseconds <= MAX_DURATION_MS ? milliseconds : undefined;
}

/** How a duration is written, for messages. */
export const DURATION_FORM = 'a number with ms, s or m, at most 10m, such as 30s';

const UNITS = { ms: 1, s: 1000, m: 60_000 };
const MAX_DURATION_MS = 600_000;
