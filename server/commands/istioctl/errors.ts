import { CommandError, ConnectionError, StatusError } from '../kubectl/errors.ts';
import type { Release } from './release.ts';

/** istioctl/cmd/sysexits.go */
const EXIT_USAGE = 64;
const EXIT_DATA = 65;
const EXIT_ANALYZER_FOUND_ISSUES = 79;

/** A mistake in the command line. */
export class ParseError extends CommandError {
  override name = 'ParseError';
  constructor(message: string) {
    super(message, EXIT_USAGE);
  }
}

/** A file that cannot be read as what it should be. */
export class DataError extends CommandError {
  override name = 'DataError';
  constructor(message: string) {
    super(message, EXIT_DATA);
  }
}

/** `analyze` has found something that is bad enough. */
export class FoundIssues extends CommandError {
  override name = 'FoundIssues';
  constructor(message: string) {
    super(message, EXIT_ANALYZER_FOUND_ISSUES);
  }
}

/** What client-go's errors say, without the words that kubectl puts before them. */
export function messageOf(error: unknown): string {
  if (error instanceof StatusError) return error.status.message ?? 'unknown';
  if (error instanceof ConnectionError) {
    const reason = error.refused ? `dial tcp ${error.host}: connect: connection refused` : error.message;
    return error.refused ? `Get "http://${error.host}": ${reason}` : reason;
  }
  if (error instanceof CommandError) return error.message;
  throw error;
}

/**
 * What cobra prints on stderr, and the exit status: up to 1.4 Go's -1 for any error.
 * @throws error itself when it is none of ours: then it is a defect and its stack must show.
 */
export function explainError(error: unknown, { minor }: Release): { text: string; exitCode: number } {
  const own = error instanceof CommandError ? error.exitCode : 1;
  return { text: `Error: ${messageOf(error)}\n`, exitCode: minor < 5 ? 255 : own };
}
