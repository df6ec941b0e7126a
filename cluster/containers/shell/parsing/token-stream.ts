import type { Word } from '../ast.ts';
import type { Cursor } from './cursor.ts';
import { HereDocuments } from './here-documents.ts';
import { ShellSyntaxError } from './syntax-error.ts';
import { assignmentOf, BASH_OPERATORS, isPlain, OPERATORS, RESERVED, type Assignment, type Token } from './token.ts';
import { readWord } from './words.ts';

/** The tokens of a source, one looked at ahead. */
export class TokenStream {
  readonly cursor: Cursor;
  readonly hereDocuments = new HereDocuments();
  #token: Token | null = null;

  constructor(cursor: Cursor) {
    this.cursor = cursor;
  }

  /** The next token, which stays unread. */
  peek(): Token {
    this.#token ??= this.#read();
    return this.#token;
  }

  /** Reads the next token. */
  next(): Token {
    const token = this.peek();
    this.#token = null;
    return token;
  }

  /** Forgets the token that was looked at: the cursor has gone past it, or back before it. */
  forget(): void {
    this.#token = null;
  }

  /** Whether the next token is a word without quotes. */
  isReserved(word: string): boolean {
    const token = this.peek();
    return token.kind === 'word' && token.text === word && isPlain(token.word);
  }

  isOperator(text: string): boolean {
    const token = this.peek();
    return token.kind === 'operator' && token.text === text;
  }

  expectWord(word: string): void {
    if (!this.isReserved(word)) this.fail(this.peek(), `"${word}"`);
    this.next();
  }

  expectOperator(text: string): void {
    if (!this.isOperator(text)) this.fail(this.peek(), `"${text}"`);
    this.next();
  }

  skipNewlines(): void {
    while (this.peek().kind === 'newline') this.next();
  }

  /** Reads a word without quotes. */
  name(): string {
    const token = this.next();
    if (token.kind !== 'word' || !isPlain(token.word)) this.fail(token);
    return token.text;
  }

  /** Puts text in the place of the word that is next, as an alias does. */
  replaceWord(text: string, replacement: string): void {
    const { cursor } = this;
    const start = cursor.position - text.length;
    cursor.source = cursor.source.slice(0, start) + replacement + cursor.source.slice(cursor.position);
    cursor.position = start;
    this.#token = null;
  }

  /** A word that ends at a blank alone: of a regular expression. */
  patternToken(): Token {
    this.#skipBlanks();
    const { line } = this.cursor;
    const start = this.cursor.position;
    const word = readWord(this.cursor, /\s/);
    return { kind: 'word', word, text: this.cursor.source.slice(start, this.cursor.position), line, assignment: null };
  }

  /** A token stands where it cannot; `expected` is what alone could. @throws ShellSyntaxError */
  fail(token: Token, expected: string | null = null): never {
    const isReserved = token.kind === 'word' && isPlain(token.word) && RESERVED.has(token.text);
    throw new ShellSyntaxError(
      { kind: 'unexpected', token: isReserved ? 'reserved' : token.kind, text: token.text, expected },
      token.line,
    );
  }

  /** A word is missing: bash says so at the line's end, whatever may follow. */
  missing(token: Token): never {
    this.fail(token.kind === 'end' && this.cursor.dialect === 'bash' ? { ...token, kind: 'newline' } : token);
  }

  #read(): Token {
    this.#skipBlanks();
    const { line } = this.cursor;
    const character = this.cursor.source[this.cursor.position];
    if (character === undefined) {
      // A here-document without its lines is an empty one.
      this.hereDocuments.read(this.cursor);
      return { kind: 'end', text: '', line };
    }
    if (character === '\n') {
      this.cursor.position += 1;
      this.cursor.line += 1;
      this.hereDocuments.read(this.cursor);
      return { kind: 'newline', text: '\n', line };
    }
    const operator = OPERATORS.find(
      (candidate) =>
        this.cursor.source.startsWith(candidate, this.cursor.position) &&
        (this.cursor.dialect === 'bash' || !BASH_OPERATORS.has(candidate)) &&
        (this.cursor.dialect !== 'dash' || candidate !== '&>'),
    );
    if (operator !== undefined) {
      this.cursor.position += operator.length;
      return { kind: 'operator', text: operator, line };
    }
    const start = this.cursor.position;
    const word = readWord(this.cursor);
    const text = this.cursor.source.slice(start, this.cursor.position);
    const next = this.cursor.source[this.cursor.position];
    if (/^\d$/.test(text) && (next === '<' || next === '>')) return { kind: 'io-number', text, line };
    return { kind: 'word', word, text, line, assignment: this.#assignment(word) };
  }

  #assignment(word: Word): Assignment | null {
    const assignment = assignmentOf(word);
    return assignment?.append === true && this.cursor.dialect !== 'bash' ? null : assignment;
  }

  #skipBlanks(): void {
    for (;;) {
      const character = this.cursor.source[this.cursor.position];
      if (character === ' ' || character === '\t' || character === '\r') this.cursor.position += 1;
      else if (character === '\\' && this.cursor.source[this.cursor.position + 1] === '\n') {
        this.cursor.position += 2;
        this.cursor.line += 1;
      } else if (character === '#') {
        const end = this.cursor.source.indexOf('\n', this.cursor.position);
        this.cursor.position = end === -1 ? this.cursor.source.length : end;
      } else return;
    }
  }
}
