import type { CheckBlock, ClauseFailure } from '../../common/lesson.ts';
import { shownHints } from '../../common/shown-hints.ts';

/** The author's hints for the clauses that failed, each once, in the order of the failures. */
export function hintsFor(block: CheckBlock, failures: ClauseFailure[]): string[] {
  return shownHints(failures, block.hintsHtml).map((clause) => block.hintsHtml[clause] ?? '');
}
