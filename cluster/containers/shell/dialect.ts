import { FileError } from '../files/file-system.ts';
import type { SyntaxProblem } from './parsing/syntax-error.ts';

/** Whose messages a shell prints: BusyBox, Debian's `sh`, or bash. */
export type Dialect = 'ash' | 'dash' | 'bash';

export interface MessageContext {
  dialect: Dialect;
  /** `$0`. */
  name: string;
  line: number;
  interactive: boolean;
  /** Whether it runs a script file. */
  script: boolean;
}

/** `sh: 1: text` with what the dialect puts before its messages. */
export function shellMessage(context: MessageContext, text: string): string {
  switch (context.dialect) {
    case 'ash':
      return `${context.name}: ${context.script ? `line ${context.line}: ` : ''}${text}\n`;
    case 'dash':
      return `${context.name}: ${context.line}: ${text}\n`;
    case 'bash':
      return `${context.name}: ${context.interactive ? '' : `line ${context.line}: `}${text}\n`;
    default: {
      const never: never = context.dialect;
      return never;
    }
  }
}

/** What a command of the shell itself says; BusyBox counts the lines of `-c` from 0. */
export function builtinMessage(context: MessageContext, builtin: string, text: string): string {
  if (context.dialect !== 'ash') return shellMessage(context, `${builtin}: ${text}`);
  const line = context.script ? context.line : context.line - 1;
  return `${context.name}: ${builtin}: ${context.interactive ? '' : `line ${line}: `}${text}\n`;
}

export function notFound(context: MessageContext, command: string): string {
  if (context.dialect !== 'bash') return shellMessage(context, `${command}: not found`);
  return shellMessage(
    context,
    `${command}: ${command.includes('/') ? 'No such file or directory' : 'command not found'}`,
  );
}

/** Where a source that does not parse came from. */
export interface SourceText {
  text: string;
  /** What stands before bash's messages: `-c` or `eval`. */
  origin: '-c' | 'eval' | null;
}

export function syntaxError(context: MessageContext, problem: SyntaxProblem, source: SourceText): string {
  if (problem.kind === 'not-simulated') return shellMessage(context, `${problem.what} not simulated here`);
  if (context.dialect === 'bash') return bashSyntaxError(context, problem, source);
  const prefix = source.origin === 'eval' ? 'eval: ' : '';
  if (context.dialect === 'dash') {
    return shellMessage(
      context,
      `${prefix}Syntax error: ${problemText(problem, (what, after) => `${what} unexpected${after}`)}`,
    );
  }
  const text = `syntax error: ${problemText(problem, (what, after) => `unexpected ${what}${after}`).replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase())}`;
  return source.origin === 'eval' ? builtinMessage(context, 'eval', text) : shellMessage(context, text);
}

/** The same words in dash and BusyBox, in another order. */
function problemText(
  problem: Exclude<SyntaxProblem, { kind: 'not-simulated' }>,
  unexpected: (what: string, after: string) => string,
): string {
  switch (problem.kind) {
    case 'bad-function-name':
      return 'Bad function name';
    case 'bad-loop-variable':
      return 'Bad for loop variable';
    case 'unterminated':
      if (problem.closing === '`') return 'EOF in backquote substitution';
      return /['"]/.test(problem.closing) ? 'Unterminated quoted string' : `Missing '${problem.closing}'`;
    case 'unexpected': {
      const { token, text, expected } = problem;
      const what =
        token === 'end'
          ? 'end of file'
          : token === 'newline' || token === 'word'
            ? token
            : /[<>]/.test(text) || token === 'io-number'
              ? 'redirection'
              : `"${text}"`;
      return unexpected(what, expected === null ? '' : ` (expecting ${expected})`);
    }
    default: {
      const never: never = problem;
      return never;
    }
  }
}

function bashSyntaxError(
  context: MessageContext,
  problem: Exclude<SyntaxProblem, { kind: 'not-simulated' }>,
  { text, origin }: SourceText,
): string {
  const at = (line: number, message: string): string => {
    if (origin === 'eval') return `${context.name}: eval: line ${line}: ${message}\n`;
    return shellMessage({ ...context, line, name: origin === '-c' ? `${context.name}: -c` : context.name }, message);
  };
  switch (problem.kind) {
    case 'bad-function-name':
      return shellMessage(context, 'not a valid identifier');
    case 'bad-loop-variable':
      return shellMessage(context, `\`${problem.name}': not a valid identifier`);
    case 'unterminated':
      return at(context.line, `unexpected EOF while looking for matching \`${problem.closing.slice(0, 1)}'`);
    case 'unexpected': {
      const ends = problem.token === 'end' && problem.expected !== 'word';
      if (ends) return at(context.line + 1, 'syntax error: unexpected end of file');
      const token = problem.token === 'end' || problem.token === 'newline' ? 'newline' : problem.text;
      const first = at(context.line, `syntax error near unexpected token \`${token}'`);
      if (context.interactive) return first;
      return first + at(context.line, `\`${text.split('\n')[context.line - 1] ?? ''}'`);
    }
    default: {
      const never: never = problem;
      return never;
    }
  }
}

/** A redirection whose file cannot be used. */
export function redirectError(context: MessageContext, path: string, writing: boolean, error: unknown): string {
  if (!(error instanceof FileError)) throw error;
  if (context.dialect === 'bash') {
    const reason = error.code === 'EEXIST' ? 'cannot overwrite existing file' : error.message;
    return shellMessage(context, `${path}: ${reason}`);
  }
  if (context.dialect === 'ash') {
    const reason = error.code === 'ENOENT' ? (writing ? 'nonexistent directory' : 'no such file') : error.message;
    return shellMessage(context, `can't ${writing ? 'create' : 'open'} ${path}: ${reason}`);
  }
  const reason = error.code === 'ENOENT' ? (writing ? 'Directory nonexistent' : 'No such file') : error.message;
  return shellMessage(context, `cannot ${writing ? 'create' : 'open'} ${path}: ${reason}`);
}

export function changeDirectoryError(context: MessageContext, path: string, error: FileError): string {
  switch (context.dialect) {
    case 'ash':
      return builtinMessage(context, 'cd', `can't cd to ${path}: ${error.message}`);
    case 'dash':
      return builtinMessage(context, 'cd', `can't cd to ${path}`);
    case 'bash':
      return builtinMessage(context, 'cd', `${path}: ${error.message}`);
    default: {
      const never: never = context.dialect;
      return never;
    }
  }
}
