import { AwkSyntaxError, type Token } from './lexer.ts';

/** Nesting of expressions and statements. */
const MAX_DEPTH = 200;

const END: Token = { kind: 'end', text: 'end of file', line: 1 };

/** The tokens of a program and how far they have been read. What takes one that is not there throws AwkSyntaxError. */
export class TokenCursor {
  readonly #tokens: readonly Token[];
  /** The next token's index, to come back to. */
  index = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  /** @param ahead 0 is the next one */
  peek(ahead = 0): Token {
    return this.#tokens[this.index + ahead] ?? END;
  }

  next(): Token {
    const token = this.peek();
    if (token.kind === 'end') this.fail();
    this.index += 1;
    return token;
  }

  is(operator: string): boolean {
    return this.isOperator([operator]);
  }

  isOperator(operators: readonly string[]): boolean {
    const { kind, text } = this.peek();
    return kind === 'operator' && operators.includes(text);
  }

  /** Whether the operator was there; then it is behind. */
  take(operator: string): boolean {
    const found = this.is(operator);
    if (found) this.index += 1;
    return found;
  }

  takeKeyword(word: string): boolean {
    const { kind, text } = this.peek();
    const found = kind === 'keyword' && text === word;
    if (found) this.index += 1;
    return found;
  }

  expect(operator: string): void {
    if (!this.take(operator)) this.fail();
  }

  /** Whether a statement ends here: at a line's end, a semicolon or before `}`. */
  isEnd(): boolean {
    const { kind } = this.peek();
    return kind === 'newline' || kind === 'end' || this.isOperator([';', '}']);
  }

  /** Ends of statements, of which there may be many. */
  skipEnds(): void {
    while (this.peek().kind === 'newline' || this.is(';')) this.next();
  }

  skipNewlines(): void {
    while (this.peek().kind === 'newline') this.next();
  }

  /** Reads what may hold its like, down to {@link MAX_DEPTH}. */
  nested<T>(read: () => T): T {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) this.fail();
    const result = read();
    this.#depth -= 1;
    return result;
  }

  fail(token = this.peek()): never {
    throw new AwkSyntaxError(token.kind === 'newline' ? 'end of line' : token.text, token.line);
  }
}
