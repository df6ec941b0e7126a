/** The mistakes that the reader of a message can mend. Printed without a stack; everything else is our bug. */
export type UserErrorCode =
  | 'BAD_ARGUMENTS'
  | 'PORT_TAKEN'
  | 'ADDRESS_UNAVAILABLE'
  | 'LESSONS_NOT_FOUND'
  | 'MANIFEST_INVALID'
  | 'TOO_MANY_SESSIONS'
  | 'COMMAND_NOT_FOUND';

export class UserError extends Error {
  override name = 'UserError';
  readonly code: UserErrorCode;

  constructor(code: UserErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
