/** What leaves commands before their end, told apart by class: a shell throws these to itself. */

/** `break` and `continue`, as far as the loop that they mean. */
export class LoopJump extends Error {
  readonly kind: 'break' | 'continue';
  levels: number;
  constructor(kind: 'break' | 'continue', levels: number) {
    super(kind);
    this.kind = kind;
    this.levels = levels;
  }
}

/** `return`. */
export class FunctionReturn extends Error {
  readonly status: number;
  constructor(status: number) {
    super('return');
    this.status = status;
  }
}

/** `exit`, and errors that end a shell. */
export class ShellExit extends Error {
  readonly status: number;
  constructor(status: number) {
    super('exit');
    this.status = status;
  }
}

/** An error that ends a shell, and of an interactive one the line alone. */
export class LineEnd extends Error {
  override name = 'LineEnd';
  readonly status: number;
  constructor(status: number) {
    super('line');
    this.status = status;
  }
}

/** Ctrl-C in an interactive shell: back to the prompt. */
export class Interrupted extends Error {
  override name = 'Interrupted';
}

/** A signal with a trap came while the shell waited. */
export class TrapPending extends Error {
  override name = 'TrapPending';
}
