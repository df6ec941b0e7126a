import type { Command, Word } from '../ast.ts';
import type { CommandReader } from './command-reader.ts';
import { readRedirects } from './redirects.ts';
import { isPlain, plainText } from './token.ts';
import type { TokenStream } from './token-stream.ts';
import { readArithmetic } from './words.ts';

/** `((`, with the first parenthesis looked at; null when it opens a subshell in a subshell. */
export function readDoubleParenthesis(tokens: TokenStream): Word | null {
  const start = tokens.cursor.position;
  // As if a dollar stood before it.
  tokens.cursor.position -= 2;
  const arithmetic = readArithmetic(tokens.cursor, true);
  if (arithmetic?.kind !== 'arithmetic') {
    tokens.cursor.position = start;
    return null;
  }
  tokens.forget();
  return arithmetic.expression;
}

/** The three expressions of a counting `for`. */
export function splitAtSemicolons(expression: Word): Word[] {
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
  return parts;
}

/** `[[ … ]]`: words that are not split, and operators; `conditional.ts` reads them. */
export function readConditional(tokens: TokenStream): Command {
  const { line } = tokens.next();
  const items: (Word | string)[] = [];
  for (;;) {
    // A regular expression has parentheses and bars of its own.
    const isPattern = items.at(-1) !== undefined && plainText(items.at(-1)) === '=~';
    const token = isPattern ? tokens.patternToken() : tokens.next();
    if (token.kind === 'end') tokens.fail(token, '"]]"');
    if (token.kind === 'newline') continue;
    if (token.kind !== 'word') items.push(token.text);
    else if (token.text === ']]' && isPlain(token.word)) {
      return { kind: 'conditional', items, line, redirects: readRedirects(tokens) };
    } else items.push(token.word);
  }
}

/** `function name`, with or without parentheses. */
export function readFunction(commands: CommandReader): Command {
  const { tokens } = commands;
  tokens.next();
  const name = tokens.name();
  if (tokens.isOperator('(')) {
    tokens.next();
    tokens.expectOperator(')');
  }
  tokens.skipNewlines();
  return { kind: 'function', name, body: commands.command() };
}

/** `time`, before a pipeline or alone. */
export function readTimed(tokens: TokenStream, pipeline: () => Command): Command {
  tokens.next();
  if (tokens.isReserved('-p')) tokens.next();
  const token = tokens.peek();
  const bare = token.kind !== 'word' && !(token.kind === 'operator' && token.text === '(');
  return { kind: 'timed', command: bare ? { kind: 'group', body: [], redirects: [] } : pipeline() };
}

/** `|&`: errors go the way of the output. */
export function withErrors(command: Command | undefined): void {
  const target: Word = [{ kind: 'text', text: '1', quoted: false }];
  if (command !== undefined && 'redirects' in command) {
    command.redirects.push({ kind: 'duplicate', descriptor: 2, operator: '>&', target });
  }
}
