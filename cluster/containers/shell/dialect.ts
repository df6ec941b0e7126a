import { FileError } from '../files/file-system.ts';

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

export function notFound(context: MessageContext, command: string): string {
  if (context.dialect !== 'bash') return shellMessage(context, `${command}: not found`);
  return shellMessage(
    context,
    `${command}: ${command.includes('/') ? 'No such file or directory' : 'command not found'}`,
  );
}

export function syntaxError(context: MessageContext, token: string): string {
  switch (context.dialect) {
    case 'ash':
      return `${context.name}: ${context.script ? `line ${context.line}: ` : ''}syntax error: unexpected ${token === 'end of file' || token === 'newline' ? token : `"${token}"`}\n`;
    case 'dash':
      return shellMessage(
        context,
        `Syntax error: ${token === 'end of file' ? 'end of file' : token === 'newline' ? 'newline' : `"${token}"`} unexpected`,
      );
    case 'bash':
      return shellMessage(
        context,
        token === 'end of file'
          ? 'syntax error: unexpected end of file'
          : `syntax error near unexpected token \`${token}'`,
      );
    default: {
      const never: never = context.dialect;
      return never;
    }
  }
}

/** A redirection whose file cannot be used. */
export function redirectError(context: MessageContext, path: string, writing: boolean, error: unknown): string {
  if (!(error instanceof FileError)) throw error;
  if (context.dialect === 'bash') return shellMessage(context, `${path}: ${error.message}`);
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
      return shellMessage(context, `cd: can't cd to ${path}: ${error.message}`);
    case 'dash':
      return shellMessage(context, `cd: can't cd to ${path}`);
    case 'bash':
      return shellMessage(context, `cd: ${path}: ${error.message}`);
    default: {
      const never: never = context.dialect;
      return never;
    }
  }
}
