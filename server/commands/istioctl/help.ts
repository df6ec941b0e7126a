import { CommandError } from '../kubectl/errors.ts';
import { bareValue, type FlagSpec } from '../kubectl/flags.ts';
import { isIn, type Invocation } from './command.ts';
import { GLOBAL_FLAGS } from './global-flags.ts';
import type { Found } from './program.ts';
import type { Release } from './release.ts';

/** Help in cobra's layout, in words of our own. */
export function renderHelp(found: Found, release: Release): string {
  return `${found.command.long ?? found.entry?.short ?? ''}\n\n${renderUsage(found, release)}`;
}

/** The part of it that begins with `Usage:`. */
export function renderUsage({ path, entry, command }: Omit<Found, 'rest'>, release: Release): string {
  const parts: string[] = [];
  const lines = [
    ...(command.run ? [`  ${[path, command.usage, '[flags]'].filter(Boolean).join(' ')}`] : []),
    ...(command.subcommands ? [`  ${path} [command]`] : []),
  ];
  parts.push(`Usage:\n${lines.join('\n')}`);
  if (entry?.aliases && entry.aliases.length > 0) {
    parts.push(`Aliases:\n  ${[entry.name, ...entry.aliases].join(', ')}`);
  }
  if (command.examples) parts.push(`Examples:\n${command.examples.map((line) => `  istioctl ${line}`).join('\n')}`);
  const entries = (command.subcommands ?? []).filter((each) => isIn(release, each) && each.hidden !== true);
  if (entries.length > 0) {
    const width = Math.max(11, ...entries.map(({ name }) => name.length));
    const listed = entries.map(
      ({ name, short, load }) => `  ${name.padEnd(width)} ${short}${load ? '' : ' (not simulated)'}`,
    );
    parts.push(`Available Commands:\n${listed.join('\n')}`);
  }
  const help: FlagSpec = { name: 'help', short: 'h', type: 'bool', usage: `help for ${path.split(' ').at(-1) ?? ''}` };
  const own = entry === null ? [...GLOBAL_FLAGS, help] : [...(command.flags ?? []), help];
  parts.push(`Flags:\n${renderFlags(own)}`);
  if (entry !== null) parts.push(`Global Flags:\n${renderFlags(GLOBAL_FLAGS)}`);
  if (entries.length > 0) parts.push(`Use "${path} [command] --help" for more information about a command.`);
  return `${parts.join('\n\n')}\n`;
}

/** A group that takes no other word than those of its subcommands. @throws CommandError */
export function refuseWords({ args: [word], io, path, command, release }: Invocation): Promise<number> {
  if (word !== undefined) return Promise.reject(new CommandError(`unknown subcommand ${JSON.stringify(word)}`));
  const entry = { name: path.split(' ').at(-1) ?? '', short: '' };
  io.stdout.write(renderHelp({ path, entry, command, rest: [] }, release));
  return Promise.resolve(0);
}

/** How a command is used, beside what is wrong. */
export function printUsage({ io, path, command, release }: Invocation): void {
  const name = path.split(' ').at(-1) ?? '';
  io.stderr.write(`${renderUsage({ path, entry: { name, short: '' }, command }, release)}\n`);
}

/** pflag's layout: `  -o, --output string   Output format (default "short")`. */
export function renderFlags(flags: readonly FlagSpec[]): string {
  const rows = flags
    .filter(({ hidden }) => hidden !== true)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((flag) => {
      const type = bareValue(flag) === undefined ? ` ${TYPES[flag.type]}` : '';
      const left = `${flag.short ? `  -${flag.short}, ` : '      '}--${flag.name}${type}`;
      return { left, right: `${flag.usage}${renderDefault(flag)}` };
    });
  const width = Math.max(...rows.map(({ left }) => left.length)) + 3;
  return rows.map(({ left, right }) => left.padEnd(width) + right).join('\n');
}

const TYPES = { string: 'string', bool: 'bool', int: 'int', duration: 'duration', list: 'stringArray', csv: 'strings' };

function renderDefault({ type, default: value }: FlagSpec): string {
  if (value === undefined || value === '' || value === 'false' || value === '0') return '';
  return type === 'string' ? ` (default "${value}")` : ` (default ${value})`;
}
