/** The mistakes that the reader of a message can mend. Printed without a stack; everything else is our bug. */
export type UserErrorCode =
  | 'BAD_ARGUMENTS'
  | 'PORT_TAKEN'
  | 'ADDRESS_UNAVAILABLE'
  | 'LESSONS_NOT_FOUND'
  | 'NO_TEMPORARY_FOLDER'
  | 'MANIFEST_INVALID'
  | 'FILES_UNREADABLE'
  | 'TOO_MANY_SESSIONS'
  | 'KUBECONFIG_UNUSABLE'
  | 'CLUSTER_NOT_CHOSEN'
  | 'CLUSTER_UNREACHABLE'
  | 'NAMESPACE_TAKEN'
  | 'COMMAND_NOT_FOUND';

export class UserError extends Error {
  override name = 'UserError';
  readonly code: UserErrorCode;

  constructor(code: UserErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A mistake in a file, which keeps a lesson from starting. Its message begins with `file:line: `. */
export class FileError extends UserError {
  override name = 'FileError';
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** The message without the place. */
  readonly what: string;

  constructor(code: UserErrorCode, place: { file: string; line: number }, what: string, options?: ErrorOptions) {
    super(code, `${place.file}:${place.line}: ${what}`, options);
    this.file = place.file;
    this.line = place.line;
    this.what = what;
  }
}
