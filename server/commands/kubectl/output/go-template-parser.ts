import { CommandError } from '../errors.ts';

export type TemplateNode =
  | { type: 'text'; text: string }
  | { type: 'action'; pipeline: Pipeline }
  | { type: 'if' | 'with' | 'range'; pipeline: Pipeline; body: TemplateNode[]; otherwise: TemplateNode[] }
  | { type: 'template'; name: string; pipeline: Pipeline | null }
  | { type: 'break' }
  | { type: 'continue' };

export interface Pipeline {
  /** Variables that it sets, `$k, $v := …`. */
  variables: string[];
  /** `=` instead of `:=`. */
  assigns: boolean;
  commands: TemplateCommand[];
}

/** Operands of which the first may be a function. `at` and `source` are for messages. */
export interface TemplateCommand {
  operands: Operand[];
  /** `LINE:COLUMN`, the column counted from 0. */
  at: string;
  source: string;
}

export type Operand =
  | { type: 'value'; value: unknown }
  | { type: 'dot' }
  | { type: 'field'; path: string[]; source: string; at: string }
  | { type: 'variable'; name: string; path: string[] }
  | { type: 'pipeline'; pipeline: Pipeline; path: string[] }
  | { type: 'function'; name: string };

export interface ParsedTemplate {
  nodes: TemplateNode[];
  templates: Map<string, TemplateNode[]>;
}

interface Token {
  type: 'word' | 'field' | 'variable' | 'string' | 'number' | 'symbol' | 'end';
  text: string;
  /** Whether a blank stood before it: `.a .b` are two operands, `.a.b` one. */
  spaced: boolean;
  /** Column in its line, from 0. */
  column: number;
}

/** A piece of the source: text, or what stands between the braces. */
type Piece = { text: string } | { action: string; line: number; column: number };

/** @throws CommandError `template: output:LINE: …`. */
export function parseTemplate(source: string): ParsedTemplate {
  const pieces = split(source);
  const templates = new Map<string, TemplateNode[]>();
  let at = 0;
  const { nodes, end } = parseList();
  if (end !== null) throw problem(end.line, `unexpected {{${end.word}}}`);
  return { nodes, templates };

  function parseList(): { nodes: TemplateNode[]; end: { word: string; line: number; tokens: Token[] } | null } {
    const found: TemplateNode[] = [];
    while (at < pieces.length) {
      const piece = pieces[at++] as Piece;
      if ('text' in piece) {
        if (piece.text !== '') found.push({ type: 'text', text: piece.text });
        continue;
      }
      const tokens = tokenize(piece.action, piece.line, piece.column);
      const word = tokens[0]?.type === 'word' ? tokens[0].text : '';
      if (word === 'end' || word === 'else') return { nodes: found, end: { word, line: piece.line, tokens } };
      const node = parseAction(word, tokens, piece.line);
      if (node) found.push(node);
    }
    return { nodes: found, end: null };
  }

  function parseAction(word: string, tokens: Token[], line: number): TemplateNode | null {
    const rest = () => parsePipeline(new Reader(tokens.slice(1), line));
    switch (word) {
      case 'if':
      case 'with':
      case 'range':
        return parseControl(word, rest(), line);
      case 'break':
      case 'continue':
        return { type: word };
      case 'define':
        templates.set(tokens[1]?.text ?? '', parseBody(line));
        return null;
      case 'template':
        return {
          type: 'template',
          name: tokens[1]?.text ?? '',
          pipeline: tokens.length > 3 ? parsePipeline(new Reader(tokens.slice(2), line)) : null,
        };
      case 'block': {
        const name = tokens[1]?.text ?? '';
        const pipeline = parsePipeline(new Reader(tokens.slice(2), line));
        templates.set(name, parseBody(line));
        return { type: 'template', name, pipeline };
      }
      default:
        return tokens.length === 1
          ? missing(line)
          : { type: 'action', pipeline: parsePipeline(new Reader(tokens, line)) };
    }
  }

  function parseBody(line: number): TemplateNode[] {
    const { nodes: body, end } = parseList();
    if (end?.word !== 'end') throw problem(line, 'unexpected EOF');
    return body;
  }

  function parseControl(type: 'if' | 'with' | 'range', pipeline: Pipeline, line: number): TemplateNode {
    const { nodes: body, end } = parseList();
    if (end === null) throw problem(lastLine(source), 'unexpected EOF');
    if (end.word === 'end') return { type, pipeline, body, otherwise: [] };
    // `{{else if …}}` is an if of its own that shares the end.
    const next = end.tokens[1]?.type === 'word' ? end.tokens[1].text : '';
    if (next === 'if' || next === 'with') {
      const inner = parseControl(next, parsePipeline(new Reader(end.tokens.slice(2), end.line)), end.line);
      return { type, pipeline, body, otherwise: [inner] };
    }
    return { type, pipeline, body, otherwise: parseBody(line) };
  }
}

