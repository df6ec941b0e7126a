/** Length of one bucket. Windows are one minute and more, so a rate is never off by more than a twelfth. */
export const BUCKET_MS = 5_000;

/** Ten minutes, the longest window that can be asked for, and the bucket that is being filled. */
const KEPT_BUCKETS = 600_000 / BUCKET_MS + 1;

interface Bucket {
  slot: number;
  values: number[];
}

/** What was counted when, in buckets of five seconds, for the last ten minutes. Empty buckets take no room. */
export class RateRing {
  readonly #width: number;
  #buckets: Bucket[] = [];

  /** @param width numbers in each bucket */
  constructor(width: number) {
    this.#width = width;
  }

  add(time: number, amounts: readonly number[]): void {
    const slot = slotOf(time);
    let last = this.#buckets.at(-1);
    if (last === undefined || last.slot < slot) {
      last = { slot, values: Array.from({ length: this.#width }, () => 0) };
      this.#buckets.push(last);
      while (this.#buckets.length > 0 && (this.#buckets[0]?.slot ?? slot) <= slot - KEPT_BUCKETS) this.#buckets.shift();
    }
    amounts.forEach((amount, index) => {
      last.values[index] = (last.values[index] ?? 0) + amount;
    });
  }

  /** Sums of each number over the buckets of a window that ends now. */
  sums(now: number, windowSeconds: number): number[] {
    const total = Array.from({ length: this.#width }, () => 0);
    this.each(now, windowSeconds, (_position, values) => {
      values.forEach((value, index) => {
        total[index] = (total[index] ?? 0) + value;
      });
    });
    return total;
  }

  /** Calls back with each bucket of a window; position 0 is its oldest, {@link positionsIn} - 1 the one of now. */
  each(now: number, windowSeconds: number, visit: (position: number, values: readonly number[]) => void): void {
    const first = slotOf(now) - positionsIn(windowSeconds) + 1;
    for (const { slot, values } of this.#buckets) {
      const position = slot - first;
      if (position >= 0 && slot <= slotOf(now)) visit(position, values);
    }
  }
}

/** Buckets of a window: those that are full, and the one that is being filled. */
export function positionsIn(windowSeconds: number): number {
  return Math.ceil((windowSeconds * 1000) / BUCKET_MS) + 1;
}

function slotOf(time: number): number {
  return Math.floor(time / BUCKET_MS);
}
