/** What the API server sends with an error. */
export interface Status {
  kind: 'Status';
  message?: string;
  reason?: string;
  code?: number;
  details?: StatusDetails;
}

export interface StatusDetails {
  name?: string;
  kind?: string;
  group?: string;
  causes?: { reason?: string; message?: string; field?: string }[];
}

/** Ends the command; `message` is printed as it is, with "error: " before it when it has none. */
export class CommandError extends Error {
  override name = 'CommandError';
  /** Exit status, 1 to 255. */
  readonly exitCode: number;
  /** Printed on stdout before: what upstream shows of a template that failed. */
  readonly output: string;
  constructor(message: string, exitCode = 1, output = '') {
    super(message);
    this.exitCode = exitCode;
    this.output = output;
  }
}

/** A mistake in the command line; the hint to the command's help follows the message. */
export class UsageError extends CommandError {
  override name = 'UsageError';
}

/** Text that is printed without "error: ". */
export class PlainError extends CommandError {
  override name = 'PlainError';
}

/** Several errors of one run, in order. */
export class ManyErrors extends Error {
  override name = 'ManyErrors';
  readonly errors: readonly unknown[];
  constructor(errors: readonly unknown[]) {
    super('several errors');
    this.errors = errors;
  }
}

/** The API server refused a request. */
export class StatusError extends Error {
  override name = 'StatusError';
  readonly status: Status;
  constructor(status: Status) {
    super(status.message ?? '');
    this.status = status;
  }
  get reason(): string {
    return this.status.reason ?? '';
  }
}

/** The API server could not be reached. */
export class ConnectionError extends Error {
  override name = 'ConnectionError';
  readonly refused: boolean;
  readonly host: string;
  constructor(host: string, refused: boolean, message: string) {
    super(message);
    this.host = host;
    this.refused = refused;
  }
}

export function isNotFound(error: unknown): boolean {
  return error instanceof StatusError && error.reason === 'NotFound';
}

/** Says in the error which file an object came from, as `error when creating "FILE": …`. */
export function addSource(error: unknown, verb: string, source: string | undefined): unknown {
  if (source === undefined) return error;
  const text = (message: string) => `error when ${verb} ${JSON.stringify(source)}: ${message}`;
  if (error instanceof StatusError) {
    return new StatusError({ ...error.status, message: text(error.status.message ?? '') });
  }
  if (error instanceof CommandError) return new CommandError(text(error.message), error.exitCode);
  return error;
}

/** What is printed on stdout before an error; mostly nothing. */
export function outputOf(error: unknown): string {
  if (error instanceof ManyErrors) return error.errors.map(outputOf).join('');
  return error instanceof CommandError ? error.output : '';
}

/**
 * What is printed on stderr for an error, and the exit status.
 * kubectl 1.36, k8s.io/kubectl/pkg/cmd/util/helpers.go, checkErr.
 * @throws error itself when it is none of ours: then it is a defect and its stack must show.
 */
export function explainError(error: unknown): { text: string; exitCode: number } {
  if (error instanceof ManyErrors) {
    const [first] = error.errors;
    if (error.errors.length === 1) return explainError(first);
    return { text: error.errors.map((each) => `${plainMessage(each)}\n`).join(''), exitCode: 1 };
  }
  if (error instanceof StatusError && error.reason === 'Invalid') {
    return { text: ensureNewline(explainInvalid(error.status)), exitCode: 1 };
  }
  const standard = standardMessage(error);
  if (standard !== null) return { text: ensureNewline(standard), exitCode: 1 };
  if (error instanceof PlainError) return { text: ensureNewline(error.message), exitCode: error.exitCode };
  if (error instanceof CommandError) {
    const prefix = error.message.startsWith('error: ') ? '' : 'error: ';
    return { text: ensureNewline(prefix + error.message), exitCode: error.exitCode };
  }
  throw error;
}

/** One line of a list of errors, which has no "error: ". */
function plainMessage(error: unknown): string {
  return standardMessage(error) ?? (error instanceof Error ? error.message : String(error));
}

function standardMessage(error: unknown): string | null {
  if (error instanceof StatusError) {
    const { reason, message = '' } = error.status;
    if (reason === 'Unauthorized') return `error: You must be logged in to the server (${message})`;
    return reason ? `Error from server (${reason}): ${message}` : `Error from server: ${message}`;
  }
  if (error instanceof ConnectionError) {
    return error.refused
      ? `The connection to the server ${error.host} was refused - did you specify the right host or port?`
      : `Unable to connect to the server: ${error.message}`;
  }
  return null;
}

function explainInvalid(status: Status): string {
  const { details, message = '' } = status;
  let text = 'The request is invalid';
  if (!details) return message === '' ? text : `${text}: ${message}`;
  const causes = details.causes ?? [];
  if (details.kind || details.name) text = `The ${details.kind ?? ''} "${details.name ?? ''}" is invalid`;
  else if (message !== '' && causes.length === 0) text += `: ${message}`;
  if (causes.length === 0) return text;
  const lines = [...new Set(causes.map((cause) => (cause.field ? `${cause.field}: ` : '') + (cause.message ?? '')))];
  // util.MultilineError ends even a line that ends itself, as the comparison of two pod specs does.
  return lines.length === 1 ? `${text}: ${lines[0]}\n` : `${text}: \n${lines.map((line) => `* ${line}\n`).join('')}`;
}

function ensureNewline(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
