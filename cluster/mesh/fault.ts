import { parseDuration } from './duration.ts';
import type { HttpRoute } from './virtual-service.ts';

/** What is injected into one request. */
export interface Fault {
  /** 0 for none. */
  delayMs: number;
  /** Null for none. */
  abortStatus: number | null;
}

/**
 * A route's faults for one request. Without a percentage nothing is injected.
 * @param dice each call 0 (inclusive) to 1 (exclusive)
 */
export function faultOf(route: HttpRoute, dice: () => number): Fault {
  const { delay, abort } = route.fault ?? {};
  const hits = (percent: number | undefined): boolean => dice() * 100 < (percent ?? 0);
  const delayed =
    delay !== undefined && hits(delay.percentage === undefined ? delay.percent : (delay.percentage.value ?? 0));
  const aborted = abort !== undefined && hits(abort.percentage?.value);
  return {
    delayMs: delayed ? (parseDuration(delay.fixedDelay) ?? 0) : 0,
    abortStatus: aborted ? (abort.httpStatus ?? null) : null,
  };
}
