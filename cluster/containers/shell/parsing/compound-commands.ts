import type { Command, List, Word } from '../ast.ts';
import { readDoubleParenthesis, splitAtSemicolons } from './bash-commands.ts';
import type { CommandReader } from './command-reader.ts';
import { readRedirects } from './redirects.ts';
import { ShellSyntaxError } from './syntax-error.ts';

/** `{ …; }` */
export function readGroup(commands: CommandReader): Command {
  const { tokens } = commands;
  tokens.next();
  const body = commands.body();
  tokens.expectWord('}');
  return { kind: 'group', body, redirects: readRedirects(tokens) };
}

/** `( … )` */
export function readSubshell(commands: CommandReader): Command {
  const { tokens } = commands;
  tokens.next();
  const body = commands.body();
  tokens.expectOperator(')');
  return { kind: 'subshell', body, redirects: readRedirects(tokens) };
}

/** `if` */
export function readIf(commands: CommandReader): Command {
  const { tokens } = commands;
  tokens.next();
  const clauses: { condition: List; body: List }[] = [];
  let otherwise: List | null = null;
  for (;;) {
    const condition = commands.body();
    tokens.expectWord('then');
    clauses.push({ condition, body: commands.body() });
    if (tokens.isReserved('elif')) {
      tokens.next();
      continue;
    }
    if (tokens.isReserved('else')) {
      tokens.next();
      otherwise = commands.body();
    }
    tokens.expectWord('fi');
    return { kind: 'if', clauses, otherwise, redirects: readRedirects(tokens) };
  }
}

/** `while` and `until`. */
export function readLoop(commands: CommandReader, until: boolean): Command {
  const { tokens } = commands;
  tokens.next();
  const condition = commands.body();
  const body = readDoGroup(commands);
  return { kind: 'loop', until, condition, body, redirects: readRedirects(tokens) };
}

/** `for`, and of bash the counting one. */
export function readFor(commands: CommandReader): Command {
  const { tokens } = commands;
  tokens.next();
  if (
    tokens.cursor.dialect === 'bash' &&
    tokens.isOperator('(') &&
    tokens.cursor.source[tokens.cursor.position] === '('
  ) {
    const expression = readDoubleParenthesis(tokens);
    if (expression !== null) return readCountingFor(commands, expression);
  }
  const variable = tokens.next();
  if (variable.kind !== 'word' || !/^[A-Za-z_]\w*$/.test(variable.text)) {
    if (tokens.cursor.dialect === 'bash' && variable.kind !== 'word') tokens.missing(variable);
    throw new ShellSyntaxError({ kind: 'bad-loop-variable', name: variable.text }, variable.line);
  }
  const name = variable.text;
  let words: Word[] | null = null;
  tokens.skipNewlines();
  if (tokens.isReserved('in')) {
    tokens.next();
    words = [];
    for (let token = tokens.peek(); token.kind === 'word'; token = tokens.peek()) {
      words.push(token.word);
      tokens.next();
    }
    const end = tokens.peek();
    if (end.kind !== 'newline' && !tokens.isOperator(';')) tokens.fail(end);
  }
  if (tokens.isOperator(';')) tokens.next();
  const body = readDoGroup(commands);
  return { kind: 'for', name, words, body, redirects: readRedirects(tokens) };
}

/** `for ((i = 0; i < 3; i++))` */
function readCountingFor(commands: CommandReader, expression: Word): Command {
  const { tokens } = commands;
  const [start = [], condition = [], step = []] = splitAtSemicolons(expression);
  const { line } = tokens.cursor;
  if (tokens.isOperator(';')) tokens.next();
  const body = readDoGroup(commands);
  return { kind: 'counting-for', start, condition, step, line, body, redirects: readRedirects(tokens) };
}

/** `case` */
export function readCase(commands: CommandReader): Command {
  const { tokens } = commands;
  tokens.next();
  const subject = tokens.next();
  if (subject.kind !== 'word') commands.tokens.fail(subject, 'word');
  tokens.skipNewlines();
  tokens.expectWord('in');
  tokens.skipNewlines();
  const clauses: { patterns: Word[]; body: List }[] = [];
  while (!tokens.isReserved('esac')) {
    if (tokens.isOperator('(')) tokens.next();
    const patterns: Word[] = [];
    for (;;) {
      const pattern = tokens.next();
      if (pattern.kind !== 'word') commands.tokens.fail(pattern, '")"');
      patterns.push(pattern.word);
      if (!tokens.isOperator('|')) break;
      tokens.next();
    }
    tokens.expectOperator(')');
    const body = commands.list();
    clauses.push({ patterns, body });
    if (tokens.isOperator(';;')) tokens.next();
    else if (!tokens.isReserved('esac')) tokens.fail(tokens.peek(), '";;"');
    tokens.skipNewlines();
  }
  tokens.expectWord('esac');
  return { kind: 'case', word: subject.word, clauses, redirects: readRedirects(tokens) };
}

/** `do …; done` */
function readDoGroup(commands: CommandReader): List {
  const { tokens } = commands;
  tokens.skipNewlines();
  tokens.expectWord('do');
  const body = commands.body();
  tokens.expectWord('done');
  return body;
}
