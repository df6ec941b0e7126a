import type { Value } from './values.ts';

/** What leaves statements before their end; caught by the loop, the call, the record or the program that it ends. */
export class Jump extends Error {
  readonly kind: 'break' | 'continue' | 'next' | 'exit' | 'return';
  /** Of `exit` and `return`; undefined where they have none. */
  readonly value: Value;

  constructor(kind: Jump['kind'], value?: Value) {
    super(kind);
    this.kind = kind;
    this.value = value;
  }
}
