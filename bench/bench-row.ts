/** One measurement beside what it is compared with, taken in the same run. `run.mjs` prints `value / baseline`. */
export interface BenchRow {
  name: string;
  value: number;
  baseline: number;
  unit: string;
}

/** The middle of the values; of two middles the upper. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
