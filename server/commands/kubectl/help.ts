import type { Command, CommandEntry } from './command.ts';
import { bareValue, type FlagSpec } from './flags.ts';

/** Help in the layout of `kubectl COMMAND --help`, in words of our own. */
export function renderHelp(path: string, short: string, command: Command): string {
  const [program] = path.split(' ');
  const parts = [command.long ?? `${short}.`];
  if (command.examples) {
    parts.push(
      `Examples:\n${command.examples.map(([comment, line]) => `  # ${comment}\n  ${program} ${line}`).join('\n  \n')}`,
    );
  }
  if (command.subcommands) parts.push(`Available Commands:\n${renderEntries(command.subcommands)}`);
  const flags = (command.flags ?? []).filter((flag) => !flag.hidden);
  if (flags.length > 0) parts.push(`Options:\n${renderFlags(flags)}`);
  parts.push(`Usage:\n  ${path}${command.usage === '' ? '' : ` ${command.usage}`} [options]`);
  const hints = command.subcommands
    ? [`Use "${path} <command> --help" for more information about a given command.`]
    : [];
  hints.push(`Use "${program} options" for a list of global command-line options (applies to all commands).`);
  return `${parts.join('\n\n')}\n\n${hints.join('\n')}\n`;
}

export interface CommandGroup {
  title: string;
  entries: readonly CommandEntry[];
}

/** `kubectl --help`. */
export function renderRootHelp(program: string, groups: readonly CommandGroup[]): string {
  const intro = `${program} talks to the API server of a cluster, here the one that Taller simulates.`;
  const lists = groups.map((group) => `${group.title}:\n${renderEntries(group.entries)}`);
  return (
    [intro, ...lists, `Usage:\n  ${program} [flags] [options]`].join('\n\n') +
    `\n\nUse "${program} <command> --help" for more information about a given command.\n` +
    `Use "${program} options" for a list of global command-line options (applies to all commands).\n`
  );
}

export function renderGlobalOptions(flags: readonly FlagSpec[]): string {
  return `The following options can be passed to any command:\n\n${renderFlags(flags)}\n`;
}

function renderEntries(entries: readonly CommandEntry[]): string {
  const width = Math.max(13, ...entries.map((entry) => entry.name.length));
  return entries
    .map((entry) => `  ${entry.name.padEnd(width)} ${entry.short}${entry.load ? '' : ' (not simulated)'}`)
    .join('\n');
}

function renderFlags(flags: readonly FlagSpec[]): string {
  return [...flags]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((flag) => `    ${flag.short ? `-${flag.short}, ` : ''}--${flag.name}=${shownDefault(flag)}:\n\t${flag.usage}`)
    .join('\n\n');
}

function shownDefault(flag: FlagSpec): string {
  if (flag.type === 'list' || flag.type === 'csv') return `[${flag.default ?? ''}]`;
  if (flag.type === 'string') return `'${flag.default ?? ''}'`;
  if (flag.type === 'bool') return flag.default ?? (bareValue(flag) === 'true' ? 'false' : '');
  return flag.default ?? (flag.type === 'duration' ? '0s' : '0');
}
