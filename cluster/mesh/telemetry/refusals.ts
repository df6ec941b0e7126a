import type { Verdict } from '../verdict-log.ts';
import type { PodFacts } from './pod-facts.ts';
import { RateRing } from './rate-ring.ts';
import { verdictKey } from './series.ts';

/** Kinds of refusals that are kept; past this the one that was idle for longest is forgotten. */
const MAX_KINDS = 300;

/** Connections of one client that one server refused for one reason, before there was any request. */
export interface Refusal {
  verdict: Verdict;
  /** Null for who is no pod of the cluster. */
  client: PodFacts | null;
  server: PodFacts | null;
  ring: RateRing;
  total: number;
}

/** Refused connections, which no metric of Istio counts. */
export class Refusals {
  readonly #kinds = new Map<string, Refusal>();

  add(verdict: Verdict, client: PodFacts | null, server: PodFacts | null): void {
    const key = `${nameOf(client)} ${nameOf(server)} ${verdictKey(verdict)}`;
    let refusal = this.#kinds.get(key);
    if (refusal === undefined) {
      refusal = { verdict, client, server, ring: new RateRing(1), total: 0 };
      if (this.#kinds.size >= MAX_KINDS) this.#forgetOldest();
      this.#kinds.set(key, refusal);
    }
    refusal.verdict = verdict;
    refusal.total += 1;
    refusal.ring.add(verdict.time, [1]);
  }

  all(): Iterable<Refusal> {
    return this.#kinds.values();
  }

  #forgetOldest(): void {
    let oldest: [string, Refusal] | null = null;
    for (const entry of this.#kinds)
      if (oldest === null || entry[1].verdict.time < oldest[1].verdict.time) oldest = entry;
    if (oldest !== null) this.#kinds.delete(oldest[0]);
  }
}

function nameOf(pod: PodFacts | null): string {
  return pod === null ? '' : `${pod.namespace}/${pod.pod}`;
}
