import type { BlockState } from '../../common/lesson.ts';
import type { Verdict } from '../../cluster/index.ts';
import { VerdictCollector } from './verdict-collector.ts';

/** What the mesh has refused while the blocks of a session ran. */
export class BlockVerdicts {
  readonly #follow: (listener: (verdict: Verdict) => void) => () => void;
  /** By block id, while the block runs. */
  readonly #collectors = new Map<string, VerdictCollector>();

  /** @param follow listens to the verdicts of the cluster as it is now. @returns stops it */
  constructor(follow: (listener: (verdict: Verdict) => void) => () => void) {
    this.#follow = follow;
  }

  /** A block's new state, with what was refused since it began to run. */
  attach(id: string, state: BlockState): BlockState {
    if (state.status === 'idle') return state;
    const collector = this.#collectors.get(id);
    if (state.status === 'running') {
      collector?.stop();
      this.#collectors.set(id, new VerdictCollector(this.#follow));
      return state;
    }
    // A watch that has passed goes on.
    if (state.status === 'failed' || !state.running) {
      collector?.stop();
      this.#collectors.delete(id);
    }
    return collector?.attach(state) ?? state;
  }

  /** Listens no more. */
  forget(): void {
    for (const collector of this.#collectors.values()) collector.stop();
    this.#collectors.clear();
  }
}
