import type { Command, List, Redirect, SimpleCommand, Word, WordPart } from './ast.ts';

/** The source breaks the grammar. `token` is what was not expected there; `line` counts from 1. */
export class ShellSyntaxError extends Error {
  override name = 'ShellSyntaxError';
  readonly token: string;
  readonly line: number;
  /** The source ends too early: an interactive shell asks for more. */
  readonly incomplete: boolean;
  constructor(token: string, line: number, incomplete: boolean) {
    super(`syntax error: unexpected ${token}`);
    this.token = token;
    this.line = line;
    this.incomplete = incomplete;
  }
}

type Token =
  | { kind: 'word'; word: Word; text: string; line: number; assignment: { name: string; value: Word } | null }
  | { kind: 'operator'; text: string; line: number }
  | { kind: 'io-number'; text: string; line: number }
  | { kind: 'newline'; text: string; line: number }
  | { kind: 'end'; text: string; line: number };

const OPERATORS = [
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
  '&',
  '|',
  ';',
  '<',
  '>',
  '(',
  ')',
];
const REDIRECTIONS = new Set(['<', '>', '>>', '>|', '<>', '<&', '>&', '<<', '<<-', '&>']);
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

/**
 * POSIX shell grammar. Left out: aliases, `select`, arrays, `[[ ]]` as a keyword, process substitution.
 * @throws ShellSyntaxError
 */
export function parseShell(source: string): List {
  const parser = new Parser(source, 0, 1, 0);
  const list = parser.list([]);
  parser.expectEnd();
  return list;
}

class Parser {
  readonly source: string;
  position: number;
  line: number;
  readonly depth: number;
  #token: Token | null = null;
  #commandDepth = 0;
  #hereDocuments: { redirect: Redirect & { kind: 'here' }; delimiter: string; quoted: boolean; stripTabs: boolean }[] =
    [];

  constructor(source: string, position: number, line: number, depth: number) {
    this.source = source;
    this.position = position;
    this.line = line;
    this.depth = depth;
    if (depth > MAX_DEPTH) throw new ShellSyntaxError('nesting', line, false);
  }

