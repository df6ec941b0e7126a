import type { Command, List } from './ast.ts';
import {
  readConditional,
  readDoubleParenthesis,
  readFunction,
  readTimed,
  withErrors,
} from './parsing/bash-commands.ts';
import type { CommandReader } from './parsing/command-reader.ts';
import { readCase, readFor, readGroup, readIf, readLoop, readSubshell } from './parsing/compound-commands.ts';
import { Cursor, MAX_DEPTH, type Grammar } from './parsing/cursor.ts';
import { readRedirects } from './parsing/redirects.ts';
import { readSimple } from './parsing/simple-command.ts';
import { ShellSyntaxError } from './parsing/syntax-error.ts';
import { isPlain, RESERVED, TERMINATORS } from './parsing/token.ts';
import { TokenStream } from './parsing/token-stream.ts';

/**
 * POSIX shell grammar, and of bash what people type most. Left out: `select`, arrays, process substitution.
 * Yields what a shell runs before it reads on: the commands of a line, or more lines when they belong together.
 * @throws ShellSyntaxError
 */
export function* parseLines(source: string, grammar: Grammar): Generator<List> {
  const parser = new Parser(start(source, grammar));
  for (let list = parser.nextLine(); list !== null; list = parser.nextLine()) yield list;
}

/** All lines as one list. @throws ShellSyntaxError */
export function parseShell(source: string, grammar: Grammar): List {
  return [...parseLines(source, grammar)].flat();
}

/** Whether more lines are needed. What is broken is complete: running it says what is wrong. */
export function isIncomplete(source: string, grammar: Grammar): boolean {
  const parser = new Parser(start(source, grammar));
  try {
    while (parser.nextLine() !== null);
    return parser.tokens.hereDocuments.endedBySource;
  } catch (error) {
    if (error instanceof ShellSyntaxError) return error.incomplete;
    throw error;
  }
}

function start(source: string, grammar: Grammar): Cursor {
  return new Cursor(source, 0, 1, 0, grammar, readCommands);
}

/** The commands of a substitution. */
function readCommands(cursor: Cursor, end: ')' | 'end'): List {
  const parser = new Parser(cursor);
  const list = parser.list();
  if (end === ')') parser.closeSubstitution();
  else parser.expectEnd();
  return list;
}

/** Lists, pipelines, and which kind of command it is; how each kind is read stands in `parsing/`. */
class Parser implements CommandReader {
  readonly tokens: TokenStream;
  #commandDepth = 0;

  constructor(cursor: Cursor) {
    this.tokens = new TokenStream(cursor);
  }

