import { parseArgs, type ParseArgsConfig } from 'node:util';
import { UserError } from '../errors.ts';

/**
 * `util.parseArgs` whose complaints are for the reader.
 * @throws UserError BAD_ARGUMENTS
 */
export function readArguments<T extends ParseArgsConfig>(command: string, config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new UserError('BAD_ARGUMENTS', `${command}: ${(error as Error).message}. See taller --help.`, {
      cause: error,
    });
  }
}