  /** Commands up to one of the reserved words or operators in `stops`, which stays unread. */
  list(stops: readonly string[]): List {
    const items: List = [];
    for (;;) {
      this.#skipNewlines();
      if (this.#peek().kind === 'end' || this.#isStop(stops)) return items;
      const command = this.#andOr();
      const token = this.#peek();
      const background = token.kind === 'operator' && token.text === '&';
      items.push({ command, background });
      if (token.kind === 'operator' && (token.text === ';' || token.text === '&')) this.#next();
      else if (token.kind !== 'newline') return items;
    }
  }

  expectEnd(): void {
    const token = this.#peek();
    if (token.kind !== 'end') this.#fail(token);
  }

  /** Reads `)` and leaves the position right behind it. */
  closeSubstitution(): void {
    const token = this.#peek();
    if (token.kind !== 'operator' || token.text !== ')') this.#fail(token);
    this.#token = null;
  }

  #isStop(stops: readonly string[]): boolean {
    const token = this.#peek();
    if (token.kind === 'word') return isPlain(token.word) && stops.includes(token.text);
    return token.kind === 'operator' && stops.includes(token.text);
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
    while (this.#isReserved('!')) {
      this.#next();
      negated = !negated;
    }
    const commands = [this.#command()];
    for (let token = this.#peek(); token.kind === 'operator' && token.text === '|'; token = this.#peek()) {
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

  #commandBody(): Command {
    const token = this.#peek();
    if (token.kind === 'operator' && token.text === '(') {
      this.#next();
      const body = this.#body([')']);
      this.#expectOperator(')');
      return { kind: 'subshell', body, redirects: this.#redirects() };
    }
    if (token.kind === 'word' && isPlain(token.word)) {
      switch (token.text) {
        case '{': {
          this.#next();
          const body = this.#body(['}']);
          this.#expectWord('}');
          return { kind: 'group', body, redirects: this.#redirects() };
        }
        case 'if':
          return this.#if();
        case 'while':
        case 'until': {
          this.#next();
          const condition = this.#body(['do']);
          const body = this.#doGroup();
          return { kind: 'loop', until: token.text === 'until', condition, body, redirects: this.#redirects() };
        }
        case 'for':
          return this.#for();
        case 'case':
          return this.#case();
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
      const condition = this.#body(['then']);
      this.#expectWord('then');
      clauses.push({ condition, body: this.#body(['elif', 'else', 'fi']) });
      if (this.#isReserved('elif')) {
        this.#next();
        continue;
      }
      if (this.#isReserved('else')) {
        this.#next();
        otherwise = this.#body(['fi']);
      }
      this.#expectWord('fi');
      return { kind: 'if', clauses, otherwise, redirects: this.#redirects() };
    }
  }

  #for(): Command {
    this.#next();
    const name = this.#name();
    let words: Word[] | null = null;
    this.#skipNewlines();
    if (this.#isReserved('in')) {
      this.#next();
      words = [];
      for (let token = this.#peek(); token.kind === 'word'; token = this.#peek()) {
        words.push(token.word);
        this.#next();
      }
    }
    if (this.#isOperator(';')) this.#next();
    const body = this.#doGroup();
    return { kind: 'for', name, words, body, redirects: this.#redirects() };
  }

  #case(): Command {
    this.#next();
    const subject = this.#next();
    if (subject.kind !== 'word') this.#fail(subject);
    this.#skipNewlines();
    this.#expectWord('in');
    this.#skipNewlines();
    const clauses: { patterns: Word[]; body: List }[] = [];
    while (!this.#isReserved('esac')) {
      if (this.#isOperator('(')) this.#next();
      const patterns: Word[] = [];
      for (;;) {
        const pattern = this.#next();
        if (pattern.kind !== 'word') this.#fail(pattern);
        patterns.push(pattern.word);
        if (!this.#isOperator('|')) break;
        this.#next();
      }
      this.#expectOperator(')');
      const body = this.list([';;', 'esac']);
      clauses.push({ patterns, body });
      if (this.#isOperator(';;')) this.#next();
      this.#skipNewlines();
      if (this.#peek().kind === 'end') this.#fail(this.#peek());
    }
    this.#expectWord('esac');
    return { kind: 'case', word: subject.word, clauses, redirects: this.#redirects() };
  }

  #doGroup(): List {
    this.#skipNewlines();
    this.#expectWord('do');
    const body = this.#body(['done']);
    this.#expectWord('done');
    return body;
  }

  /** A list with at least one command. */
  #body(stops: readonly string[]): List {
    const list = this.list(stops);
    if (list.length === 0) this.#fail(this.#peek());
    return list;
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
        command.assignments.push(token.assignment);
        continue;
      }
      command.words.push(token.word);
      if (command.words.length === 1 && command.assignments.length === 0 && this.#isOperator('(')) {
        if (!isPlain(token.word) || command.redirects.length > 0) this.#fail(this.#peek());
        this.#next();
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
    const target = this.#next();
    if (target.kind !== 'word') this.#fail(target);
    const operator = token.text;
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
    if (!this.#isReserved(word)) this.#fail(this.#peek());
    this.#next();
  }

  #expectOperator(text: string): void {
    if (!this.#isOperator(text)) this.#fail(this.#peek());
    this.#next();
  }

  #skipNewlines(): void {
    while (this.#peek().kind === 'newline') this.#next();
  }

  #fail(token: Token): never {
    const text = token.kind === 'end' ? 'end of file' : token.kind === 'newline' ? 'newline' : token.text;
    throw new ShellSyntaxError(text, token.line, token.kind === 'end');
  }

  #incomplete(what: string): never {
    throw new ShellSyntaxError(what, this.line, true);
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
      if (this.#hereDocuments.length > 0) this.#incomplete('end of file');
      return { kind: 'end', text: '', line };
    }
    if (character === '\n') {
      this.position += 1;
      this.line += 1;
      this.#readHereDocuments();
      return { kind: 'newline', text: '\n', line };
    }
    const operator = OPERATORS.find((candidate) => this.source.startsWith(candidate, this.position));
    if (operator !== undefined) {
      this.position += operator.length;
      return { kind: 'operator', text: operator, line };
    }
    const start = this.position;
    const word = this.#word();
    const text = this.source.slice(start, this.position);
    const next = this.source[this.position];
    if (/^\d$/.test(text) && (next === '<' || next === '>')) return { kind: 'io-number', text, line };
    return { kind: 'word', word, text, line, assignment: assignmentOf(word) };
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
        if (this.position >= this.source.length) this.#incomplete('end of file');
        const end = this.source.indexOf('\n', this.position);
        const stop = end === -1 ? this.source.length : end;
        let text = this.source.slice(this.position, stop);
        this.position = end === -1 ? stop : stop + 1;
        this.line += 1;
        if (stripTabs) text = text.replace(/^\t+/, '');
        if (text === delimiter) break;
        body += `${text}\n`;
      }
      redirect.body = quoted
        ? [{ kind: 'text', text: body, quoted: true }]
        : hereDocumentWord(body, this.line, this.depth);
    }
    this.#hereDocuments = [];
  }

  #word(): Word {
    const parts: Word = [];
    for (;;) {
      const character = this.source[this.position];
      if (character === undefined || /[\s;&|<>()]/.test(character)) return parts;
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
    for (;;) {
      const character = this.source[this.position];
      if (character === undefined) this.#incomplete('"');
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
    if (rest.startsWith('((')) {
      const arithmetic = this.#arithmetic(quoted);
      if (arithmetic !== null) return arithmetic;
    }
    if (rest.startsWith('(')) {
      const inner = new Parser(this.source, this.position + 2, this.line, this.depth + 1);
      const body = inner.list([')']);
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

  #braced(quoted: boolean): WordPart {
    this.position += 2;
    const rest = this.source.slice(this.position, this.position + 512);
    const length = /^#([A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*])\}/.exec(rest);
    if (length !== null) {
      this.position += length[0].length;
      return { kind: 'parameter', name: length[1] ?? '', operator: 'length', operand: [], quoted };
    }
    const name = /^([A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-])/.exec(rest);
    if (name === null) throw new ShellSyntaxError('bad substitution', this.line, rest === '');
    this.position += name[0].length;
    const operator =
      /^(:[-=?+]|[-=?+]|##?|%%?|\/\/?|:)/.exec(this.source.slice(this.position, this.position + 2))?.[0] ?? '';
    this.position += operator.length;
    const operand: Word = [];
    for (;;) {
      const character = this.source[this.position];
      if (character === undefined) this.#incomplete('}');
      if (character === '}') {
        this.position += 1;
        return { kind: 'parameter', name: name[0], operator, operand, quoted };
      }
      if (operator === '') throw new ShellSyntaxError('bad substitution', this.line, false);
      this.#operandPart(operand, character, quoted);
    }
  }

  #operandPart(operand: Word, character: string, quoted: boolean): void {
    if (character === "'" && !quoted) {
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
          const inner = new Parser(this.source.slice(this.position + 3, index), 0, this.line, this.depth + 1);
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
    const inner = new Parser(body, 0, line, this.depth + 1);
    const list = inner.list([]);
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

function hereDocumentWord(body: string, line: number, depth: number): Word {
  return new Parser(body, 0, line, depth + 1).hereDocument();
}

/** Whether a word has no quotes and no expansions, so that it may be a reserved word. */
function isPlain(word: Word): boolean {
  const [part] = word;
  return word.length === 1 && part?.kind === 'text' && !part.quoted;
}

function assignmentOf(word: Word): { name: string; value: Word } | null {
  const [first, ...rest] = word;
  if (first?.kind !== 'text' || first.quoted) return null;
  const match = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(first.text);
  if (match === null) return null;
  const text = match[2] ?? '';
  return { name: match[1] ?? '', value: [...(text === '' ? [] : [{ ...first, text }]), ...rest] };
}
