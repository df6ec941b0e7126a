import type { Process } from '../process/process.ts';

/** Options of a command line, read as getopt reads them. */
export interface ParsedOptions {
  /** By short letter or long name; the last value, or '' for a flag. */
  options: Map<string, string>;
  operands: string[];
  /** All values of an option that may be given more than once. */
  all(letter: string): string[];
}

/** The command line is wrong; the message is printed already as the tool would. Carries the exit status. */
export class UsageError extends Error {
  override name = 'UsageError';
  readonly status: number;
  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

export function isGnu(process: Process): boolean {
  return process.container.image.userland === 'gnu';
}

/** The name that the tool calls itself in messages. */
export function toolName(process: Process): string {
  return (process.args[0] ?? '').split('/').at(-1) ?? '';
}

/**
 * @param short letters as for getopt(3): a colon after those that take a value.
 * @param long long names with the short letter that they mean; a name that ends in `=` takes a value.
 * @throws UsageError for an option that the tool has not.
 */
export function parseOptions(
  process: Process,
  short: string,
  { long = {}, status = 1 }: { long?: Readonly<Record<string, string>>; status?: number } = {},
): ParsedOptions {
  const options = new Map<string, string>();
  const operands: string[] = [];
  const values: [string, string][] = [];
  const set = (letter: string, value: string): void => {
    options.set(letter, value);
    values.push([letter, value]);
  };
  const name = toolName(process);
  const fail = (option: string, kind: 'unknown' | 'value'): never => {
    const isLong = option.length > 1;
    const text = isGnu(process)
      ? kind === 'unknown'
        ? isLong
          ? `unrecognized option '--${option}'`
          : `invalid option -- '${option}'`
        : `option requires an argument -- '${option}'`
      : kind === 'unknown'
        ? `unrecognized option: ${option}`
        : `option requires an argument: ${option}`;
    const more = isGnu(process) ? `\nTry '${name} --help' for more information.` : '';
    throw new UsageError(`${name}: ${text}${more}\n`, status);
  };
  const args = process.args.slice(1);
  while (args.length > 0) {
    const arg = args.shift() ?? '';
    if (arg === '--') {
      operands.push(...args);
      break;
    }
    if (arg.startsWith('--')) {
      const [word = '', value] = arg.slice(2).split(/=(.*)/s);
      if (long[word] !== undefined) set(long[word], value ?? '');
      else if (long[`${word}=`] !== undefined) set(long[`${word}=`] ?? '', value ?? args.shift() ?? '');
      else fail(word, 'unknown');
      continue;
    }
    if (!arg.startsWith('-') || arg === '-') {
      operands.push(arg);
      continue;
    }
    for (let index = 1; index < arg.length; index += 1) {
      const letter = arg[index] ?? '';
      const at = letter === ':' ? -1 : short.indexOf(letter);
      if (at === -1) fail(letter, 'unknown');
      if (short[at + 1] !== ':') {
        set(letter, '');
        continue;
      }
      const rest = arg.slice(index + 1);
      if (rest === '' && args.length === 0) fail(letter, 'value');
      set(letter, rest === '' ? (args.shift() ?? '') : rest);
      break;
    }
  }
  const all = (letter: string): string[] => values.filter(([each]) => each === letter).map(([, value]) => value);
  return { options, operands, all };
}
