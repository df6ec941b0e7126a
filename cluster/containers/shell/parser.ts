import type { Command, List, Redirect, SimpleCommand, Word, WordPart } from './ast.ts';
import { ansiText } from './ansi-text.ts';
import type { Dialect } from './dialect.ts';

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

type Token =
  | { kind: 'word'; word: Word; text: string; line: number; assignment: Assignment | null }
  | { kind: 'operator'; text: string; line: number }
  | { kind: 'io-number'; text: string; line: number }
  | { kind: 'newline'; text: string; line: number }
  | { kind: 'end'; text: string; line: number };

type Assignment = SimpleCommand['assignments'][number];

const OPERATORS = [
  '<<<',
  '<<-',
  '&&',
  '||',
  ';;',
  '<<',
  '>>',
  '<&',
  '>&',
  '<>',
  '>|',
  '&>',
  '|&',
  '&',
  '|',
  ';',
  '<',
  '>',
  '(',
  ')',
];
const REDIRECTIONS = new Set(['<', '>', '>>', '>|', '<>', '<&', '>&', '<<', '<<-', '<<<', '&>']);
/** What only bash has. */
const BASH_OPERATORS = new Set(['<<<', '|&']);
/** Where a list ends. */
const TERMINATORS = new Set(['then', 'elif', 'else', 'fi', 'do', 'done', 'esac', '}', ')', ';;']);
const RESERVED = new Set([
  'if',
  'then',
  'elif',
  'else',
  'fi',
  'for',
  'while',
  'until',
  'do',
  'done',
  'case',
  'esac',
  '{',
  '}',
  '!',
  'in',
]);

/** Nesting of commands and words; deeper is a syntax error rather than a stack overflow. */
const MAX_DEPTH = 200;

/** What a source is read by. */
export interface Grammar {
  dialect: Dialect;
  /** What words stand for at the start of a command. Default none. */
  aliases?: ReadonlyMap<string, string>;
}

/**
 * POSIX shell grammar, and of bash what people type most. Left out: `select`, arrays, process substitution.
 * Yields what a shell runs before it reads on: the commands of a line, or more lines when they belong together.
 * @throws ShellSyntaxError
 */
export function* parseLines(source: string, grammar: Grammar): Generator<List> {
  const parser = new Parser(source, 0, 1, 0, grammar);
  for (let list = parser.nextLine(); list !== null; list = parser.nextLine()) yield list;
}

/** All lines as one list. @throws ShellSyntaxError */
export function parseShell(source: string, grammar: Grammar): List {
  return [...parseLines(source, grammar)].flat();
}

/** Whether more lines are needed. What is broken is complete: running it says what is wrong. */
export function isIncomplete(source: string, grammar: Grammar): boolean {
  const parser = new Parser(source, 0, 1, 0, grammar);
  try {
    while (parser.nextLine() !== null);
    return parser.endedHereDocument;
  } catch (error) {
    if (error instanceof ShellSyntaxError) return error.incomplete;
    throw error;
  }
}

class Parser {
  /** The source's end was that of a here-document. */
  endedHereDocument = false;
  source: string;
  position: number;
  line: number;
  readonly depth: number;
  readonly grammar: Grammar;
  readonly dialect: Dialect;
  #token: Token | null = null;
  #commandDepth = 0;
  #hereDocuments: { redirect: Redirect & { kind: 'here' }; delimiter: string; quoted: boolean; stripTabs: boolean }[] =
    [];

  constructor(source: string, position: number, line: number, depth: number, grammar: Grammar) {
    this.source = source;
    this.position = position;
    this.line = line;
    this.depth = depth;
    this.grammar = grammar;
    this.dialect = grammar.dialect;
    if (depth > MAX_DEPTH) throw new ShellSyntaxError({ kind: 'not-simulated', what: 'nesting as deep as this' }, line);
  }

