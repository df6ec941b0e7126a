import { parseArgs, type ParseArgsConfig } from 'node:util';
import { UserError } from '../errors.ts';
import { didYouMean } from '../lessons/nearest.ts';

/**
 * `util.parseArgs` whose complaints are for the reader.
 * @throws UserError BAD_ARGUMENTS
 */
export function readArguments<T extends ParseArgsConfig>(command: string, config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    const { message } = error as Error;
    const unknown = /^Unknown option '(-[^']*)'/.exec(message)?.[1];
    const options = Object.keys(config.options ?? {}).map((name) => `--${name}`);
    // What Node adds about "--" helps nobody who has misspelt an option.
    const what = unknown === undefined ? `${message}.` : `unknown option "${unknown}".${didYouMean(unknown, options)}`;
    throw new UserError('BAD_ARGUMENTS', `${command}: ${what.replace(/\.\.$/, '.')} See taller --help.`, {
      cause: error,
    });
  }
}