  /** Commands up to a word or operator that ends a list, which stays unread. */
  list(): List {
    const items: List = [];
    for (;;) {
      this.tokens.skipNewlines();
      if (this.tokens.peek().kind === 'end' || this.#isTerminator()) return items;
      items.push(this.#item());
      const token = this.tokens.peek();
      if (token.kind === 'operator' && (token.text === ';' || token.text === '&')) this.tokens.next();
      else if (token.kind !== 'newline') return items;
    }
  }

  /** The commands of the next line that has any; null at the end. */
  nextLine(): List | null {
    this.tokens.skipNewlines();
    if (this.tokens.peek().kind === 'end') return null;
    const items: List = [];
    for (;;) {
      items.push(this.#item());
      let token = this.tokens.peek();
      if (token.kind === 'operator' && (token.text === ';' || token.text === '&')) {
        this.tokens.next();
        token = this.tokens.peek();
        if (token.kind !== 'newline' && token.kind !== 'end') continue;
      }
      if (token.kind !== 'newline' && token.kind !== 'end') this.tokens.fail(token);
      // Reading the newline reads the here-documents below it.
      if (token.kind === 'newline') this.tokens.next();
      return items;
    }
  }

  /** A list with at least one command. At the end of the source, what should follow is missed instead. */
  body(): List {
    const list = this.list();
    if (list.length === 0 && this.tokens.peek().kind !== 'end') this.tokens.fail(this.tokens.peek());
    return list;
  }

  expectEnd(): void {
    const token = this.tokens.peek();
    if (token.kind !== 'end') this.tokens.fail(token);
  }

  /** Reads `)` and leaves the position right behind it. */
  closeSubstitution(): void {
    const token = this.tokens.peek();
    if (token.kind === 'end' && this.tokens.cursor.dialect === 'bash') this.tokens.cursor.unterminated(')');
    if (token.kind !== 'operator' || token.text !== ')') this.tokens.fail(token, '")"');
    this.tokens.forget();
  }

  command(): Command {
    this.#commandDepth += 1;
    if (this.#commandDepth > MAX_DEPTH) this.tokens.fail(this.tokens.peek());
    try {
      return this.#commandBody();
    } finally {
      this.#commandDepth -= 1;
    }
  }

  #item(): List[number] {
    const command = this.#andOr();
    const token = this.tokens.peek();
    return { command, background: token.kind === 'operator' && token.text === '&' };
  }

  #isTerminator(): boolean {
    const token = this.tokens.peek();
    if (token.kind === 'word') return isPlain(token.word) && TERMINATORS.has(token.text);
    return token.kind === 'operator' && TERMINATORS.has(token.text);
  }

  #andOr(): Command {
    const first = this.#pipeline();
    const rest: { operator: '&&' | '||'; command: Command }[] = [];
    for (
      let token = this.tokens.peek();
      token.kind === 'operator' && (token.text === '&&' || token.text === '||');
      token = this.tokens.peek()
    ) {
      this.tokens.next();
      this.tokens.skipNewlines();
      rest.push({ operator: token.text, command: this.#pipeline() });
    }
    return rest.length === 0 ? first : { kind: 'and-or', first, rest };
  }

  #pipeline(): Command {
    let negated = false;
    if (this.tokens.cursor.dialect === 'bash' && this.tokens.isReserved('time')) {
      return readTimed(this.tokens, () => this.#pipeline());
    }
    while (this.tokens.isReserved('!')) {
      this.tokens.next();
      negated = !negated;
    }
    const commands = [this.command()];
    for (
      let token = this.tokens.peek();
      token.kind === 'operator' && (token.text === '|' || token.text === '|&');
      token = this.tokens.peek()
    ) {
      if (token.text === '|&') withErrors(commands.at(-1));
      this.tokens.next();
      this.tokens.skipNewlines();
      commands.push(this.command());
    }
    const [only] = commands;
    return commands.length === 1 && !negated && only !== undefined ? only : { kind: 'pipeline', negated, commands };
  }

  /** Puts what an alias stands for in its place. */
  #expandAlias(): void {
    const { cursor } = this.tokens;
    for (let token = this.tokens.peek(); token.kind === 'word'; token = this.tokens.peek()) {
      const { text } = token;
      const value = cursor.grammar.aliases?.get(text);
      const behind = cursor.source.length - cursor.position;
      if (value === undefined || !isPlain(token.word)) return;
      if (cursor.aliasTexts.isWithin(text, behind + text.length)) return;
      cursor.aliasTexts.add(text, value, behind, token.line);
      this.tokens.replaceWord(text, value);
    }
  }

  #commandBody(): Command {
    this.#expandAlias();
    const { tokens } = this;
    const { cursor } = tokens;
    const token = tokens.peek();
    if (token.kind === 'operator' && token.text === '(') {
      if (cursor.dialect === 'bash' && cursor.source[cursor.position] === '(') {
        const expression = readDoubleParenthesis(tokens);
        if (expression !== null) {
          return { kind: 'arithmetic', expression, line: token.line, redirects: readRedirects(tokens) };
        }
      }
      return readSubshell(this);
    }
    if (token.kind === 'word' && isPlain(token.word)) {
      switch (token.text) {
        case '{':
          return readGroup(this);
        case 'if':
          return readIf(this);
        case 'while':
        case 'until':
          return readLoop(this, token.text === 'until');
        case 'for':
          return readFor(this);
        case 'case':
          return readCase(this);
        case 'select':
          if (cursor.dialect === 'bash') cursor.notSimulated('select is');
          break;
        case '[[':
          if (cursor.dialect === 'dash') break;
          return readConditional(tokens);
        case 'function':
          return readFunction(this);
        default:
          if (RESERVED.has(token.text) && token.text !== 'in') tokens.fail(token);
      }
    }
    return readSimple(this);
  }
}
