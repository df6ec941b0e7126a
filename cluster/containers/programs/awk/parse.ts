import type { AwkProgram, Expression, Rule, Statement, Target } from './ast.ts';
import { AwkSyntaxError, tokenize, type Token } from './lexer.ts';

const COMPARISONS = ['<', '<=', '==', '!=', '>', '>='];
/** Functions that may stand without parentheses. */
const BARE = new Set(['length']);

/** Nesting of expressions and statements. */
const MAX_DEPTH = 200;

/** @throws AwkSyntaxError */
export function parseAwk(source: string): AwkProgram {
  return new Parser(tokenize(source)).program();
}

class Parser {
  readonly #tokens: Token[];
  #index = 0;
  #depth = 0;
  /** Whether `>` writes to a file, as in the arguments of `print`. */
  #inPrint = false;

  constructor(tokens: Token[]) {
    this.#tokens = tokens;
  }

  program(): AwkProgram {
    const rules: Rule[] = [];
    const functions = new Map<string, { parameters: string[]; body: Statement[] }>();
    for (this.#skipEnds(); this.#peek().kind !== 'end'; this.#skipEnds()) {
      if (this.#takeKeyword('function')) {
        const name = this.#next().text;
        this.#expect('(');
        const parameters: string[] = [];
        while (!this.#take(')')) {
          parameters.push(this.#next().text);
          this.#take(',');
          this.#skipNewlines();
        }
        this.#skipNewlines();
        functions.set(name, { parameters, body: this.#block() });
      } else rules.push(this.#rule());
    }
    return { rules, functions };
  }

  #rule(): Rule {
    if (this.#takeKeyword('BEGIN')) return { pattern: { kind: 'begin' }, body: this.#block() };
    if (this.#takeKeyword('END')) return { pattern: { kind: 'end' }, body: this.#block() };
    let pattern: Rule['pattern'] = { kind: 'always' };
    if (!this.#is('{')) {
      const from = this.#expression();
      pattern = { kind: 'expression', value: from };
      if (this.#take(',')) {
        this.#skipNewlines();
        pattern = { kind: 'range', from, to: this.#expression() };
      }
    }
    return { pattern, body: this.#is('{') ? this.#block() : null };
  }

  #block(): Statement[] {
    this.#expect('{');
    const body: Statement[] = [];
    for (this.#skipEnds(); !this.#take('}'); this.#skipEnds()) body.push(this.#statement());
    return body;
  }

  #statement(): Statement {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) this.#fail();
    const statement = this.#statementBody();
    this.#depth -= 1;
    return statement;
  }

  #statementBody(): Statement {
    const token = this.#peek();
    if (this.#is('{')) return { kind: 'block', body: this.#block() };
    if (this.#take(';')) return { kind: 'block', body: [] };
    if (token.kind !== 'keyword' || token.text === 'getline') return this.#ended(this.#simple());
    switch (token.text) {
      case 'if': {
        this.#next();
        const condition = this.#condition();
        const yes = this.#body();
        const mark = this.#index;
        this.#skipEnds();
        if (this.#takeKeyword('else')) return { kind: 'if', condition, yes, no: this.#body() };
        this.#index = mark;
        return { kind: 'if', condition, yes, no: null };
      }
      case 'while': {
        this.#next();
        const condition = this.#condition();
        return { kind: 'while', condition, body: this.#body(), first: true };
      }
      case 'do': {
        this.#next();
        const body = this.#body();
        this.#skipEnds();
        if (!this.#takeKeyword('while')) this.#fail();
        return this.#ended({ kind: 'while', condition: this.#condition(), body, first: false });
      }
      case 'for':
        this.#next();
        return this.#for();
      default:
        return this.#ended(this.#simple());
    }
  }

  /** The statement under an `if` or a loop. */
  #body(): Statement {
    this.#skipNewlines();
    return this.#statement();
  }

  #condition(): Expression {
    this.#expect('(');
    const condition = this.#expression();
    this.#expect(')');
    return condition;
  }

  #for(): Statement {
    this.#expect('(');
    const [variable, keyword, name, closing] = this.#tokens.slice(this.#index, this.#index + 4);
    if (variable?.kind === 'name' && keyword?.text === 'in' && name !== undefined && closing?.text === ')') {
      this.#index += 4;
      return { kind: 'for-in', variable: variable.text, name: name.text, body: this.#body() };
    }
    const start = this.#is(';') ? null : this.#simple();
    this.#expect(';');
    this.#skipNewlines();
    const condition = this.#is(';') ? null : this.#expression();
    this.#expect(';');
    this.#skipNewlines();
    const step = this.#is(')') ? null : this.#simple();
    this.#expect(')');
    // A lone semicolon is an empty body.
    return { kind: 'for', start, condition, step, body: this.#body() };
  }

  #simple(): Statement {
    const token = this.#peek();
    if (token.kind === 'keyword') {
      switch (token.text) {
        case 'print':
        case 'printf':
          this.#next();
          return this.#print(token.text === 'printf');
        case 'delete': {
          this.#next();
          const name = this.#next().text;
          return { kind: 'delete', name, subscript: this.#take('[') ? this.#list(']') : null };
        }
        case 'break':
        case 'continue':
        case 'next':
          this.#next();
          return { kind: token.text };
        case 'exit':
        case 'return': {
          this.#next();
          return { kind: token.text, value: this.#isEnd() ? null : this.#expression() };
        }
        default:
      }
    }
    return { kind: 'expression', value: this.#expression() };
  }

  #print(format: boolean): Statement {
    const wasInPrint = this.#inPrint;
    this.#inPrint = true;
    let args: Expression[] = [];
    if (!this.#isEnd() && !['>', '>>', '|'].includes(this.#peek().text)) {
      args.push(this.#expression());
      while (this.#take(',')) {
        this.#skipNewlines();
        args.push(this.#expression());
      }
      const [only] = args;
      if (args.length === 1 && only?.kind === 'list') args = only.items;
    }
    const { kind, text } = this.#peek();
    let to: Extract<Statement, { kind: 'print' }>['to'] = null;
    if (kind === 'operator' && (text === '>' || text === '>>' || text === '|')) {
      this.#next();
      to = { kind: text, target: this.#concatenation() };
    }
    this.#inPrint = wasInPrint;
    return { kind: 'print', format, args, to };
  }

  #expression(): Expression {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) this.#fail();
    const left = this.#choice();
    const operator = this.#peek();
    let result = left;
    if (operator.kind === 'operator' && /^([-+*/%^]?=)$/.test(operator.text) && isTarget(left)) {
      this.#next();
      this.#skipNewlines();
      result = { kind: 'assign', operator: operator.text.slice(0, -1), target: left, value: this.#expression() };
    }
    this.#depth -= 1;
    return result;
  }

  #choice(): Expression {
    const condition = this.#or();
    if (!this.#take('?')) return condition;
    this.#skipNewlines();
    const yes = this.#expression();
    this.#skipNewlines();
    this.#expect(':');
    this.#skipNewlines();
    return { kind: 'choice', condition, yes, no: this.#expression() };
  }

  #or(): Expression {
    let left = this.#and();
    while (this.#take('||')) {
      this.#skipNewlines();
      left = { kind: 'or', left, right: this.#and() };
    }
    return left;
  }

  #and(): Expression {
    let left = this.#in();
    while (this.#take('&&')) {
      this.#skipNewlines();
      left = { kind: 'and', left, right: this.#in() };
    }
    return left;
  }

  #in(): Expression {
    let left = this.#match();
    while (this.#peek().kind === 'keyword' && this.#peek().text === 'in') {
      this.#next();
      left = { kind: 'in', subscript: left.kind === 'list' ? left.items : [left], name: this.#next().text };
    }
    return left;
  }

  #match(): Expression {
    let left = this.#comparison();
    for (;;) {
      const negated = this.#is('!~');
      if (!negated && !this.#is('~')) return left;
      this.#next();
      left = { kind: 'match', negated, text: left, pattern: this.#comparison() };
    }
  }

  #comparison(): Expression {
    let left = this.#concatenation();
    for (;;) {
      const { kind, text } = this.#peek();
      if (kind === 'operator' && text === '|' && this.#tokens[this.#index + 1]?.text === 'getline') {
        this.#index += 2;
        left = { kind: 'getline', from: 'command', source: left, target: this.#optionalTarget() };
        continue;
      }
      if (kind !== 'operator' || !COMPARISONS.includes(text) || (text === '>' && this.#inPrint)) return left;
      this.#next();
      left = { kind: 'binary', operator: text, left, right: this.#concatenation() };
    }
  }

  #concatenation(): Expression {
    let left = this.#additive();
    while (this.#startsOperand()) left = { kind: 'binary', operator: ' ', left, right: this.#additive() };
    return left;
  }

  #startsOperand(): boolean {
    const { kind, text } = this.#peek();
    if (kind === 'operator') return ['$', '!', '(', '-', '+', '++', '--'].includes(text);
    return ['number', 'string', 'regex', 'name', 'function-call'].includes(kind);
  }

  #additive(): Expression {
    let left = this.#multiplicative();
    for (;;) {
      const { kind, text } = this.#peek();
      if (kind !== 'operator' || (text !== '+' && text !== '-')) return left;
      this.#next();
      left = { kind: 'binary', operator: text, left, right: this.#multiplicative() };
    }
  }

  #multiplicative(): Expression {
    let left = this.#unary();
    for (;;) {
      const { kind, text } = this.#peek();
      if (kind !== 'operator' || !['*', '/', '%'].includes(text)) return left;
      this.#next();
      left = { kind: 'binary', operator: text, left, right: this.#unary() };
    }
  }

  #unary(): Expression {
    const { kind, text } = this.#peek();
    if (kind === 'operator' && ['!', '-', '+'].includes(text)) {
      this.#next();
      this.#depth += 1;
      if (this.#depth > MAX_DEPTH) this.#fail();
      const operand = this.#unary();
      this.#depth -= 1;
      return { kind: 'unary', operator: text, operand };
    }
    return this.#power();
  }

  #power(): Expression {
    const base = this.#postfix();
    if (!this.#take('^')) return base;
    return { kind: 'binary', operator: '^', left: base, right: this.#unary() };
  }

  #postfix(): Expression {
    const { kind, text } = this.#peek();
    if (kind === 'operator' && (text === '++' || text === '--')) {
      this.#next();
      const target = this.#primary();
      if (!isTarget(target)) this.#fail();
      return { kind: 'step', by: text === '++' ? 1 : -1, before: true, target };
    }
    const operand = this.#primary();
    const after = this.#peek();
    if (after.kind === 'operator' && (after.text === '++' || after.text === '--') && isTarget(operand)) {
      this.#next();
      return { kind: 'step', by: after.text === '++' ? 1 : -1, before: false, target: operand };
    }
    return operand;
  }

  #primary(): Expression {
    const token = this.#next();
    switch (token.kind) {
      case 'number':
        return { kind: 'number', value: Number(token.text) };
      case 'string':
        return { kind: 'string', value: token.text };
      case 'regex':
        return { kind: 'regex', source: token.text };
      case 'name':
        if (this.#take('[')) return { kind: 'element', name: token.text, subscript: this.#list(']') };
        return BARE.has(token.text)
          ? { kind: 'call', name: token.text, args: [] }
          : { kind: 'variable', name: token.text };
      case 'function-call':
        this.#expect('(');
        return { kind: 'call', name: token.text, args: this.#list(')') };
      case 'keyword':
        if (token.text === 'getline') {
          const target = this.#optionalTarget();
          if (!this.#take('<')) return { kind: 'getline', from: 'main', source: null, target };
          return { kind: 'getline', from: 'file', source: this.#postfix(), target };
        }
        break;
      case 'operator':
        if (token.text === '$') {
          const { kind, text } = this.#peek();
          const index =
            kind === 'operator' && (text === '++' || text === '--' || text === '-') ? this.#unary() : this.#primary();
          return { kind: 'field', index };
        }
        if (token.text === '(') {
          const wasInPrint = this.#inPrint;
          this.#inPrint = false;
          const items = this.#list(')');
          this.#inPrint = wasInPrint;
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
    this.#index -= 1;
    return this.#fail();
  }

  #optionalTarget(): Target | null {
    const { kind, text } = this.#peek();
    if (kind !== 'name' && !(kind === 'operator' && text === '$')) return null;
    const target = this.#primary();
    return isTarget(target) ? target : this.#fail();
  }

  #list(closing: string): Expression[] {
    const items: Expression[] = [];
    this.#skipNewlines();
    while (!this.#take(closing)) {
      if (items.length > 0) this.#expect(',');
      this.#skipNewlines();
      items.push(this.#expression());
      this.#skipNewlines();
    }
    return items;
  }

  /** A statement ends at a line's end, a semicolon or before `}`. */
  #ended(statement: Statement): Statement {
    if (!this.#isEnd()) this.#fail();
    if (this.#is(';') || this.#peek().kind === 'newline') this.#next();
    return statement;
  }

  #isEnd(): boolean {
    const token = this.#peek();
    return token.kind === 'newline' || token.kind === 'end' || (token.kind === 'operator' && ';}'.includes(token.text));
  }

  #skipEnds(): void {
    while (this.#peek().kind === 'newline' || this.#is(';')) this.#next();
  }

  #skipNewlines(): void {
    while (this.#peek().kind === 'newline') this.#next();
  }

  #peek(): Token {
    return this.#tokens[this.#index] ?? { kind: 'end', text: 'end of file', line: 1 };
  }

  #next(): Token {
    const token = this.#peek();
    if (token.kind === 'end') this.#fail();
    this.#index += 1;
    return token;
  }

  #is(operator: string): boolean {
    const token = this.#peek();
    return token.kind === 'operator' && token.text === operator;
  }

  #take(operator: string): boolean {
    const found = this.#is(operator);
    if (found) this.#index += 1;
    return found;
  }

  #takeKeyword(word: string): boolean {
    const token = this.#peek();
    const found = token.kind === 'keyword' && token.text === word;
    if (found) this.#index += 1;
    return found;
  }

  #expect(operator: string): void {
    if (!this.#take(operator)) this.#fail();
  }

  #fail(): never {
    const token = this.#peek();
    throw new AwkSyntaxError(token.kind === 'newline' ? 'end of line' : token.text, token.line);
  }
}

function isTarget(expression: Expression): expression is Target {
  return expression.kind === 'variable' || expression.kind === 'element' || expression.kind === 'field';
}
