import type { Clock } from '../../cluster/index.ts';

/** A clock that stands until it is told to go on. */
export interface ManualClock extends Clock {
  /** Runs what is due within the next `ms` milliseconds, in order, and what that schedules in turn. */
  step(ms: number): void;
  /** As `step`, with time for promises and immediates after each timer. */
  run(ms: number): Promise<void>;
  /** Callbacks that wait. */
  readonly pending: number;
}

interface Timer {
  due: number;
  order: number;
  callback: () => void;
}

/** @param start milliseconds since 1970; default 2026-01-01T00:00:00Z */
export function createManualClock(start = Date.UTC(2026, 0, 1)): ManualClock {
  let now = start;
  let count = 0;
  const timers = new Set<Timer>();
  const nextDue = (until: number): Timer | undefined =>
    [...timers].filter((timer) => timer.due <= until).sort((a, b) => a.due - b.due || a.order - b.order)[0];

  function fire(timer: Timer): void {
    timers.delete(timer);
    now = Math.max(now, timer.due);
    timer.callback();
  }

  return {
    now: () => now,
    schedule(delayMs, callback) {
      count += 1;
      const timer = { due: now + Math.max(0, delayMs), order: count, callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    step(ms) {
      const until = now + ms;
      for (let timer = nextDue(until); timer; timer = nextDue(until)) fire(timer);
      now = until;
    },
    async run(ms) {
      const until = now + ms;
      await settle();
      for (let timer = nextDue(until); timer; timer = nextDue(until)) {
        fire(timer);
        await settle();
      }
      now = until;
    },
    get pending() {
      return timers.size;
    },
  };
}

/** Lets controllers look at everything that changed: their queues run in immediates, one after the other. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 40; i += 1) await new Promise<void>((resolve) => void setImmediate(resolve));
}
