import { type Clock } from '../clock.ts';
import { ApiError } from '../objects/api-error.ts';

/**
 * Keys of objects to look at, each at most once however often it is added
 * (k8s.io/client-go/util/workqueue). Nothing runs while it is empty.
 */
export interface WorkQueue {
  add(key: string): void;
  /** Adds the key later; an earlier time that is already set stays. @param delayMs from now */
  addAfter(key: string, delayMs: number): void;
  /** Forgets the later time that was set. */
  cancelAfter(key: string): void;
  dispose(): void;
}

// client-go's ItemExponentialFailureRateLimiter: 5 ms, doubling.
const FIRST_RETRY_MS = 5;
const MAX_RETRY_MS = 60_000;

/** @param reconcile may throw: the key then comes back later */
export function createWorkQueue(clock: Clock, reconcile: (key: string) => void): WorkQueue {
  const waiting = new Set<string>();
  const timers = new Map<string, { due: number; cancel: () => void }>();
  const failures = new Map<string, number>();
  let running: NodeJS.Immediate | undefined;
  let disposed = false;

  function run(): void {
    running = undefined;
    const keys = [...waiting];
    waiting.clear();
    for (const key of keys) {
      if (disposed) return;
      try {
        reconcile(key);
        failures.delete(key);
      } catch (error) {
        // A refused write is part of life: somebody else was first, or something is not there yet.
        if (!(error instanceof ApiError)) process.emitWarning(error instanceof Error ? error : String(error));
        const count = failures.get(key) ?? 0;
        failures.set(key, count + 1);
        addAfter(key, Math.min(FIRST_RETRY_MS * 2 ** Math.min(count, 20), MAX_RETRY_MS));
      }
    }
  }

  function add(key: string): void {
    if (disposed) return;
    waiting.add(key);
    // Not in the listener itself: what one request changes is looked at once, and requests in between get their turn.
    running ??= setImmediate(run);
  }

  function addAfter(key: string, delayMs: number): void {
    if (disposed) return;
    const due = clock.now() + delayMs;
    const known = timers.get(key);
    if (known && known.due <= due) return;
    known?.cancel();
    const cancel = clock.schedule(delayMs, () => {
      timers.delete(key);
      add(key);
    });
    timers.set(key, { due, cancel });
  }

  return {
    add,
    addAfter,
    cancelAfter(key) {
      timers.get(key)?.cancel();
      timers.delete(key);
    },
    dispose() {
      disposed = true;
      if (running) clearImmediate(running);
      for (const { cancel } of timers.values()) cancel();
      timers.clear();
      waiting.clear();
    },
  };
}

/** Key of an object in a queue. */
export function queueKey(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}

export function splitQueueKey(key: string): [namespace: string, name: string] {
  const slash = key.indexOf('/');
  return [key.slice(0, slash), key.slice(slash + 1)];
}
