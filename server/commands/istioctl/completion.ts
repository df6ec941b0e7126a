import { renderBashScript } from '../kubectl/verbs/completion.ts';
import { CommandError } from '../kubectl/errors.ts';
import { parseArguments, bareValue, type FlagSpec } from '../kubectl/flags.ts';
import type { Io } from '../kubectl/io.ts';
import { isIn, type Command } from './command.ts';
import { GLOBAL_FLAGS } from './global-flags.ts';
import { findCommand, openSession } from './program.ts';
import { listObjects } from './resources.ts';
import type { Release } from './release.ts';

export const command: Command = {
  usage: 'SHELL',
  long: 'Prints code that makes a shell complete commands, flags and names of pods with the Tab key. Taller has it for bash.',
  examples: ['completion bash'],
  run({ args, io }) {
    const [shell] = args;
    if (shell === undefined) throw new CommandError('shell not specified');
    if (shell !== 'bash') throw new CommandError(`completion for ${JSON.stringify(shell)} is not simulated; bash is`);
    io.stdout.write(renderBashScript('istioctl'));
    return Promise.resolve(0);
  },
};

/** Cobra's directives: bits behind the last colon. */
const NO_FILES = 4;

/** Commands whose first argument is a pod. */
const POD_COMMANDS =
  /^istioctl (proxy-status|proxy-config \S+|authn tls-check|experimental (describe pod|authz check))$/;

/** The hidden `__complete`. Whatever goes wrong is no candidate: nothing may be printed into the line being typed. */
export async function complete(words: readonly string[], io: Io, release: Release): Promise<number> {
  let lines: string[] = [];
  let directive = NO_FILES;
  try {
    lines = await candidates(words, io, release);
    if (/^(-f|--filename|--file|-c|--kubeconfig)$/.test(words.at(-2) ?? '')) directive = 0;
  } catch {
    lines = [];
  }
  io.stdout.write(`${[...lines, `:${directive}`].join('\n')}\n`);
  return 0;
}

async function candidates(words: readonly string[], io: Io, release: Release): Promise<string[]> {
  const last = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const { path, command: found, rest } = await findCommand(before, release);
  const specs = [...(found.flags ?? []), ...GLOBAL_FLAGS];
  const starting = (texts: readonly string[]): string[] => texts.filter((text) => text.startsWith(last));
  const pending = flagBefore(specs, rest.at(-1));
  if (pending === undefined && last.startsWith('-')) {
    return starting(specs.filter(({ hidden }) => hidden !== true).map(({ name }) => `--${name}`));
  }
  if (pending === undefined && found.subcommands) {
    return starting(
      found.subcommands
        .filter((each) => each.load && each.hidden !== true && isIn(release, each))
        .map(({ name }) => name),
    );
  }
  const { flags, args } = parseArguments(specs, pending === undefined ? rest : rest.slice(0, -1));
  const session = openSession(flags, io);
  try {
    if (pending?.name === 'namespace' || pending?.name === 'istioNamespace') {
      return starting((await listObjects(session, 'namespaces')).map(({ metadata }) => metadata.name));
    }
    if (pending?.name === 'output') return starting(['json', 'yaml', 'short']);
    if (pending !== undefined || args.length > 0) return [];
    const { name: namespace } = await session.namespace();
    const kind =
      path === 'istioctl experimental describe service' ? 'services' : POD_COMMANDS.test(path) ? 'pods' : null;
    if (kind === null) return [];
    return starting((await listObjects(session, kind, namespace)).map(({ metadata }) => metadata.name));
  } finally {
    session.dispose();
  }
}

/** The flag that waits for its value. */
function flagBefore(specs: readonly FlagSpec[], word: string | undefined): FlagSpec | undefined {
  const spec = specs.find(({ name, short }) => word === `--${name}` || (short !== undefined && word === `-${short}`));
  return spec && bareValue(spec) === undefined ? spec : undefined;
}
