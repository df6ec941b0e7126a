import { parseArguments, FlagValues, bareValue, type FlagSpec } from '../kubectl/flags.ts';
import { GLOBAL_FLAGS as KUBERNETES_FLAGS } from '../kubectl/flag-sets.ts';
import { CommandError } from '../kubectl/errors.ts';
import type { Io } from '../kubectl/io.ts';
import { createSession, type Session } from '../kubectl/session.ts';
import { isIn, type Command, type CommandEntry } from './command.ts';
import { ROOT } from './commands.ts';
import { explainError, ParseError } from './errors.ts';
import { GLOBAL_FLAGS } from './global-flags.ts';
import { renderHelp } from './help.ts';
import { releaseOf, type Release } from './release.ts';
import { renderSuggestions } from '../kubectl/suggestions.ts';

/** Runs one command line. @returns the exit status. Errors of the user and of the server are printed, defects are thrown. */
export async function runProgram(words: readonly string[], io: Io): Promise<number> {
  const release = releaseOf(io.env);
  let session: Session | undefined;
  try {
    if (words[0] === '__complete') {
      const { complete } = await import('./completion.ts');
      return await complete(words.slice(1), io, release);
    }
    const asked = words[0] === 'help' ? [...words.slice(1), '--help'] : words;
    const found = await findCommand(asked, release);
    const specs = [...(found.command.flags ?? []), ...GLOBAL_FLAGS];
    const parsed = parse(specs, found.rest);
    if (parsed.help || !found.command.run) {
      io.stdout.write(renderHelp(found, release));
      return 0;
    }
    session = openSession(parsed.flags, io);
    const istioNamespace = parsed.flags.string('istioNamespace');
    return await found.command.run({ ...found, ...parsed, io, session, release, istioNamespace });
  } catch (error) {
    const { text, exitCode } = explainError(error, release);
    io.stderr.write(text);
    return exitCode;
  } finally {
    session?.dispose();
  }
}

/** The command that words lead to, and what is left for it. */
export interface Found {
  path: string;
  /** With its aliases; of the root there is none. */
  entry: CommandEntry | null;
  command: Command;
  rest: string[];
}

/** @throws ParseError when the first word is no command, in cobra's words */
export async function findCommand(words: readonly string[], release: Release): Promise<Found> {
  let found: Found = { path: 'istioctl', entry: null, command: ROOT, rest: [...words] };
  while (found.command.subcommands) {
    const at = firstArgument(found.rest);
    const word = at === undefined ? undefined : found.rest[at];
    if (word === undefined) break;
    const entries = found.command.subcommands.filter((entry) => isIn(release, entry));
    const entry = entries.find(({ name, aliases = [] }) => name === word || aliases.includes(word));
    if (entry === undefined) {
      // Below the root a word that is no command is an argument, which most groups pass over.
      if (found.entry === null) throw new ParseError(unknownCommand(word, entries));
      break;
    }
    const path = `${found.path} ${entry.name}`;
    if (!entry.load) {
      throw new CommandError(`"${path}" is not simulated in Taller, because it changes or inspects what is not there`);
    }
    found = { path, entry, command: await entry.load(), rest: found.rest.filter((_, index) => index !== at) };
  }
  return found;
}

function parse(specs: readonly FlagSpec[], words: readonly string[]): ReturnType<typeof parseArguments> {
  try {
    return parseArguments(specs, words);
  } catch (error) {
    throw error instanceof CommandError ? new ParseError(error.message) : error;
  }
}

/** kubectl's session, told by istioctl's flags of the same meaning. */
export function openSession(flags: FlagValues, io: Io): Session {
  const kubernetes = new FlagValues(KUBERNETES_FLAGS);
  for (const name of ['kubeconfig', 'context', 'namespace']) {
    if (flags.string(name) !== '') kubernetes.set(name, flags.string(name));
  }
  return createSession(kubernetes, io);
}

/** Where the first word stands that is no flag nor a value of one. */
function firstArgument(words: readonly string[]): number | undefined {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--') return undefined;
    if (!word.startsWith('-') || word === '-') return at;
    if (takesNext(word)) at++;
  }
  return undefined;
}

function takesNext(word: string): boolean {
  if (word.includes('=')) return false;
  const spec = GLOBAL_FLAGS.find(({ name, short }) => word === `--${name}` || word === `-${short ?? ''}`);
  return spec !== undefined && bareValue(spec) === undefined;
}

function unknownCommand(word: string, entries: readonly CommandEntry[]): string {
  const near = renderSuggestions(
    word,
    entries.filter(({ hidden }) => hidden !== true).map(({ name }) => name),
  );
  return `unknown command ${JSON.stringify(word)} for "istioctl"${near}\nRun 'istioctl --help' for usage.`;
}