  /** Commands up to a word or operator that ends a list, which stays unread. */
  list(): List {
    const items: List = [];
    for (;;) {
      this.#skipNewlines();
      if (this.#peek().kind === 'end' || this.#isTerminator()) return items;
      items.push(this.#item());
      const token = this.#peek();
      if (token.kind === 'operator' && (token.text === ';' || token.text === '&')) this.#next();
      else if (token.kind !== 'newline') return items;
    }
  }

  /** The commands of the next line that has any; null at the end. */
  nextLine(): List | null {
    this.#skipNewlines();
    if (this.#peek().kind === 'end') return null;
    const items: List = [];
    for (;;) {
      items.push(this.#item());
      let token = this.#peek();
      if (token.kind === 'operator' && (token.text === ';' || token.text === '&')) {
        this.#next();
        token = this.#peek();
        if (token.kind !== 'newline' && token.kind !== 'end') continue;
      }
      if (token.kind !== 'newline' && token.kind !== 'end') this.#fail(token);
      // Reading the newline reads the here-documents below it.
      if (token.kind === 'newline') this.#next();
      return items;
    }
  }

  #item(): List[number] {
    const command = this.#andOr();
    const token = this.#peek();
    return { command, background: token.kind === 'operator' && token.text === '&' };
  }

  expectEnd(): void {
    const token = this.#peek();
    if (token.kind !== 'end') this.#fail(token);
  }

  /** Reads `)` and leaves the position right behind it. */
  closeSubstitution(): void {
    const token = this.#peek();
    if (token.kind === 'end' && this.dialect === 'bash') this.#incomplete(')');
    if (token.kind !== 'operator' || token.text !== ')') this.#fail(token, '")"');
    this.#token = null;
  }

  #isTerminator(): boolean {
    const token = this.#peek();
    if (token.kind === 'word') return isPlain(token.word) && TERMINATORS.has(token.text);
    return token.kind === 'operator' && TERMINATORS.has(token.text);
  }

  #andOr(): Command {
    const first = this.#pipeline();
    const rest: { operator: '&&' | '||'; command: Command }[] = [];
    for (
      let token = this.#peek();
      token.kind === 'operator' && (token.text === '&&' || token.text === '||');
      token = this.#peek()
    ) {
      this.#next();
      this.#skipNewlines();
      rest.push({ operator: token.text, command: this.#pipeline() });
    }
    return rest.length === 0 ? first : { kind: 'and-or', first, rest };
  }

  #pipeline(): Command {
    let negated = false;
    if (this.dialect === 'bash' && this.#isReserved('time')) {
      this.#next();
      if (this.#isReserved('-p')) this.#next();
      const token = this.#peek();
      const bare = token.kind !== 'word' && !(token.kind === 'operator' && token.text === '(');
      return { kind: 'timed', command: bare ? { kind: 'group', body: [], redirects: [] } : this.#pipeline() };
    }
    while (this.#isReserved('!')) {
      this.#next();
      negated = !negated;
    }
    const commands = [this.#command()];
    for (
      let token = this.#peek();
      token.kind === 'operator' && (token.text === '|' || token.text === '|&');
      token = this.#peek()
    ) {
      if (token.text === '|&') withErrors(commands.at(-1));
      this.#next();
      this.#skipNewlines();
      commands.push(this.#command());
    }
    const [only] = commands;
    return commands.length === 1 && !negated && only !== undefined ? only : { kind: 'pipeline', negated, commands };
  }

  #command(): Command {
    this.#commandDepth += 1;
    if (this.#commandDepth > MAX_DEPTH) this.#fail(this.#peek());
    try {
      return this.#commandBody();
    } finally {
      this.#commandDepth -= 1;
    }
  }

  /** Puts what an alias stands for in its place. */
  #expandAlias(): void {
    const seen = new Set<string>();
    for (let token = this.#peek(); token.kind === 'word'; token = this.#peek()) {
      const value = this.grammar.aliases?.get(token.text);
      if (value === undefined || seen.has(token.text) || !isPlain(token.word)) return;
      seen.add(token.text);
      const start = this.position - token.text.length;
      this.source = this.source.slice(0, start) + value + this.source.slice(this.position);
      this.position = start;
      this.#token = null;
    }
  }

  #commandBody(): Command {
    this.#expandAlias();
    const token = this.#peek();
    if (token.kind === 'operator' && token.text === '(') {
      if (this.dialect === 'bash' && this.source[this.position] === '(') {
        const expression = this.#doubleParenthesis();
        if (expression !== null) {
          return { kind: 'arithmetic', expression, line: token.line, redirects: this.#redirects() };
        }
      }
      this.#next();
      const body = this.#body();
      this.#expectOperator(')');
      return { kind: 'subshell', body, redirects: this.#redirects() };
    }
    if (token.kind === 'word' && isPlain(token.word)) {
      switch (token.text) {
        case '{': {
          this.#next();
          const body = this.#body();
          this.#expectWord('}');
          return { kind: 'group', body, redirects: this.#redirects() };
        }
        case 'if':
          return this.#if();
        case 'while':
        case 'until': {
          this.#next();
          const condition = this.#body();
          const body = this.#doGroup();
          return { kind: 'loop', until: token.text === 'until', condition, body, redirects: this.#redirects() };
        }
        case 'for':
          return this.#for();
        case 'case':
          return this.#case();
        case 'select':
          if (this.dialect === 'bash') this.#notSimulated('select is');
          break;
        case '[[':
          if (this.dialect === 'dash') break;
          return this.#conditional();
        case 'function': {
          this.#next();
          const name = this.#name();
          if (this.#isOperator('(')) {
            this.#next();
            this.#expectOperator(')');
          }
          this.#skipNewlines();
          return { kind: 'function', name, body: this.#command() };
        }
        default:
          if (RESERVED.has(token.text) && token.text !== 'in') this.#fail(token);
      }
    }
    return this.#simple();
  }

  #if(): Command {
    this.#next();
    const clauses: { condition: List; body: List }[] = [];
    let otherwise: List | null = null;
    for (;;) {
      const condition = this.#body();
      this.#expectWord('then');
      clauses.push({ condition, body: this.#body() });
      if (this.#isReserved('elif')) {
        this.#next();
        continue;
      }
      if (this.#isReserved('else')) {
        this.#next();
        otherwise = this.#body();
      }
      this.#expectWord('fi');
      return { kind: 'if', clauses, otherwise, redirects: this.#redirects() };
    }
  }

  #for(): Command {
    this.#next();
    if (this.dialect === 'bash' && this.#isOperator('(') && this.source[this.position] === '(') {
      const expression = this.#doubleParenthesis();
      if (expression !== null) return this.#countingFor(expression);
    }
    const variable = this.#next();
    if (variable.kind !== 'word' || !/^[A-Za-z_]\w*$/.test(variable.text)) {
      if (this.dialect === 'bash' && variable.kind !== 'word') this.#missing(variable);
      throw new ShellSyntaxError({ kind: 'bad-loop-variable', name: variable.text }, variable.line);
    }
    const name = variable.text;
    let words: Word[] | null = null;
    this.#skipNewlines();
    if (this.#isReserved('in')) {
      this.#next();
      words = [];
      for (let token = this.#peek(); token.kind === 'word'; token = this.#peek()) {
        words.push(token.word);
        this.#next();
      }
      const end = this.#peek();
      if (end.kind !== 'newline' && !this.#isOperator(';')) this.#fail(end);
    }
    if (this.#isOperator(';')) this.#next();
    const body = this.#doGroup();
    return { kind: 'for', name, words, body, redirects: this.#redirects() };
  }

  #case(): Command {
    this.#next();
    const subject = this.#next();
    if (subject.kind !== 'word') this.#fail(subject, 'word');
    this.#skipNewlines();
    this.#expectWord('in');
    this.#skipNewlines();
    const clauses: { patterns: Word[]; body: List }[] = [];
    while (!this.#isReserved('esac')) {
      if (this.#isOperator('(')) this.#next();
      const patterns: Word[] = [];
      for (;;) {
        const pattern = this.#next();
        if (pattern.kind !== 'word') this.#fail(pattern, '")"');
        patterns.push(pattern.word);
        if (!this.#isOperator('|')) break;
        this.#next();
      }
      this.#expectOperator(')');
      const body = this.list();
      clauses.push({ patterns, body });
      if (this.#isOperator(';;')) this.#next();
      else if (!this.#isReserved('esac')) this.#fail(this.#peek(), '";;"');
      this.#skipNewlines();
    }
    this.#expectWord('esac');
    return { kind: 'case', word: subject.word, clauses, redirects: this.#redirects() };
  }

  #doGroup(): List {
    this.#skipNewlines();
    this.#expectWord('do');
    const body = this.#body();
    this.#expectWord('done');
    return body;
  }

  /** A list with at least one command. At the end of the source, what should follow is missed instead. */
  #body(): List {
    const list = this.list();
    if (list.length === 0 && this.#peek().kind !== 'end') this.#fail(this.#peek());
    return list;
  }

  /** `((`, with the first parenthesis looked at; null when it opens a subshell in a subshell. */
  #doubleParenthesis(): Word | null {
    const start = this.position;
    // As if a dollar stood before it.
    this.position -= 2;
    const arithmetic = this.#arithmetic(true);
    if (arithmetic?.kind !== 'arithmetic') {
      this.position = start;
      return null;
    }
    this.#token = null;
    return arithmetic.expression;
  }

  /** `for ((i = 0; i < 3; i++))` */
  #countingFor(expression: Word): Command {
    const parts: Word[] = [[]];
    for (const part of expression) {
      if (part.kind !== 'text') parts.at(-1)?.push(part);
      else {
        for (const [index, text] of part.text.split(';').entries()) {
          if (index > 0) parts.push([]);
          parts.at(-1)?.push({ ...part, text });
        }
      }
    }
    const [start = [], condition = [], step = []] = parts;
    const { line } = this;
    if (this.#isOperator(';')) this.#next();
    const body = this.#doGroup();
    return { kind: 'counting-for', start, condition, step, line, body, redirects: this.#redirects() };
  }

  /** `[[ … ]]`: words that are not split, and operators; `conditional.ts` reads them. */
  #conditional(): Command {
    const { line } = this.#next();
    const items: (Word | string)[] = [];
    for (;;) {
      // A regular expression has parentheses and bars of its own.
      const isPattern = items.at(-1) !== undefined && plainText(items.at(-1)) === '=~';
      const token = isPattern ? this.#patternToken() : this.#next();
      if (token.kind === 'end') this.#fail(token, '"]]"');
      if (token.kind === 'newline') continue;
      if (token.kind !== 'word') items.push(token.text);
      else if (token.text === ']]' && isPlain(token.word)) {
        return { kind: 'conditional', items, line, redirects: this.#redirects() };
      } else items.push(token.word);
    }
  }

  #patternToken(): Token {
    this.#skipBlanks();
    const { line } = this;
    const start = this.position;
    const word = this.#word(/\s/);
    return { kind: 'word', word, text: this.source.slice(start, this.position), line, assignment: null };
  }

  #simple(): Command {
    const command: SimpleCommand = {
      kind: 'simple',
      assignments: [],
      words: [],
      redirects: [],
      line: this.#peek().line,
    };
    for (;;) {
      const redirect = this.#redirect();
      if (redirect !== null) {
        command.redirects.push(redirect);
        continue;
      }
      const token = this.#peek();
      if (token.kind !== 'word') break;
      this.#next();
      if (command.words.length === 0 && token.assignment !== null) {
        if (this.dialect === 'bash' && token.text.endsWith('=') && this.#isOperator('('))
          this.#notSimulated('arrays are');
        command.assignments.push(token.assignment);
        continue;
      }
      command.words.push(token.word);
      if (command.words.length === 1 && command.assignments.length === 0 && this.#isOperator('(')) {
        if (/[^\w.]/.test(token.text) && isPlain(token.word) && this.dialect !== 'bash') {
          throw new ShellSyntaxError({ kind: 'bad-function-name' }, token.line);
        }
        if (!isPlain(token.word) || command.redirects.length > 0) this.#fail(this.#peek());
        this.#next();
        const closing = this.#peek();
        if (closing.kind === 'word') {
          // No word is reserved here.
          const problem = { kind: 'unexpected', token: 'word', text: closing.text, expected: '")"' } as const;
          throw new ShellSyntaxError(problem, closing.line);
        }
        this.#expectOperator(')');
        this.#skipNewlines();
        return { kind: 'function', name: token.text, body: this.#command() };
      }
    }
    if (command.words.length + command.assignments.length + command.redirects.length === 0) this.#fail(this.#peek());
    return command;
  }

  #redirects(): Redirect[] {
    const redirects: Redirect[] = [];
    for (let redirect = this.#redirect(); redirect !== null; redirect = this.#redirect()) redirects.push(redirect);
    return redirects;
  }

  #redirect(): Redirect | null {
    let token = this.#peek();
    let descriptor: number | null = null;
    if (token.kind === 'io-number') {
      descriptor = Number(token.text);
      this.#next();
      token = this.#peek();
    }
    if (token.kind !== 'operator' || !REDIRECTIONS.has(token.text)) return null;
    this.#next();
    const operator = token.text;
    if (this.dialect === 'bash' && this.#isOperator('(') && (operator === '<' || operator === '>')) {
      this.#notSimulated('process substitution is');
    }
    const target = this.#next();
    if (target.kind !== 'word') this.#missing(target);
    descriptor ??= operator.startsWith('<') ? 0 : 1;
    switch (operator) {
      case '<<':
      case '<<-': {
        const redirect: Redirect & { kind: 'here' } = { kind: 'here', descriptor, body: [] };
        const quoted = target.word.some((part) => part.kind === 'text' && part.quoted);
        const delimiter = target.word.map((part) => (part.kind === 'text' ? part.text : '')).join('');
        this.#hereDocuments.push({ redirect, delimiter, quoted, stripTabs: operator === '<<-' });
        // The newline may be looked at already.
        return redirect;
      }
      case '<<<':
        return { kind: 'here', descriptor, body: [...target.word, { kind: 'text', text: '\n', quoted: true }] };
      case '<&':
      case '>&':
        return { kind: 'duplicate', descriptor, operator, target: target.word };
      default:
        return { kind: 'file', descriptor, operator: operator as '<', target: target.word };
    }
  }

  #name(): string {
    const token = this.#next();
    if (token.kind !== 'word' || !isPlain(token.word)) this.#fail(token);
    return token.text;
  }

  #isReserved(word: string): boolean {
    const token = this.#peek();
    return token.kind === 'word' && token.text === word && isPlain(token.word);
  }

  #isOperator(text: string): boolean {
    const token = this.#peek();
    return token.kind === 'operator' && token.text === text;
  }

  #expectWord(word: string): void {
    if (!this.#isReserved(word)) this.#fail(this.#peek(), `"${word}"`);
    this.#next();
  }

  #expectOperator(text: string): void {
    if (!this.#isOperator(text)) this.#fail(this.#peek(), `"${text}"`);
    this.#next();
  }

  #skipNewlines(): void {
    while (this.#peek().kind === 'newline') this.#next();
  }

  #fail(token: Token, expected: string | null = null): never {
    const isReserved = token.kind === 'word' && isPlain(token.word) && RESERVED.has(token.text);
    throw new ShellSyntaxError(
      { kind: 'unexpected', token: isReserved ? 'reserved' : token.kind, text: token.text, expected },
      token.line,
    );
  }

  /** A word is missing: bash says so at the line's end, whatever may follow. */
  #missing(token: Token): never {
    this.#fail(token.kind === 'end' && this.dialect === 'bash' ? { ...token, kind: 'newline' } : token);
  }

  #incomplete(closing: string, line = this.line): never {
    throw new ShellSyntaxError({ kind: 'unterminated', closing }, line);
  }

  #notSimulated(what: string): never {
    throw new ShellSyntaxError({ kind: 'not-simulated', what }, this.line);
  }

  #peek(): Token {
    this.#token ??= this.#read();
    return this.#token;
  }

  #next(): Token {
    const token = this.#peek();
    this.#token = null;
    return token;
  }

  #read(): Token {
    this.#skipBlanks();
    const { line } = this;
    const character = this.source[this.position];
    if (character === undefined) {
      // A here-document without its lines is an empty one.
      this.#readHereDocuments();
      return { kind: 'end', text: '', line };
    }
    if (character === '\n') {
      this.position += 1;
      this.line += 1;
      this.#readHereDocuments();
      return { kind: 'newline', text: '\n', line };
    }
    const operator = OPERATORS.find(
      (candidate) =>
        this.source.startsWith(candidate, this.position) &&
        (this.dialect === 'bash' || !BASH_OPERATORS.has(candidate)) &&
        (this.dialect !== 'dash' || candidate !== '&>'),
    );
    if (operator !== undefined) {
      this.position += operator.length;
      return { kind: 'operator', text: operator, line };
    }
    const start = this.position;
    const word = this.#word();
    const text = this.source.slice(start, this.position);
    const next = this.source[this.position];
    if (/^\d$/.test(text) && (next === '<' || next === '>')) return { kind: 'io-number', text, line };
    return { kind: 'word', word, text, line, assignment: this.#assignment(word) };
  }

  #assignment(word: Word): Assignment | null {
    const assignment = assignmentOf(word);
    return assignment?.append === true && this.dialect !== 'bash' ? null : assignment;
  }

  #skipBlanks(): void {
    for (;;) {
      const character = this.source[this.position];
      if (character === ' ' || character === '\t' || character === '\r') this.position += 1;
      else if (character === '\\' && this.source[this.position + 1] === '\n') {
        this.position += 2;
        this.line += 1;
      } else if (character === '#') {
        const end = this.source.indexOf('\n', this.position);
        this.position = end === -1 ? this.source.length : end;
      } else return;
    }
  }

  #readHereDocuments(): void {
    for (const { redirect, delimiter, quoted, stripTabs } of this.#hereDocuments) {
      let body = '';
      for (;;) {
        if (this.position >= this.source.length) {
          this.endedHereDocument = true;
          break;
        }
        const end = this.source.indexOf('\n', this.position);
        const stop = end === -1 ? this.source.length : end;
        let text = this.source.slice(this.position, stop);
        this.position = end === -1 ? stop : stop + 1;
        this.line += 1;
        if (stripTabs) text = text.replace(/^\t+/, '');
        if (text === delimiter) break;
        body += end === -1 ? text : `${text}\n`;
      }
      redirect.body = quoted
        ? [{ kind: 'text', text: body, quoted: true }]
        : hereDocumentWord(body, this.line, this.depth, this.grammar);
    }
    this.#hereDocuments = [];
  }

  #word(end = /[\s;&|<>()]/): Word {
    const parts: Word = [];
    for (;;) {
      const character = this.source[this.position];
      if (character === undefined || end.test(character)) return parts;
      switch (character) {
        case "'": {
          const end = this.source.indexOf("'", this.position + 1);
          if (end === -1) this.#incomplete("'");
          this.#text(parts, this.source.slice(this.position + 1, end), true);
          this.#skipTo(end + 1);
          break;
        }
        case '"':
          this.position += 1;
          this.#doubleQuoted(parts);
          break;
        case '\\': {
          const next = this.source[this.position + 1];
          if (next === undefined) {
            this.#text(parts, '\\', true);
            this.position += 1;
          } else {
            if (next !== '\n') this.#text(parts, next, true);
            this.#skipTo(this.position + 2);
          }
          break;
        }
        case '$':
          parts.push(this.#dollar(false));
          break;
        case '`':
          parts.push(this.#backquoted(false));
          break;
        default:
          this.#text(parts, character, false);
          this.position += 1;
      }
    }
  }

  #doubleQuoted(parts: Word): void {
    // An empty pair of quotes is a word of its own.
    parts.push({ kind: 'text', text: '', quoted: true });
    const { line } = this;
    for (;;) {
      const character = this.source[this.position];
      // bash counts from where it starts, the others from where it should have ended.
      if (character === undefined) this.#incomplete('"', this.dialect === 'bash' ? line : this.line);
      if (character === '"') {
        this.position += 1;
        return;
      }
      this.#insideQuotes(parts, character, '$`"\\');
    }
  }

  /** One character, or one expansion, of text in double quotes or of a here-document. */
  #insideQuotes(parts: Word, character: string, escapable: string): void {
    if (character === '$') parts.push(this.#dollar(true));
    else if (character === '`') parts.push(this.#backquoted(true));
    else if (character === '\\') {
      const next = this.source[this.position + 1];
      if (next === '\n') this.#skipTo(this.position + 2);
      else if (next !== undefined && escapable.includes(next)) {
        this.#text(parts, next, true);
        this.position += 2;
      } else {
        this.#text(parts, '\\', true);
        this.position += 1;
      }
    } else {
      this.#text(parts, character, true);
      this.#skipTo(this.position + 1);
    }
  }

  hereDocument(): Word {
    const parts: Word = [];
    for (let character = this.source[this.position]; character !== undefined; character = this.source[this.position]) {
      this.#insideQuotes(parts, character, '$`\\');
    }
    return parts;
  }

  #dollar(quoted: boolean): WordPart {
    const rest = this.source.slice(this.position + 1, this.position + 3);
    if (rest.startsWith("'") && !quoted && this.dialect !== 'dash') return this.#ansiQuoted();
    if (rest.startsWith('((')) {
      const arithmetic = this.#arithmetic(quoted);
      if (arithmetic !== null) return arithmetic;
    }
    if (rest.startsWith('(')) {
      const inner = new Parser(this.source, this.position + 2, this.line, this.depth + 1, this.grammar);
      const body = inner.list();
      inner.closeSubstitution();
      this.position = inner.position;
      this.line = inner.line;
      return { kind: 'command', body, quoted };
    }
    if (rest.startsWith('{')) return this.#braced(quoted);
    const name = /^([A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-])/.exec(
      this.source.slice(this.position + 1, this.position + 257),
    );
    if (name === null) {
      this.position += 1;
      return { kind: 'text', text: '$', quoted };
    }
    this.position += 1 + name[0].length;
    return { kind: 'parameter', name: name[0], operator: '', operand: [], quoted };
  }

  /** `$'a\tb'` */
  #ansiQuoted(): WordPart {
    const text = /^(?:[^'\\]|\\.)*/s.exec(this.source.slice(this.position + 2))?.[0] ?? '';
    const end = this.position + 2 + text.length;
    if (this.source[end] !== "'") this.#incomplete("'");
    this.#skipTo(end + 1);
    return { kind: 'text', text: ansiText(text), quoted: true };
  }

  #braced(quoted: boolean): WordPart {
    const start = this.position;
    this.position += 2;
    const rest = this.source.slice(this.position, this.position + 512);
    const length = /^#([A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*])\}/.exec(rest);
    if (length !== null) {
      this.position += length[0].length;
      return { kind: 'parameter', name: length[1] ?? '', operator: 'length', operand: [], quoted };
    }
    const indirect = this.dialect === 'bash' ? /^!([A-Za-z_]\w*)\}/.exec(rest) : null;
    if (indirect !== null) {
      this.position += indirect[0].length;
      return { kind: 'parameter', name: indirect[1] ?? '', operator: 'indirect', operand: [], quoted };
    }
    const name = /^([A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-])/.exec(rest);
    this.position += name?.[0].length ?? 0;
    const operators =
      this.dialect === 'bash'
        ? /^(:[-=?+]|[-=?+]|##?|%%?|\/\/?|:|\^\^?|,,?)/
        : this.dialect === 'ash'
          ? /^(:[-=?+]|[-=?+]|##?|%%?|\/\/?|:)/
          : /^(:[-=?+]|[-=?+]|##?|%%?)/;
    const operator = operators.exec(this.source.slice(this.position, this.position + 2))?.[0] ?? '';
    this.position += operator.length;
    if (this.dialect === 'bash' && operator === '' && this.source[this.position] === '[')
      this.#notSimulated('arrays are');
    const operand: Word = [];
    for (;;) {
      const character = this.source[this.position];
      if (character === undefined) this.#incomplete('}');
      if (character === '}') {
        this.position += 1;
        // What means nothing is said when it comes to be expanded.
        const isBad = name === null || (operator === '' && operand.length > 0);
        if (isBad) return { kind: 'bad', text: this.source.slice(start, this.position), quoted };
        return { kind: 'parameter', name: name[0], operator, operand, quoted };
      }
      this.#operandPart(operand, character, quoted, /^[#%/]/.test(operator));
    }
  }

  /** `isPattern`: single quotes mean something even between double ones. */
  #operandPart(operand: Word, character: string, quoted: boolean, isPattern: boolean): void {
    if (character === "'" && (!quoted || isPattern)) {
      const end = this.source.indexOf("'", this.position + 1);
      if (end === -1) this.#incomplete("'");
      this.#text(operand, this.source.slice(this.position + 1, end), true);
      this.#skipTo(end + 1);
    } else if (character === '"') {
      this.position += 1;
      this.#doubleQuoted(operand);
    } else if (character === '\\') {
      this.#text(operand, this.source[this.position + 1] ?? '\\', true);
      this.#skipTo(this.position + 2);
    } else if (character === '$') operand.push(this.#dollar(quoted));
    else if (character === '`') operand.push(this.#backquoted(quoted));
    else {
      this.#text(operand, character, false);
      this.#skipTo(this.position + 1);
    }
  }

  /** `$(( … ))`; null when it turns out to be a command substitution that starts with a subshell. */
  #arithmetic(quoted: boolean): WordPart | null {
    let depth = 0;
    for (let index = this.position + 3; ; index += 1) {
      const character = this.source[index];
      if (character === undefined) this.#incomplete('))');
      if (character === '(') depth += 1;
      else if (character === ')') {
        if (depth > 0) depth -= 1;
        else if (this.source[index + 1] === ')') {
          const inner = new Parser(
            this.source.slice(this.position + 3, index),
            0,
            this.line,
            this.depth + 1,
            this.grammar,
          );
          this.#skipTo(index + 2);
          return { kind: 'arithmetic', expression: inner.hereDocument(), quoted };
        } else return null;
      }
    }
  }

  #backquoted(quoted: boolean): WordPart {
    let body = '';
    let index = this.position + 1;
    for (;;) {
      const character = this.source[index];
      if (character === undefined) this.#incomplete('`');
      if (character === '`') break;
      const next = this.source[index + 1] ?? '';
      if (character === '\\' && ('$`\\'.includes(next) || (quoted && next === '"'))) {
        body += next;
        index += 2;
      } else {
        body += character;
        index += 1;
      }
    }
    const { line } = this;
    this.#skipTo(index + 1);
    const inner = new Parser(body, 0, line, this.depth + 1, this.grammar);
    const list = inner.list();
    inner.expectEnd();
    return { kind: 'command', body: list, quoted };
  }

  #text(parts: Word, text: string, quoted: boolean): void {
    const last = parts.at(-1);
    if (last?.kind === 'text' && last.quoted === quoted) last.text += text;
    else parts.push({ kind: 'text', text, quoted });
  }

  #skipTo(position: number): void {
    for (let index = this.position; index < position; index += 1) if (this.source[index] === '\n') this.line += 1;
    this.position = position;
  }
}

/** `|&`: errors go the way of the output. */
function withErrors(command: Command | undefined): void {
  const target: Word = [{ kind: 'text', text: '1', quoted: false }];
  if (command !== undefined && 'redirects' in command) {
    command.redirects.push({ kind: 'duplicate', descriptor: 2, operator: '>&', target });
  }
}

function hereDocumentWord(body: string, line: number, depth: number, grammar: Grammar): Word {
  return new Parser(body, 0, line, depth + 1, grammar).hereDocument();
}

/** Whether a word has no quotes and no expansions, so that it may be a reserved word. */
function isPlain(word: Word): boolean {
  const [part] = word;
  return word.length === 1 && part?.kind === 'text' && !part.quoted;
}

/** The text of a word that is nothing but that; undefined for others and for operators. */
export function plainText(item: Word | string | undefined): string | undefined {
  if (item === undefined || typeof item === 'string' || !isPlain(item)) return undefined;
  return item[0]?.kind === 'text' ? item[0].text : undefined;
}

function assignmentOf(word: Word): Assignment | null {
  const [first, ...rest] = word;
  if (first?.kind !== 'text' || first.quoted) return null;
  const match = /^([A-Za-z_][A-Za-z0-9_]*)(\+?)=(.*)$/s.exec(first.text);
  if (match === null) return null;
  const text = match[3] ?? '';
  return {
    name: match[1] ?? '',
    append: match[2] === '+',
    value: [...(text === '' ? [] : [{ ...first, text }]), ...rest],
  };
}