function missing(line: number): never {
  throw problem(line, 'missing value for command');
}

function problem(line: number, text: string): CommandError {
  return new CommandError(`template: output:${line}: ${text}`);
}

function lastLine(source: string): number {
  return source.split('\n').length;
}

/** Cuts at the braces; `{{-` and `-}}` take the blanks beside them along, comments go. */
function split(source: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let trim = false;
  const lineAt = (index: number) => lastLine(source.slice(0, index));
  for (;;) {
    const open = source.indexOf('{{', at);
    let text = source.slice(at, open < 0 ? undefined : open);
    if (trim) text = text.trimStart();
    if (open < 0) {
      pieces.push({ text });
      return pieces;
    }
    let start = open + 2;
    if (/^-\s/.test(source.slice(start, start + 2))) {
      text = text.trimEnd();
      start += 1;
    }
    pieces.push({ text });
    const close = findClose(source, start);
    if (close < 0) {
      const rest = source.slice(start);
      throw problem(lineAt(open), hasOpenString(rest) ? 'unterminated quoted string' : 'unclosed action');
    }
    let action = source.slice(start, close);
    trim = /\s-$/.test(action);
    if (trim) action = action.slice(0, -1);
    if (!/^\s*\/\*.*\*\/\s*$/s.test(action))
      pieces.push({ action, line: lineAt(open), column: start - 1 - source.lastIndexOf('\n', start - 1) });
    at = close + 2;
  }
}

/** Where the action ends; braces within strings do not count. */
function findClose(source: string, from: number): number {
  for (let at = from; at < source.length; at++) {
    const char = source[at];
    if (source.startsWith('}}', at)) return at;
    if (char === '`') at = source.indexOf('`', at + 1);
    else if (char === '"') {
      for (at++; at < source.length && source[at] !== '"'; at++) if (source[at] === '\\') at++;
    }
    if (at < 0) return -1;
  }
  return -1;
}

/** Whether a string within an action is not closed: that is told rather than the missing braces. */
function hasOpenString(action: string): boolean {
  return (action.replace(/\\./g, '').match(/"/g) ?? []).length % 2 === 1;
}

const TOKEN =
  /(\s*)(?:(:=|[=|(),])|("(?:[^"\\]|\\.)*"|`[^`]*`|'(?:[^'\\]|\\.)*')|([-+]?(?:0x[\da-fA-F]+|\d[\d_]*(?:\.\d+)?(?:[eE][-+]?\d+)?))|(\$[\p{L}\p{N}_]*)|(\.[\p{L}\p{N}_]+|\.)|([\p{L}_][\p{L}\p{N}_]*))/uy;

function tokenize(action: string, line: number, start: number): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < action.length) {
    const { lastIndex } = TOKEN;
    if (action.slice(lastIndex).trim() === '') break;
    const match = TOKEN.exec(action);
    if (!match) {
      const char = action.slice(lastIndex).trim()[0] ?? '';
      throw problem(
        line,
        char === '"' ? 'unterminated quoted string' : `unexpected ${JSON.stringify(char)} in command`,
      );
    }
    const [, blank = '', symbol, string, number, variable, field, word] = match;
    const spaced = blank !== '';
    const column = start + lastIndex + blank.length;
    if (symbol !== undefined) tokens.push({ type: 'symbol', text: symbol, spaced, column });
    else if (string !== undefined) tokens.push({ type: 'string', text: unquote(string), spaced, column });
    else if (number !== undefined) tokens.push({ type: 'number', text: number, spaced, column });
    else if (variable !== undefined) tokens.push({ type: 'variable', text: variable, spaced, column });
    else if (field !== undefined) tokens.push({ type: 'field', text: field, spaced, column });
    else tokens.push({ type: 'word', text: word ?? '', spaced, column });
  }
  tokens.push({ type: 'end', text: '', spaced: true, column: 0 });
  return tokens;
}

