import type { Command, CommandEntry } from './command.ts';
import { COMMAND_GROUPS } from './commands.ts';
import { CommandError, ConnectionError, explainError, ManyErrors, outputOf, PlainError, UsageError } from './errors.ts';
import { GLOBAL_FLAGS } from './flag-sets.ts';
import { bareValue, parseArguments, type FlagSpec, type ParsedArguments } from './flags.ts';
import { renderGlobalOptions, renderHelp, renderRootHelp, type CommandGroup } from './help.ts';
import type { Io } from './io.ts';
import { OC_GROUPS } from './oc/commands.ts';
import { createSession, type Session } from './session.ts';
import { renderSuggestions } from './suggestions.ts';

/**
 * Runs one command line.
 * @param program the name it was called by, `kubectl` or `oc`.
 * @param words what stood behind it.
 * @returns the exit status. Errors of the user and of the server are printed, defects are thrown.
 */
export async function runProgram(program: string, words: readonly string[], io: Io): Promise<number> {
  let session: Session | undefined;
  let path = program;
  try {
    if (words[0] === '__complete') {
      const { complete } = await import('./completion/complete.ts');
      return await complete(entriesOf(program), words.slice(1), io);
    }
    const found = (await findPlugin(program, words, io)) ?? (await findCommand(program, words));
    if ('plugin' in found) return found.plugin;
    path = found.path;
    if (found.text !== undefined) return print(io, found.text, found.exitCode);
    const { command, rest } = found;
    const own = new Set((command.flags ?? []).map(({ name }) => name));
    const specs = [...(command.flags ?? []), ...GLOBAL_FLAGS.filter(({ name }) => !own.has(name))];
    const parsed = parse(specs, rest, path);
    if (parsed.help || !command.run) {
      const text = renderHelp(path, found.short, command);
      if (parsed.help) return print(io, text, 0);
      io[command.helpOn ?? 'stdout'].write(text);
      return 1;
    }
    checkRequired(specs, parsed);
    announceDeprecated(specs, parsed, io);
    // `create rolebinding --user` is not the user of the kubeconfig.
    session = createSession(parsed.flags.without(own), io);
    const exitCode = await command.run({ program, path, ...parsed, io, session });
    return session.warned && parsed.flags.bool('warnings-as-errors') ? failOnWarnings(session.warned, io) : exitCode;
  } catch (thrown) {
    const error = unreachable(thrown) ?? thrown;
    const { text, exitCode } = explainError(error);
    io.stdout.write(outputOf(error));
    if (error instanceof ConnectionError && session) await logLookups(error, session, io);
    io.stderr.write(error instanceof UsageError ? `${text}See '${path} -h' for help and examples\n` : text);
    return exitCode;
  } finally {
    session?.dispose();
  }
}

/** For oc its own come first and stand for those of kubectl with the same name. */
function groupsOf(program: string): readonly CommandGroup[] {
  if (program !== 'oc') return COMMAND_GROUPS;
  const own = new Set(OC_GROUPS.flatMap((group) => group.entries.map(({ name }) => name)));
  const others = COMMAND_GROUPS.map(({ title, entries }) => ({
    title,
    entries: entries.filter(({ name }) => !own.has(name)),
  }));
  return [...OC_GROUPS, ...others];
}

function entriesOf(program: string): CommandEntry[] {
  return groupsOf(program).flatMap((group) => [...group.entries]);
}

/** A program on PATH stands in for a command that there is not: `kubectl-NAME`. */
async function findPlugin(program: string, words: readonly string[], io: Io): Promise<{ plugin: number } | undefined> {
  const [name = ''] = words;
  // `create NAME` is the only other place where upstream looks for plugins.
  if (name === '' || name.startsWith('-') || ['help', 'options', 'alpha'].includes(name)) return undefined;
  if (findEntry(entriesOf(program), name)) return undefined;
  const { runPlugin } = await import('./run-plugin.ts');
  const plugin = runPlugin(words, io);
  return plugin === undefined ? undefined : { plugin };
}

type Found =
  | { path: string; text: string; exitCode: number }
  | { path: string; text?: undefined; exitCode?: undefined; command: Command; short: string; rest: string[] };

