/** Messages in one burst; a large paste is 100 of them. */
const BURST = 2_000;
/** Messages per second in the long run: far above any keyboard and below what could keep a core busy. */
const PER_SECOND = 500;

/** A token bucket for one connection. */
export function createRateLimit(now: () => number = () => performance.now()): { take(): boolean } {
  let tokens = BURST;
  let last = now();
  return {
    take() {
      const time = now();
      tokens = Math.min(BURST, tokens + ((time - last) / 1000) * PER_SECOND);
      last = time;
      if (tokens < 1) return false;
      tokens--;
      return true;
    },
  };
}
