import type { Clock } from '../cluster/index.ts';

// setTimeout fires at once for delays beyond 2^31 - 1 ms; certificates and token lifetimes stay below that, so a
// longer delay is only ever "not soon".
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** Real time. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  schedule(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(delayMs, LONGEST_DELAY_MS));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