function unquote(text: string): string {
  const body = text.slice(1, -1);
  if (text.startsWith('`')) return body;
  const known: Record<string, string> = { n: '\n', t: '\t', r: '\r' };
  return body.replace(/\\(u[\da-fA-F]{4}|x[\da-fA-F]{2}|.)/g, (_, escape: string) =>
    escape.length > 1 ? String.fromCharCode(Number.parseInt(escape.slice(1), 16)) : (known[escape] ?? escape),
  );
}

class Reader {
  readonly #tokens: readonly Token[];
  readonly line: number;
  #at = 0;

  constructor(tokens: readonly Token[], line: number) {
    this.#tokens = tokens;
    this.line = line;
  }

  peek(ahead = 0): Token {
    return this.#tokens[this.#at + ahead] ?? { type: 'end', text: '', spaced: true, column: 0 };
  }

  next(): Token {
    const token = this.peek();
    this.#at++;
    return token;
  }

  is(symbol: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.type === 'symbol' && token.text === symbol;
  }
}

function parsePipeline(reader: Reader): Pipeline {
  const variables: string[] = [];
  let assigns = false;
  if (reader.peek().type === 'variable') {
    const pair = reader.is(',', 1) && reader.peek(2).type === 'variable';
    const operator = reader.peek(pair ? 3 : 1);
    if (operator.type === 'symbol' && (operator.text === ':=' || operator.text === '=')) {
      variables.push(reader.next().text);
      if (pair) {
        reader.next();
        variables.push(reader.next().text);
      }
      assigns = reader.next().text === '=';
    }
  }
  const commands = [parseCommand(reader)];
  while (reader.is('|')) {
    reader.next();
    commands.push(parseCommand(reader));
  }
  return { variables, assigns, commands };
}

function parseCommand(reader: Reader): TemplateCommand {
  const operands: Operand[] = [];
  const words: string[] = [];
  const at = `${reader.line}:${reader.peek().column}`;
  for (;;) {
    const { type, text } = reader.peek();
    if (type === 'end' || reader.is('|') || reader.is(')')) break;
    const operand = parseOperand(reader);
    operands.push(operand);
    words.push(operand.type === 'field' ? operand.source : type === 'string' ? JSON.stringify(text) : text);
  }
  if (operands.length === 0) throw problem(reader.line, 'missing value for command');
  return { operands, at, source: words.join(' ') };
}

function parseOperand(reader: Reader): Operand {
  const token = reader.next();
  switch (token.type) {
    case 'string':
      return { type: 'value', value: token.text };
    case 'number':
      return { type: 'value', value: Number(token.text.replaceAll('_', '')) };
    case 'variable':
      return { type: 'variable', name: token.text, path: parsePath(reader) };
    case 'field':
      if (token.text === '.') return { type: 'dot' };
      return parseFieldOperand(token, reader);
    case 'word':
      if (token.text === 'true' || token.text === 'false') return { type: 'value', value: token.text === 'true' };
      if (token.text === 'nil') return { type: 'value', value: null };
      if (!FUNCTIONS.has(token.text)) throw problem(reader.line, `function ${JSON.stringify(token.text)} not defined`);
      return { type: 'function', name: token.text };
    default:
      if (token.type === 'symbol' && token.text === '(') {
        const pipeline = parsePipeline(reader);
        if (!reader.is(')')) throw problem(reader.line, 'unclosed left paren');
        reader.next();
        return { type: 'pipeline', pipeline, path: parsePath(reader) };
      }
      throw problem(reader.line, `unexpected ${JSON.stringify(token.text)} in operand`);
  }
}

function parseFieldOperand(first: Token, reader: Reader): Operand {
  // text/template names the position of the second field of a chain, where its parser begins the chain.
  const second = reader.peek();
  const chained = second.type === 'field' && !second.spaced && second.text !== '.';
  const path = [first.text.slice(1), ...parsePath(reader)];
  const at = `${reader.line}:${chained ? second.column : first.column}`;
  return { type: 'field', path, source: `.${path.join('.')}`, at };
}

function parsePath(reader: Reader): string[] {
  const path: string[] = [];
  for (
    let token = reader.peek();
    token.type === 'field' && !token.spaced && token.text !== '.';
    token = reader.peek()
  ) {
    path.push(reader.next().text.slice(1));
  }
  return path;
}

export const FUNCTIONS = new Set([
  'and',
  'base64decode',
  'eq',
  'exists',
  'ge',
  'gt',
  'html',
  'index',
  'js',
  'le',
  'len',
  'lt',
  'ne',
  'not',
  'or',
  'print',
  'printf',
  'println',
  'slice',
  'urlquery',
]);
