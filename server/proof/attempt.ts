/** One attempt to find a check wanting. */
export interface Attempt {
  /**
   * `undone`: before the first command of its stage, while everything in the home pretends that it is done. `goal`: its
   * object deleted, renamed, moved, or a field of `has` not as it should be. `field`: another field of an object that
   * the stage wrote. `outage`: a cluster that does not answer. `mistake`, `way`: as the author wrote. After a way the
   * check must pass, after all others fail.
   */
  kind: 'undone' | 'goal' | 'field' | 'outage' | 'mistake' | 'way';
  /** Name. */
  check: string;
  /** What was tried, as one line. */
  label: string;
  /** What is wrong, and what to do; null when the check did what it should. */
  problem: string | null;
  /** Where the author would mend it: the check, or a line of `proof.yaml`. */
  place: { file: string; line: number };
}
