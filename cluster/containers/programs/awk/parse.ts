import type { AwkProgram, Expression, OwnFunction, Rule, Statement } from './ast.ts';
import { tokenize } from './lexer.ts';
import { ExpressionParser } from './parse-expression.ts';
import { TokenCursor } from './token-cursor.ts';

/** @throws AwkSyntaxError */
export function parseAwk(source: string): AwkProgram {
  return new Parser(new TokenCursor(tokenize(source))).program();
}

/** Reads rules, functions and statements. */
class Parser {
  readonly #tokens: TokenCursor;
  readonly #expressions: ExpressionParser;

  constructor(tokens: TokenCursor) {
    this.#tokens = tokens;
    this.#expressions = new ExpressionParser(tokens);
  }

  program(): AwkProgram {
    const rules: Rule[] = [];
    const functions = new Map<string, OwnFunction>();
    for (this.#tokens.skipEnds(); this.#tokens.peek().kind !== 'end'; this.#tokens.skipEnds()) {
      if (this.#tokens.takeKeyword('function')) {
        const name = this.#tokens.next().text;
        this.#tokens.expect('(');
        const parameters: string[] = [];
        while (!this.#tokens.take(')')) {
          parameters.push(this.#tokens.next().text);
          this.#tokens.take(',');
          this.#tokens.skipNewlines();
        }
        this.#tokens.skipNewlines();
        functions.set(name, { parameters, body: this.#block() });
      } else rules.push(this.#rule());
    }
    return { rules, functions };
  }

  #rule(): Rule {
    if (this.#tokens.takeKeyword('BEGIN')) return { pattern: { kind: 'begin' }, body: this.#block() };
    if (this.#tokens.takeKeyword('END')) return { pattern: { kind: 'end' }, body: this.#block() };
    let pattern: Rule['pattern'] = { kind: 'always' };
    if (!this.#tokens.is('{')) {
      const from = this.#expressions.expression();
      pattern = { kind: 'expression', value: from };
      if (this.#tokens.take(',')) {
        this.#tokens.skipNewlines();
        pattern = { kind: 'range', from, to: this.#expressions.expression() };
      }
    }
    return { pattern, body: this.#tokens.is('{') ? this.#block() : null };
  }

  #block(): Statement[] {
    this.#tokens.expect('{');
    const body: Statement[] = [];
    for (this.#tokens.skipEnds(); !this.#tokens.take('}'); this.#tokens.skipEnds()) body.push(this.#statement());
    return body;
  }

  #statement(): Statement {
    return this.#tokens.nested(() => this.#statementBody());
  }

  #statementBody(): Statement {
    const token = this.#tokens.peek();
    if (this.#tokens.is('{')) return { kind: 'block', body: this.#block() };
    if (this.#tokens.take(';')) return { kind: 'block', body: [] };
    if (token.kind !== 'keyword' || token.text === 'getline') return this.#ended(this.#simple());
    switch (token.text) {
      case 'if': {
        this.#tokens.next();
        const condition = this.#condition();
        const yes = this.#body();
        const mark = this.#tokens.index;
        this.#tokens.skipEnds();
        if (this.#tokens.takeKeyword('else')) return { kind: 'if', condition, yes, no: this.#body() };
        this.#tokens.index = mark;
        return { kind: 'if', condition, yes, no: null };
      }
      case 'while': {
        this.#tokens.next();
        const condition = this.#condition();
        return { kind: 'while', condition, body: this.#body(), first: true };
      }
      case 'do': {
        this.#tokens.next();
        const body = this.#body();
        this.#tokens.skipEnds();
        if (!this.#tokens.takeKeyword('while')) this.#tokens.fail();
        return this.#ended({ kind: 'while', condition: this.#condition(), body, first: false });
      }
      case 'for':
        this.#tokens.next();
        return this.#for();
      default:
        return this.#ended(this.#simple());
    }
  }

  /** The statement under an `if` or a loop. */
  #body(): Statement {
    this.#tokens.skipNewlines();
    return this.#statement();
  }

  #condition(): Expression {
    this.#tokens.expect('(');
    const condition = this.#expressions.expression();
    this.#tokens.expect(')');
    return condition;
  }

  #for(): Statement {
    this.#tokens.expect('(');
    const variable = this.#tokens.peek();
    if (variable.kind === 'name' && this.#tokens.peek(1).text === 'in' && this.#tokens.peek(3).text === ')') {
      const name = this.#tokens.peek(2).text;
      this.#tokens.index += 4;
      return { kind: 'for-in', variable: variable.text, name, body: this.#body() };
    }
    const start = this.#tokens.is(';') ? null : this.#simple();
    this.#tokens.expect(';');
    this.#tokens.skipNewlines();
    const condition = this.#tokens.is(';') ? null : this.#expressions.expression();
    this.#tokens.expect(';');
    this.#tokens.skipNewlines();
    const step = this.#tokens.is(')') ? null : this.#simple();
    this.#tokens.expect(')');
    // A lone semicolon is an empty body.
    return { kind: 'for', start, condition, step, body: this.#body() };
  }

  #simple(): Statement {
    const token = this.#tokens.peek();
    if (token.kind === 'keyword') {
      switch (token.text) {
        case 'print':
        case 'printf':
          this.#tokens.next();
          return this.#print(token.text === 'printf');
        case 'delete': {
          this.#tokens.next();
          const name = this.#tokens.next().text;
          return { kind: 'delete', name, subscript: this.#tokens.take('[') ? this.#expressions.list(']') : null };
        }
        case 'break':
        case 'continue':
        case 'next':
          this.#tokens.next();
          return { kind: token.text };
        case 'exit':
        case 'return': {
          this.#tokens.next();
          return { kind: token.text, value: this.#tokens.isEnd() ? null : this.#expressions.expression() };
        }
        default:
      }
    }
    return { kind: 'expression', value: this.#expressions.expression() };
  }

  #print(format: boolean): Statement {
    return this.#expressions.inPrint(() => {
      const args = this.#printed();
      const { kind, text } = this.#tokens.peek();
      if (kind !== 'operator' || (text !== '>' && text !== '>>' && text !== '|')) {
        return { kind: 'print', format, args, to: null };
      }
      this.#tokens.next();
      return { kind: 'print', format, args, to: { kind: text, target: this.#expressions.concatenation() } };
    });
  }

  #printed(): Expression[] {
    if (this.#tokens.isEnd() || ['>', '>>', '|'].includes(this.#tokens.peek().text)) return [];
    const args = [this.#expressions.expression()];
    while (this.#tokens.take(',')) {
      this.#tokens.skipNewlines();
      args.push(this.#expressions.expression());
    }
    const [only] = args;
    return args.length === 1 && only?.kind === 'list' ? only.items : args;
  }

  /** A statement ends at a line's end, a semicolon or before `}`. */
  #ended(statement: Statement): Statement {
    if (!this.#tokens.isEnd()) this.#tokens.fail();
    if (this.#tokens.is(';') || this.#tokens.peek().kind === 'newline') this.#tokens.next();
    return statement;
  }
}
