import type { Token } from './token.ts';

/** What breaks the grammar. */
export type SyntaxProblem =
  /** A token where it cannot stand; `text` is empty at the end. `expected` is what alone could, where there is one. */
  | { kind: 'unexpected'; token: Token['kind'] | 'reserved'; text: string; expected: string | null }
  /** The source ends inside of what this closes. */
  | { kind: 'unterminated'; closing: string }
  | { kind: 'bad-function-name' }
  | { kind: 'bad-loop-variable'; name: string }
  /** What the simulation leaves out. */
  | { kind: 'not-simulated'; what: string };

/** The source breaks the grammar. `line` counts from 1. */
export class ShellSyntaxError extends Error {
  override name = 'ShellSyntaxError';
  readonly problem: SyntaxProblem;
  readonly line: number;
  /** The source ends too early: an interactive shell asks for more. */
  readonly incomplete: boolean;
  constructor(problem: SyntaxProblem, line: number) {
    super(`syntax error: ${JSON.stringify(problem)}`);
    this.problem = problem;
    this.line = line;
    this.incomplete = problem.kind === 'unterminated' || (problem.kind === 'unexpected' && problem.token === 'end');
  }
}