async function findCommand(program: string, words: readonly string[]): Promise<Found> {
  const entries = entriesOf(program);
  const rootHelp = () => ({ path: program, text: renderRootHelp(program, groupsOf(program)), exitCode: 0 });
  const [first, ...more] = positions(words);
  if (first === undefined || words[first] === 'help') {
    const asked = more.map((at) => words[at] ?? '');
    return asked.length > 0 ? findCommand(program, [...asked, '--help']) : checkRootFlags(program, words, rootHelp);
  }
  const name = words[first] ?? '';
  if (name === 'options') return { path: program, text: renderGlobalOptions(GLOBAL_FLAGS), exitCode: 0 };
  const entry = findEntry(entries, name);
  // kubectl/pkg/cmd/alpha.go
  if (!entry && name === 'alpha') {
    throw new PlainError('No alpha commands are available in this version of kubectl', 0);
  }
  if (!entry) throw new CommandError(unknownCommand(program, name, entries));

  let path = `${program} ${entry.name}`;
  let found = entry;
  let command = await load(entry, path);
  let rest = words.filter((_, at) => at !== first);
  while (command.subcommands) {
    const [at] = positions(rest);
    const word = at === undefined ? undefined : (rest[at] ?? '');
    const sub = word === undefined ? undefined : findEntry(command.subcommands, word);
    if (!sub) {
      if (word !== undefined && !command.run) {
        const words = positions(rest).map((each) => rest[each] ?? '');
        throw new UsageErrorAt(path, `unknown command ${JSON.stringify(words.join(' '))}`);
      }
      break;
    }
    path += ` ${sub.name}`;
    found = sub;
    command = await load(sub, path);
    rest = rest.filter((_, each) => each !== at);
  }
  return { path, command, short: found.short, rest };
}

/** A usage error of a command that was found on the way: its hint names that command. */
class UsageErrorAt extends CommandError {
  constructor(path: string, message: string) {
    super(`${message}\nSee '${path} -h' for help and examples`);
  }
}

function checkRootFlags(program: string, words: readonly string[], help: () => Found): Found {
  parse(GLOBAL_FLAGS, words, program);
  return help();
}

async function load(entry: CommandEntry, path: string): Promise<Command> {
  if (entry.load) return entry.load();
  throw new CommandError(`"${path}" is not simulated in Taller yet`);
}

function findEntry(entries: readonly CommandEntry[], name: string): CommandEntry | undefined {
  return entries.find((entry) => entry.name === name || entry.aliases?.includes(name));
}

/** Where the words stand that are no flags nor values of flags: the command's name is among them. */
function positions(words: readonly string[]): number[] {
  const found: number[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--') break;
    if (!word.startsWith('-') || word === '-') found.push(at);
    else if (takesNext(word)) at++;
  }
  return found;
}

function takesNext(word: string): boolean {
  if (word.includes('=')) return false;
  const spec = word.startsWith('--')
    ? GLOBAL_FLAGS.find((flag) => flag.name === word.slice(2))
    : word.length === 2
      ? GLOBAL_FLAGS.find((flag) => flag.short === word[1])
      : undefined;
  return spec !== undefined && bareValue(spec) === undefined;
}

function parse(specs: readonly FlagSpec[], words: readonly string[], path: string): ParsedArguments {
  try {
    return parseArguments(specs, words);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new CommandError(`${error.message}\nSee '${path} --help' for usage.`);
  }
}

function checkRequired(specs: readonly FlagSpec[], { flags }: ParsedArguments): void {
  const missing = specs.filter((spec) => spec.required && !flags.changed(spec.name)).map((spec) => `"${spec.name}"`);
  if (missing.length > 0) throw new CommandError(`required flag(s) ${missing.join(', ')} not set`);
}

function announceDeprecated(specs: readonly FlagSpec[], { flags }: ParsedArguments, io: Io): void {
  for (const spec of specs) {
    if (spec.deprecated !== undefined && flags.changed(spec.name)) {
      io.stderr.write(`Flag --${spec.name} has been deprecated, ${spec.deprecated}\n`);
    }
  }
}

function failOnWarnings(count: number, io: Io): number {
  io.stderr.write(`error: ${count} warning${count === 1 ? '' : 's'} received\n`);
  return 1;
}

/** Of several errors, the one that says that there is no server: the others only repeat it. */
function unreachable(error: unknown): unknown {
  return error instanceof ManyErrors ? error.errors.find((each) => each instanceof ConnectionError) : undefined;
}

/** What client-go writes into its log of each attempt to learn the kinds of a server that it knows nothing of. */
async function logLookups(error: ConnectionError, session: Session, io: Io): Promise<void> {
  if (session.lookups === 0) return;
  const { createDiscoveryCache } = await import('./api/discovery-cache.ts');
  const { server } = await session.connection();
  if (!createDiscoveryCache(server, session.flags, io).isEmpty()) return;
  const { renderLog } = await import('./klog.ts');
  const why = `couldn't get current server API group list: Get "${server}/api?timeout=32s": ${error.message}`;
  const line = `"Unhandled Error" err=${JSON.stringify(why)}`;
  for (let time = 0; time < session.lookups; time++) {
    io.stderr.write(renderLog('E', 'memcache.go:265', line, io.now()));
  }
}

function print(io: Io, text: string, exitCode: number): number {
  io.stdout.write(text);
  return exitCode;
}

function unknownCommand(program: string, name: string, entries: readonly CommandEntry[]): string {
  const near = renderSuggestions(
    name,
    entries.map((entry) => entry.name),
  );
  return `unknown command ${JSON.stringify(name)} for "${program}"${near}`;
}
