/**
 * Time, from outside. Nothing in `cluster/` reads a clock or sets a timer of its own, so that a test can step
 * through a day in no time and a thousand idle clusters cost nothing.
 */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
  /** Calls `callback` once, `delayMs` (0 or more) from now, unless the returned function was called before. */
  schedule(delayMs: number, callback: () => void): () => void;
}

/** Chance, from outside: `length` bytes. Names, uids and addresses come from here; keys come from node:crypto. */
export type RandomBytes = (length: number) => Uint8Array;
