import { resourcePath, type Resource } from '../api/resource.ts';
import type { ApiList, ApiObject } from '../api/object.ts';
import type { Command, CommandEntry } from '../command.ts';
import { GLOBAL_FLAGS } from '../flag-sets.ts';
import { bareValue, parseArguments, type FlagSpec } from '../flags.ts';
import type { Io } from '../io.ts';
import { createSession, type Session } from '../session.ts';

/** One way to go on, and what it is. */
export interface Candidate {
  text: string;
  description?: string;
}

/** A server that does not answer must not hold up the learner's shell. */
const TIMEOUT = '--request-timeout=3s';

/** Commands whose arguments are pods, or TYPE/NAME of what has pods. */
const POD_COMMANDS = new Set(['logs', 'exec', 'attach', 'port-forward', 'cp', 'rsh']);
/** Commands whose arguments are nodes. */
const NODE_COMMANDS = new Set(['cordon', 'uncordon', 'drain']);
/** Commands whose argument is a context. */
const CONTEXT_COMMANDS = new Set(['use-context', 'set-context', 'delete-context', 'rename-context']);
/** Commands that take `TYPE NAME…`. */
const RESOURCE_COMMANDS = new Set(
  'get describe delete edit label annotate patch scale autoscale expose wait explain status history undo restart pause resume image env resources'.split(
    ' ',
  ),
);

/**
 * What the last word of a command line may become.
 * @param words without the program; the last is the one to complete, '' when it is yet to begin.
 */
export async function findCandidates(
  groups: readonly CommandEntry[],
  words: readonly string[],
  io: Io,
): Promise<Candidate[]> {
  const last = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const { command, name, entries, rest } = await descend(groups, before);
  const specs = [...(command?.flags ?? []), ...GLOBAL_FLAGS];
  const starting = (candidates: readonly Candidate[]) => candidates.filter(({ text }) => text.startsWith(last));
  const equals = last.indexOf('=');
  if (last.startsWith('--') && equals > 0) {
    const flag = specs.find((spec) => spec.name === last.slice(2, equals));
    if (!flag) return [];
    const session = openSession(specs, rest, io);
    const values = await valuesOf(flag, positional(specs, rest), session).finally(() => session.dispose());
    return starting(values.map(({ text }) => ({ text: last.slice(0, equals + 1) + text })));
  }
  const pending = flagBefore(specs, rest.at(-1));
  if (pending === undefined && last.startsWith('-')) return starting(flagNames(specs));
  const session = openSession(specs, rest, io);
  try {
    if (pending !== undefined) return starting(await valuesOf(pending, positional(specs, rest), session));
    if (entries.length > 0) return starting(entries.map((entry) => ({ text: entry.name, description: entry.short })));
    if (rest.includes('--')) return [];
    return starting(await argumentsOf(name, positional(specs, rest), last, session));
  } finally {
    session.dispose();
  }
}

interface Place {
  command: Command | undefined;
  name: string;
  /** Commands that may stand here; none when one has been found. */
  entries: readonly CommandEntry[];
  /** Words behind the command. */
  rest: string[];
}

async function descend(groups: readonly CommandEntry[], words: readonly string[]): Promise<Place> {
  const place: Place = { command: undefined, name: '', entries: groups, rest: [] };
  for (const [index, word] of words.entries()) {
    const taken = word.startsWith('-') || flagBefore(GLOBAL_FLAGS, words[index - 1]) !== undefined;
    const entry = taken ? undefined : place.entries.find((each) => each.name === word || each.aliases?.includes(word));
    if (!entry) {
      place.rest.push(word);
      continue;
    }
    place.command = await entry.load?.();
    place.name = entry.name;
    place.entries = place.command?.subcommands ?? [];
  }
  // `create -f` and `set image`: a command with work of its own may still have subcommands.
  return place;
}

/** The flag that waits for its value. */
function flagBefore(specs: readonly FlagSpec[], word: string | undefined): FlagSpec | undefined {
  if (word === undefined || word.includes('=')) return undefined;
  const spec = word.startsWith('--')
    ? specs.find((each) => each.name === word.slice(2))
    : /^-[a-zA-Z]$/.test(word)
      ? specs.find((each) => each.short === word[1])
      : undefined;
  return spec && bareValue(spec) === undefined ? spec : undefined;
}

