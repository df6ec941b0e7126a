import type { Clock } from '../../cluster/index.ts';

/** A clock that goes on by itself and can be put forward, so that a wait of a minute takes no time. */
export interface SkipClock extends Clock {
  /** Lets everything happen that is due within the next `ms` milliseconds, in order, and what follows from it. */
  skip(ms: number): Promise<void>;
  /** Stops all timers. */
  dispose(): void;
}

interface Timer {
  due: number;
  order: number;
  callback: () => void;
}

/**
 * How much faster it goes on by itself. What a command waits for, such as a rollout, comes that much sooner, while a
 * time-out of a second inside the cluster still leaves 100 ms to those who answer over real sockets.
 */
const RATE = 10;
/** Timers this near to each other are let go together: each settling costs some 40 turns of the event loop. */
const TOGETHER_MS = 20;
/** Turns of the event loop in which controllers see what has changed and act on it, one after the other. */
const SETTLE_TURNS = 40;

export function createSkipClock(start = Date.now()): SkipClock {
  /** `now` is `base + (real time since reference) * RATE`. */
  let base = start;
  let reference = Date.now();
  let order = 0;
  let wake: NodeJS.Timeout | undefined;
  let skipping = false;
  const timers = new Set<Timer>();

  const now = () => base + (skipping ? 0 : (Date.now() - reference) * RATE);
  const first = (): Timer | undefined => {
    let found: Timer | undefined;
    for (const timer of timers) {
      if (!found || timer.due < found.due || (timer.due === found.due && timer.order < found.order)) found = timer;
    }
    return found;
  };
  const fireUntil = (until: number) => {
    for (let timer = first(); timer && timer.due <= until; timer = first()) {
      timers.delete(timer);
      timer.callback();
    }
  };
  const arm = () => {
    clearTimeout(wake);
    const next = skipping ? undefined : first();
    if (!next) return;
    wake = setTimeout(
      () => {
        fireUntil(now());
        arm();
      },
      Math.min(Math.max(0, (next.due - now()) / RATE), 60_000),
    );
    wake.unref();
  };

  return {
    now,
    schedule(delayMs, callback) {
      const timer = { due: now() + Math.max(0, delayMs), order: order++, callback };
      timers.add(timer);
      if (!skipping && first() === timer) arm();
      return () => void timers.delete(timer);
    },
    async skip(ms) {
      if (skipping) throw new Error('the clock is being put forward already');
      base = now();
      skipping = true;
      clearTimeout(wake);
      const until = base + ms;
      try {
        await settle();
        for (let next = first(); next && next.due <= until; next = first()) {
          base = Math.max(base, Math.min(next.due + TOGETHER_MS, until));
          fireUntil(base);
          await settle();
        }
        base = until;
      } finally {
        skipping = false;
        reference = Date.now();
        arm();
      }
    },
    dispose() {
      clearTimeout(wake);
      timers.clear();
    },
  };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < SETTLE_TURNS; turn++) await new Promise<void>((resolve) => void setImmediate(resolve));
}
