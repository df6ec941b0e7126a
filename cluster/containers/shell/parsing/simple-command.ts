import type { Command, SimpleCommand } from '../ast.ts';
import type { CommandReader } from './command-reader.ts';
import { readRedirect } from './redirects.ts';
import { ShellSyntaxError } from './syntax-error.ts';
import { isPlain, type Token } from './token.ts';

/** A simple command, or a function that is named as one. */
export function readSimple(commands: CommandReader): Command {
  const { tokens } = commands;
  const command: SimpleCommand = {
    kind: 'simple',
    assignments: [],
    words: [],
    redirects: [],
    line: tokens.peek().line,
  };
  for (;;) {
    const redirect = readRedirect(tokens);
    if (redirect !== null) {
      command.redirects.push(redirect);
      continue;
    }
    const token = tokens.peek();
    if (token.kind !== 'word') break;
    tokens.next();
    if (command.words.length === 0 && token.assignment !== null) {
      if (tokens.cursor.dialect === 'bash' && token.text.endsWith('=') && tokens.isOperator('('))
        tokens.cursor.notSimulated('arrays are');
      command.assignments.push(token.assignment);
      continue;
    }
    command.words.push(token.word);
    if (command.words.length === 1 && command.assignments.length === 0 && tokens.isOperator('(')) {
      return readFunctionBehindName(commands, token, command.redirects.length > 0);
    }
  }
  if (command.words.length + command.assignments.length + command.redirects.length === 0) tokens.fail(tokens.peek());
  return command;
}

/** `name() …`, at its parenthesis. */
function readFunctionBehindName(
  commands: CommandReader,
  token: Token & { kind: 'word' },
  hasRedirects: boolean,
): Command {
  const { tokens } = commands;
  if (/[^\w.]/.test(token.text) && isPlain(token.word) && tokens.cursor.dialect !== 'bash') {
    throw new ShellSyntaxError({ kind: 'bad-function-name' }, token.line);
  }
  if (!isPlain(token.word) || hasRedirects) tokens.fail(tokens.peek());
  tokens.next();
  const closing = tokens.peek();
  if (closing.kind === 'word') {
    // No word is reserved here.
    const problem = { kind: 'unexpected', token: 'word', text: closing.text, expected: '")"' } as const;
    throw new ShellSyntaxError(problem, closing.line);
  }
  tokens.expectOperator(')');
  tokens.skipNewlines();
  return { kind: 'function', name: token.text, body: commands.command() };
}