function flagNames(specs: readonly FlagSpec[]): Candidate[] {
  return specs
    .filter((spec) => !spec.hidden && spec.deprecated === undefined)
    .map((spec) => ({ text: `--${spec.name}${bareValue(spec) === undefined ? '=' : ''}`, description: spec.usage }));
}

function openSession(specs: readonly FlagSpec[], rest: readonly string[], io: Io): Session {
  try {
    return createSession(parseArguments(specs, [...rest, TIMEOUT]).flags, io);
  } catch {
    // Half a command line need not be a right one; its namespace is then unknown.
    return createSession(parseArguments(specs, [TIMEOUT]).flags, io);
  }
}

function positional(specs: readonly FlagSpec[], rest: readonly string[]): string[] {
  return rest.filter((word, index) => !word.startsWith('-') && flagBefore(specs, rest[index - 1]) === undefined);
}

async function valuesOf(flag: FlagSpec, given: readonly string[], session: Session): Promise<Candidate[]> {
  const plain = (values: readonly string[]) => values.map((text) => ({ text }));
  switch (flag.name) {
    case 'namespace':
      return namesOf(session, await (await session.discovery()).find('namespaces'));
    case 'context':
      return plain([...(await session.config()).contexts.keys()]);
    case 'cluster':
      return plain([...(await session.config()).clusters.keys()]);
    case 'user':
      return plain([...(await session.config()).users.keys()]);
    case 'container':
      return plain(await containersOf(given[0] ?? '', session));
    case 'output':
      return plain(['json', 'yaml', 'name', 'wide', 'jsonpath=', 'custom-columns=', 'go-template=']);
    case 'dry-run':
      return plain(['none', 'client', 'server']);
    default:
      return [];
  }
}

async function argumentsOf(
  name: string,
  given: readonly string[],
  last: string,
  session: Session,
): Promise<Candidate[]> {
  if (CONTEXT_COMMANDS.has(name)) return [...(await session.config()).contexts.keys()].map((text) => ({ text }));
  const discovery = await session.discovery();
  const slash = last.indexOf('/');
  if (slash > 0) {
    const type = last.slice(0, slash);
    return (await namesOf(session, await discovery.find(type))).map(({ text }) => ({ text: `${type}/${text}` }));
  }
  if (NODE_COMMANDS.has(name)) return namesOf(session, await discovery.find('nodes'));
  if (name === 'project') return namesOf(session, await discovery.find('namespaces'));
  if (POD_COMMANDS.has(name)) return given.length === 0 ? namesOf(session, await discovery.find('pods')) : [];
  if (name === 'taint' && given.length === 0) return [{ text: 'nodes' }];
  if (!RESOURCE_COMMANDS.has(name) && name !== 'taint') return [];
  const [type] = given;
  if (type !== undefined) return type.includes('/') ? [] : namesOf(session, await discovery.find(type));
  const all = await discovery.preferred();
  const kinds = new Set(all.map((resource) => resource.name));
  return [...kinds].sort().map((text) => ({ text }));
}

/** The containers of a pod, or of the pods that `TYPE/NAME` makes. */
async function containersOf(word: string, session: Session): Promise<string[]> {
  if (word === '') return [];
  const [type, name] = word.includes('/') ? word.split('/') : ['pods', word];
  const client = await session.client();
  const resource = await (await session.discovery()).find(type ?? '');
  const { name: namespace } = await session.namespace();
  const object = await client.json<ApiObject>('GET', resourcePath(resource, namespace, name));
  const spec = (object.spec ?? {}) as PodSpec & { template?: { spec?: PodSpec } };
  const { containers = [], initContainers = [] } = spec.template?.spec ?? spec;
  return [...containers, ...initContainers].map((container) => container.name);
}

interface PodSpec {
  containers?: { name: string }[];
  initContainers?: { name: string }[];
}

async function namesOf(session: Session, resource: Resource): Promise<Candidate[]> {
  const client = await session.client();
  const { name: namespace } = await session.namespace();
  const list = await client.json<ApiList>('GET', resourcePath(resource, namespace), { query: { limit: 500 } });
  return (list.items ?? []).map(({ metadata }) => ({ text: metadata?.name ?? '' }));
}
