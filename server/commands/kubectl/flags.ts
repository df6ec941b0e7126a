import { CommandError } from './errors.ts';

/**
 * `list` may be given several times and keeps commas (pflag's stringArray); `csv` splits at commas (stringSlice).
 * `duration` is Go's, as `1m30s`; its value is kept as milliseconds by {@link FlagValues.duration}.
 */
export type FlagType = 'string' | 'bool' | 'int' | 'duration' | 'list' | 'csv';

export interface FlagSpec {
  name: string;
  /** One letter. */
  short?: string;
  type: FlagType;
  /** As written on the command line. Default: '', false, 0, 0s, none. */
  default?: string;
  /** Value when the flag stands without one, as `--dry-run`. Such a flag takes a value only behind `=`. */
  bare?: string;
  usage: string;
  hidden?: boolean;
  /** Said on stderr when the flag is used. */
  deprecated?: string;
  required?: boolean;
}

const NANOSECONDS: Record<string, number> = { ns: 1, us: 1e3, µs: 1e3, μs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/** Flags and arguments as pflag reads them (github.com/spf13/pflag, flag.go). */
export class FlagValues {
  readonly #specs: ReadonlyMap<string, FlagSpec>;
  readonly #values = new Map<string, string[]>();

  constructor(specs: readonly FlagSpec[]) {
    this.#specs = new Map(specs.map((spec) => [spec.name, spec]));
  }

  /** The same without what was given for some flags. */
  without(names: ReadonlySet<string>): FlagValues {
    const copy = new FlagValues([...this.#specs.values()]);
    for (const [name, values] of this.#values) if (!names.has(name)) copy.#values.set(name, values);
    return copy;
  }

  has(name: string): boolean {
    return this.#specs.has(name);
  }

  /** Whether the flag stood on the command line. */
  changed(name: string): boolean {
    return this.#values.has(name);
  }

  /** The last value given, or the default. */
  string(name: string): string {
    const given = this.#values.get(name);
    return given?.at(-1) ?? this.#spec(name).default ?? '';
  }

  bool(name: string): boolean {
    return parseBool(this.string(name)) ?? false;
  }

  int(name: string): number {
    return Number(this.string(name) || '0');
  }

  /** Milliseconds. */
  duration(name: string): number {
    return parseDuration(this.string(name) || '0') ?? 0;
  }

  list(name: string): string[] {
    const spec = this.#spec(name);
    const given = this.#values.get(name) ?? (spec.default ? [spec.default] : []);
    return spec.type === 'csv' ? given.flatMap((value) => (value === '' ? [] : value.split(','))) : [...given];
  }

  /** @throws CommandError in pflag's words when the value does not fit the type. */
  set(name: string, value: string): void {
    const spec = this.#spec(name);
    const problem = checkValue(spec.type, value);
    if (problem !== null) {
      const flag = spec.short ? `-${spec.short}, --${name}` : `--${name}`;
      throw new CommandError(`invalid argument ${quoteGo(value)} for ${quoteGo(flag)} flag: ${problem}`);
    }
    this.#values.set(name, [...(this.#values.get(name) ?? []), value]);
  }

  #spec(name: string): FlagSpec {
    const spec = this.#specs.get(name);
    if (!spec) throw new Error(`flag --${name} is read but not declared`);
    return spec;
  }
}

export interface ParsedArguments {
  flags: FlagValues;
  args: string[];
  /** How many of `args` stood before `--`; -1 when there was none. */
  dash: number;
  /** `-h` or `--help` was given. */
  help: boolean;
}

/**
 * Reads a command line, flags anywhere among the arguments.
 * @throws CommandError in pflag's words.
 */
export function parseArguments(specs: readonly FlagSpec[], words: readonly string[]): ParsedArguments {
  const flags = new FlagValues(specs);
  const byName = new Map(specs.map((spec) => [spec.name, spec]));
  const byShort = new Map(specs.flatMap((spec) => (spec.short ? [[spec.short, spec] as const] : [])));
  const args: string[] = [];
  let help = false;

  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (!word.startsWith('-') || word === '-') {
      args.push(word);
    } else if (word === '--') {
      const dash = args.length;
      return { flags, args: [...args, ...words.slice(index + 1)], dash, help };
    } else if (word.startsWith('--')) {
      index = parseLong(word, index);
    } else {
      index = parseShort(word, index);
    }
  }
  return { flags, args, dash: -1, help };

  function parseLong(word: string, index: number): number {
    const body = word.slice(2);
    if (body.startsWith('-') || body.startsWith('=')) throw new CommandError(`bad flag syntax: ${word}`);
    const equals = body.indexOf('=');
    const name = equals < 0 ? body : body.slice(0, equals);
    const spec = byName.get(name);
    if (!spec) {
      if (name === 'help') {
        help = true;
        return index;
      }
      throw new CommandError(`unknown flag: --${name}`);
    }
    if (equals >= 0) flags.set(name, body.slice(equals + 1));
    else if (bareValue(spec) !== undefined) flags.set(name, bareValue(spec) ?? '');
    else if (index + 1 < words.length) flags.set(name, words[++index] ?? '');
    else throw new CommandError(`flag needs an argument: --${name}`);
    return index;
  }

  function parseShort(word: string, index: number): number {
    for (let at = 1; at < word.length; at++) {
      const letter = word[at] ?? '';
      const spec = byShort.get(letter);
      if (!spec) {
        if (letter === 'h') {
          help = true;
          return index;
        }
        throw new CommandError(`unknown shorthand flag: ${quoteRune(letter)} in -${word.slice(at)}`);
      }
      const rest = word.slice(at + 1);
      if (rest.length > 1 && rest.startsWith('=')) {
        flags.set(spec.name, rest.slice(1));
        return index;
      }
      const bare = bareValue(spec);
      if (bare !== undefined) {
        flags.set(spec.name, bare);
        continue;
      }
      if (rest !== '') flags.set(spec.name, rest);
      else if (index + 1 < words.length) flags.set(spec.name, words[++index] ?? '');
      else throw new CommandError(`flag needs an argument: ${quoteRune(letter)} in -${word.slice(at)}`);
      return index;
    }
    return index;
  }
}

export function bareValue(spec: FlagSpec): string | undefined {
  return spec.bare ?? (spec.type === 'bool' ? 'true' : undefined);
}

function checkValue(type: FlagType, value: string): string | null {
  if (type === 'bool' && parseBool(value) === null)
    return `strconv.ParseBool: parsing ${quoteGo(value)}: invalid syntax`;
  if (type === 'int' && !/^[+-]?\d+$/.test(value)) return `strconv.ParseInt: parsing ${quoteGo(value)}: invalid syntax`;
  if (type === 'duration' && parseDuration(value) === null) return durationProblem(value);
  return null;
}

function parseBool(value: string): boolean | null {
  if (/^(1|t|T|true|TRUE|True)$/.test(value)) return true;
  return /^(0|f|F|false|FALSE|False|)$/.test(value) ? false : null;
}

/** Go's time.ParseDuration. @returns milliseconds, null when it is none. */
export function parseDuration(text: string): number | null {
  const match = /^([+-]?)(.*)$/s.exec(text);
  const sign = match?.[1] === '-' ? -1 : 1;
  const body = match?.[2] ?? '';
  if (body === '0') return 0;
  if (!/^((\d+\.?\d*|\.\d+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h))+$/.test(body)) return null;
  let nanoseconds = 0;
  for (const [, amount, unit] of body.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/g)) {
    nanoseconds += Number(amount) * (NANOSECONDS[unit ?? ''] ?? 0);
  }
  return (sign * nanoseconds) / 1e6;
}

function durationProblem(value: string): string {
  if (/^[+-]?(\d+\.?\d*|\.\d+)$/.test(value)) return `time: missing unit in duration ${quoteGo(value)}`;
  const unknown = /^[+-]?(?:\d+\.?\d*|\.\d+)([^\d.]+)$/.exec(value)?.[1];
  if (unknown !== undefined) return `time: unknown unit ${quoteGo(unknown)} in duration ${quoteGo(value)}`;
  return `time: invalid duration ${quoteGo(value)}`;
}

/** Go's %q for ordinary text. */
export function quoteGo(text: string): string {
  return JSON.stringify(text);
}

function quoteRune(letter: string): string {
  return letter === "'" ? "'\\''" : `'${letter}'`;
}
