import type { Verdict } from '../verdict-log.ts';
import type { TrafficLabels } from './traffic-labels.ts';
import type { PodFacts } from './pod-facts.ts';
import { RateRing } from './rate-ring.ts';

/**
 * Upper bounds of Istio's histograms, of milliseconds and of bytes alike
 * (istio/proxy and Envoy, source/common/stats/histogram_impl.cc, default supported buckets).
 */
export const HISTOGRAM_BOUNDS = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000,
  3_600_000,
];

/** Counts by upper bound, not cumulated; the last is for what is beyond all of them. */
export class Histogram {
  readonly counts: number[] = Array.from({ length: HISTOGRAM_BOUNDS.length + 1 }, () => 0);
  sum = 0;

  add(value: number): void {
    const index = HISTOGRAM_BOUNDS.findIndex((bound) => value <= bound);
    const at = index < 0 ? HISTOGRAM_BOUNDS.length : index;
    this.counts[at] = (this.counts[at] ?? 0) + 1;
    this.sum += value;
  }
}

/** Numbers in a bucket of {@link Series.ring}. */
export const RING = { requests: 0, milliseconds: 1, received: 2, sent: 3, opened: 4 } as const;

/** Verdicts of one series that are kept apart; more than these have more reasons than a reader has patience. */
const MAX_VERDICTS = 8;

export interface CountedVerdict {
  /** The latest of its like. */
  verdict: Verdict;
  ring: RateRing;
}

/** What one proxy has counted of one kind of request or connection. */
export class Series {
  readonly labels: TrafficLabels;
  /** The pod whose proxy counts. */
  readonly local: PodFacts;
  /** The pod at the other end, also where `labels` do not know it; null for what is none of the cluster. */
  readonly remote: PodFacts | null;
  requests = 0;
  readonly durations = new Histogram();
  readonly requestBytes = new Histogram();
  readonly responseBytes = new Histogram();
  opened = 0;
  closed = 0;
  received = 0;
  sent = 0;
  lastTime = 0;
  readonly ring = new RateRing(Object.keys(RING).length);
  /** Why requests of this series failed, by {@link verdictKey}. */
  readonly verdicts = new Map<string, CountedVerdict>();

  constructor(labels: TrafficLabels, local: PodFacts, remote: PodFacts | null) {
    this.labels = labels;
    this.local = local;
    this.remote = remote;
  }

  get isTcp(): boolean {
    return this.labels.request_protocol === 'tcp';
  }

  addRequest(time: number, { durationMs, received, sent }: { durationMs: number; received: number; sent: number }) {
    this.requests += 1;
    this.durations.add(durationMs);
    this.requestBytes.add(received);
    this.responseBytes.add(sent);
    this.lastTime = time;
    this.ring.add(time, [1, durationMs, received, sent, 0]);
  }

  addOpened(time: number): void {
    this.opened += 1;
    this.lastTime = time;
    this.ring.add(time, [0, 0, 0, 0, 1]);
  }

  addBytes(time: number, received: number, sent: number): void {
    if (received === 0 && sent === 0) return;
    this.received += received;
    this.sent += sent;
    this.lastTime = time;
    this.ring.add(time, [0, 0, received, sent, 0]);
  }

  explain(verdict: Verdict): void {
    const key = verdictKey(verdict);
    let counted = this.verdicts.get(key);
    if (counted === undefined) {
      if (this.verdicts.size >= MAX_VERDICTS) return;
      this.verdicts.set(key, (counted = { verdict, ring: new RateRing(1) }));
    }
    counted.verdict = verdict;
    counted.ring.add(verdict.time, [1]);
  }
}

/** Equal for verdicts that say the same. */
export function verdictKey({ code, mode, kind, policy, detail, port }: Verdict): string {
  return [code, mode, kind, policy, detail, port].join(' ');
}
