import type { ClauseFailure } from './lesson.ts';

/**
 * The clauses whose hints a failed check shows, in the order of its failures, each once.
 * @param hints by clause, what the author wrote, whatever its form.
 */
export function shownHints(failures: readonly ClauseFailure[], hints: Readonly<Record<string, unknown>>): string[] {
  const clauses = new Set(failures.map((failure) => failure.clause).filter((clause) => Object.hasOwn(hints, clause)));
  // What a command printed follows from how it ended: two hints would give two explanations for one thing.
  return clauses.has('exit') ? ['exit'] : [...clauses];
}
