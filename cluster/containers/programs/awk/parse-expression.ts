import type { Expression, Target } from './ast.ts';
import type { TokenCursor } from './token-cursor.ts';

const ASSIGNMENTS = ['=', '+=', '-=', '*=', '/=', '%=', '^='];
const COMPARISONS = ['<', '<=', '==', '!=', '>', '>='];
/** Functions that may stand without parentheses. */
const BARE = new Set(['length']);

/** Reads expressions, one method for each rank of operators, the weakest first. */
export class ExpressionParser {
  readonly #tokens: TokenCursor;
  /** Whether `>` writes to a file. */
  #redirects = false;

  constructor(tokens: TokenCursor) {
    this.#tokens = tokens;
  }

  /** Reads the arguments of `print`, where `>` writes to a file unless it is in parentheses. */
  inPrint<T>(read: () => T): T {
    return this.#withRedirection(true, read);
  }

  #withRedirection<T>(redirects: boolean, read: () => T): T {
    const before = this.#redirects;
    this.#redirects = redirects;
    const result = read();
    this.#redirects = before;
    return result;
  }

  expression(): Expression {
    return this.#tokens.nested(() => {
      const left = this.#choice();
      if (!this.#tokens.isOperator(ASSIGNMENTS) || !isTarget(left)) return left;
      const operator = this.#tokens.next().text.slice(0, -1);
      this.#tokens.skipNewlines();
      return { kind: 'assign', operator, target: left, value: this.expression() };
    });
  }

  #choice(): Expression {
    const condition = this.#or();
    if (!this.#tokens.take('?')) return condition;
    this.#tokens.skipNewlines();
    const yes = this.expression();
    this.#tokens.skipNewlines();
    this.#tokens.expect(':');
    this.#tokens.skipNewlines();
    return { kind: 'choice', condition, yes, no: this.expression() };
  }

  #or(): Expression {
    let left = this.#and();
    while (this.#tokens.take('||')) {
      this.#tokens.skipNewlines();
      left = { kind: 'or', left, right: this.#and() };
    }
    return left;
  }

  #and(): Expression {
    let left = this.#in();
    while (this.#tokens.take('&&')) {
      this.#tokens.skipNewlines();
      left = { kind: 'and', left, right: this.#in() };
    }
    return left;
  }

  #in(): Expression {
    let left = this.#match();
    while (this.#tokens.peek().kind === 'keyword' && this.#tokens.peek().text === 'in') {
      this.#tokens.next();
      left = { kind: 'in', subscript: left.kind === 'list' ? left.items : [left], name: this.#tokens.next().text };
    }
    return left;
  }

  #match(): Expression {
    let left = this.#comparison();
    for (;;) {
      const negated = this.#tokens.is('!~');
      if (!negated && !this.#tokens.is('~')) return left;
      this.#tokens.next();
      left = { kind: 'match', negated, text: left, pattern: this.#comparison() };
    }
  }

  #comparison(): Expression {
    let left = this.concatenation();
    for (;;) {
      const { kind, text } = this.#tokens.peek();
      if (kind === 'operator' && text === '|' && this.#tokens.peek(1).text === 'getline') {
        this.#tokens.index += 2;
        left = { kind: 'getline', from: 'command', source: left, target: this.#optionalTarget() };
        continue;
      }
      if (kind !== 'operator' || !COMPARISONS.includes(text) || (text === '>' && this.#redirects)) return left;
      this.#tokens.next();
      left = { kind: 'binary', operator: text, left, right: this.concatenation() };
    }
  }

  /** What neither compares nor assigns, as the target of `print`. */
  concatenation(): Expression {
    let left = this.#additive();
    while (this.#startsOperand()) left = { kind: 'binary', operator: ' ', left, right: this.#additive() };
    return left;
  }

  #startsOperand(): boolean {
    const { kind, text } = this.#tokens.peek();
    if (kind === 'operator') return ['$', '!', '(', '-', '+', '++', '--'].includes(text);
    return ['number', 'string', 'regex', 'name', 'function-call'].includes(kind);
  }

  #additive(): Expression {
    let left = this.#multiplicative();
    for (;;) {
      const { kind, text } = this.#tokens.peek();
      if (kind !== 'operator' || (text !== '+' && text !== '-')) return left;
      this.#tokens.next();
      left = { kind: 'binary', operator: text, left, right: this.#multiplicative() };
    }
  }

  #multiplicative(): Expression {
    let left = this.#unary();
    for (;;) {
      const { kind, text } = this.#tokens.peek();
      if (kind !== 'operator' || !['*', '/', '%'].includes(text)) return left;
      this.#tokens.next();
      left = { kind: 'binary', operator: text, left, right: this.#unary() };
    }
  }

  #unary(): Expression {
    const { kind, text } = this.#tokens.peek();
    if (kind === 'operator' && ['!', '-', '+'].includes(text)) {
      this.#tokens.next();
      return { kind: 'unary', operator: text, operand: this.#tokens.nested(() => this.#unary()) };
    }
    return this.#power();
  }

  #power(): Expression {
    const base = this.#postfix();
    if (!this.#tokens.take('^')) return base;
    return { kind: 'binary', operator: '^', left: base, right: this.#unary() };
  }

  #postfix(): Expression {
    const { kind, text } = this.#tokens.peek();
    if (kind === 'operator' && (text === '++' || text === '--')) {
      this.#tokens.next();
      const target = this.#primary();
      if (!isTarget(target)) this.#tokens.fail();
      return { kind: 'step', by: text === '++' ? 1 : -1, before: true, target };
    }
    const operand = this.#primary();
    const after = this.#tokens.peek();
    if (after.kind === 'operator' && (after.text === '++' || after.text === '--') && isTarget(operand)) {
      this.#tokens.next();
      return { kind: 'step', by: after.text === '++' ? 1 : -1, before: false, target: operand };
    }
    return operand;
  }

  #primary(): Expression {
    const token = this.#tokens.next();
    switch (token.kind) {
      case 'number':
        return { kind: 'number', value: Number(token.text) };
      case 'string':
        return { kind: 'string', value: token.text };
      case 'regex':
        return { kind: 'regex', source: token.text };
      case 'name':
        if (this.#tokens.take('[')) return { kind: 'element', name: token.text, subscript: this.list(']') };
        return BARE.has(token.text)
          ? { kind: 'call', name: token.text, args: [] }
          : { kind: 'variable', name: token.text };
      case 'function-call':
        this.#tokens.expect('(');
        return { kind: 'call', name: token.text, args: this.list(')') };
      case 'keyword':
        if (token.text === 'getline') {
          const target = this.#optionalTarget();
          if (!this.#tokens.take('<')) return { kind: 'getline', from: 'main', source: null, target };
          return { kind: 'getline', from: 'file', source: this.#postfix(), target };
        }
        break;
      case 'operator':
        if (token.text === '$') {
          const { kind, text } = this.#tokens.peek();
          const index =
            kind === 'operator' && (text === '++' || text === '--' || text === '-') ? this.#unary() : this.#primary();
          return { kind: 'field', index };
        }
        if (token.text === '(') {
          const items = this.#withRedirection(false, () => this.list(')'));
          const [only] = items;
          if (items.length === 1 && only !== undefined) {
            // In parentheses it is no target any more.
            return only.kind === 'list' ? only : { kind: 'group', inner: only };
          }
          return { kind: 'list', items };
        }
        break;
      default:
    }
    return this.#tokens.fail(token);
  }

  #optionalTarget(): Target | null {
    const { kind, text } = this.#tokens.peek();
    if (kind !== 'name' && !(kind === 'operator' && text === '$')) return null;
    const target = this.#primary();
    return isTarget(target) ? target : this.#tokens.fail();
  }

  /** Expressions with commas between them, and what closes them. */
  list(closing: string): Expression[] {
    const items: Expression[] = [];
    this.#tokens.skipNewlines();
    while (!this.#tokens.take(closing)) {
      if (items.length > 0) this.#tokens.expect(',');
      this.#tokens.skipNewlines();
      items.push(this.expression());
      this.#tokens.skipNewlines();
    }
    return items;
  }
}

function isTarget(expression: Expression): expression is Target {
  return expression.kind === 'variable' || expression.kind === 'element' || expression.kind === 'field';
}
