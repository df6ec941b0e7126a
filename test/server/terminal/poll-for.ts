import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';

/** Looks every few milliseconds until `read` gives `wanted`; fails with the last value seen. */
export async function pollFor<T>(read: () => T | Promise<T>, wanted: T, timeoutMs = 30_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await read();
    if (isDeepStrictEqual(value, wanted)) return;
    if (performance.now() > deadline) expect(value).toEqual(wanted);
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
}
