import type { Verdict } from '../../cluster/index.ts';

/** As many different ones are kept: what a learner reads, not all that a load generator runs into. */
const MAX_VERDICTS = 3;

/** What the mesh refused or failed while something ran, each different thing once. */
export class VerdictCollector {
  readonly #verdicts = new Map<string, Verdict>();
  readonly #stop: () => void;

  constructor(follow: (listener: (verdict: Verdict) => void) => () => void) {
    this.#stop = follow((verdict) => this.#add(verdict));
  }

  #add(verdict: Verdict): void {
    const { code, client, server, port, policy, detail } = verdict;
    const place = [client?.namespace, client?.pod, server?.namespace, server?.pod];
    const key = JSON.stringify([code, ...place, port, policy, detail]);
    if (this.#verdicts.has(key) || this.#verdicts.size >= MAX_VERDICTS) return;
    this.#verdicts.set(key, verdict);
  }

  /** The state with what was collected so far; as it is when that is nothing. */
  attach<State extends object>(state: State): State & { verdicts?: Verdict[] } {
    return this.#verdicts.size === 0 ? state : { ...state, verdicts: [...this.#verdicts.values()] };
  }

  /** Safe to call twice. */
  stop(): void {
    this.#stop();
  }
}
