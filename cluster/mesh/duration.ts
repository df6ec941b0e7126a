const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, us: 0.001, ns: 0.000_001 };

/** Milliseconds of a duration such as `0.5s`, `1m30s` or `100ms`; null when it is none. */
export function parseDuration(text: string | undefined): number | null {
  if (text === undefined || !/^(\d+(\.\d+)?(h|ms|us|ns|m|s))+$/.test(text)) return null;
  let total = 0;
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(h|ms|us|ns|m|s)/g)) {
    total += Number(number) * (UNIT_MS[unit ?? ''] ?? 0);
  }
  return total;
}
