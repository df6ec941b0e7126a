/** What an awk program says. */

export type Expression =
  | { kind: 'number'; value: number }
  | { kind: 'string'; value: string }
  | { kind: 'regex'; source: string }
  | { kind: 'variable'; name: string }
  | { kind: 'element'; name: string; subscript: Expression[] }
  | { kind: 'field'; index: Expression }
  | { kind: 'assign'; operator: string; target: Target; value: Expression }
  | { kind: 'step'; by: 1 | -1; before: boolean; target: Target }
  | { kind: 'unary'; operator: string; operand: Expression }
  | { kind: 'binary'; operator: string; left: Expression; right: Expression }
  | { kind: 'and' | 'or'; left: Expression; right: Expression }
  | { kind: 'choice'; condition: Expression; yes: Expression; no: Expression }
  | { kind: 'match'; negated: boolean; text: Expression; pattern: Expression }
  | { kind: 'in'; subscript: Expression[]; name: string }
  | { kind: 'call'; name: string; args: Expression[] }
  | { kind: 'group'; inner: Expression }
  /** A list in parentheses, as `print` takes it. */
  | { kind: 'list'; items: Expression[] }
  | { kind: 'getline'; from: 'main' | 'file' | 'command'; source: Expression | null; target: Target | null };

export type Target = Extract<Expression, { kind: 'variable' | 'element' | 'field' }>;

export type Statement =
  | { kind: 'expression'; value: Expression }
  | { kind: 'print'; format: boolean; args: Expression[]; to: { kind: '>' | '>>' | '|'; target: Expression } | null }
  | { kind: 'block'; body: Statement[] }
  | { kind: 'if'; condition: Expression; yes: Statement; no: Statement | null }
  | { kind: 'while'; condition: Expression; body: Statement; first: boolean }
  | { kind: 'for'; start: Statement | null; condition: Expression | null; step: Statement | null; body: Statement }
  | { kind: 'for-in'; variable: string; name: string; body: Statement }
  | { kind: 'delete'; name: string; subscript: Expression[] | null }
  | { kind: 'break' | 'continue' | 'next' }
  | { kind: 'exit' | 'return'; value: Expression | null };

export interface Rule {
  pattern:
    | { kind: 'begin' | 'end' | 'always' }
    | { kind: 'expression'; value: Expression }
    | { kind: 'range'; from: Expression; to: Expression };
  /** Null: the record is printed. */
  body: Statement[] | null;
}

/** `function NAME(PARAMETERS) { BODY }` */
export interface OwnFunction {
  parameters: string[];
  body: Statement[];
}

export interface AwkProgram {
  rules: Rule[];
  functions: ReadonlyMap<string, OwnFunction>;
}
