import type { CheckBlock, ClauseFailure } from '../../common/lesson.ts';

/** The author's hints for the clauses that failed, each once, in the order of the failures. */
export function hintsFor(block: CheckBlock, failures: ClauseFailure[]): string[] {
  const clauses = new Set(failures.map((failure) => failure.clause));
  return [...clauses].flatMap((clause) =>
    Object.hasOwn(block.hintsHtml, clause) ? [block.hintsHtml[clause] ?? ''] : [],
  );
}
