import type { Cluster } from '../../../cluster/index.ts';
import { nearest } from '../nearest.ts';

/** Names that objects of a lesson may have. */
export interface KnownNames {
  names: ReadonlySet<string>;
  /** What stands before or behind a variable in some text, such as `web-` of `web-$number`. */
  parts: { before: ReadonlySet<string>; behind: ReadonlySet<string> };
}

const NAME = /[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?/g;
/** The namespace in which a command looks makes nothing. */
const NAMESPACE_OPTION = /(?:\s-n[ =]?|\s--namespace[ =])\S+/g;

/**
 * Every word that stands in a text or names an object.
 * @param commands of the lesson's blocks
 * @param texts of its files
 */
export function collectNames(
  commands: readonly string[],
  texts: readonly string[],
  cluster: Pick<Cluster, 'resources' | 'list'>,
): KnownNames {
  const names = new Set<string>();
  const before = new Set<string>();
  const behind = new Set<string>();
  for (const text of [...commands.map((command) => command.replaceAll(NAMESPACE_OPTION, '')), ...texts]) {
    for (const [name] of text.matchAll(NAME)) names.add(name);
    for (const [, part = ''] of text.matchAll(/([a-z0-9][a-z0-9.-]+)\$/g)) before.add(part);
    for (const [, part = ''] of text.matchAll(/\$(?:\w+|\{[^}]*\}|\([^)]*\))([a-z0-9.-]{2,})/g)) behind.add(part);
  }
  for (const resource of cluster.resources()) {
    for (const { metadata } of cluster.list(resource)) names.add(metadata.name);
  }
  return { names, parts: { before, behind } };
}

/**
 * The name that `name` is most likely a slip of: no text of the lesson has it, and nothing makes it of others.
 * Undefined when it may well be right.
 */
export function misspeltName(name: string, { names, parts }: KnownNames): string | undefined {
  // Pods of a Deployment have two parts more, those of a StatefulSet one.
  const without = [name, name.replace(/-[^-]+$/, ''), name.replace(/(?:-[^-]+){2}$/, '')];
  if (without.some((base) => names.has(base))) return undefined;
  if ([...parts.before].some((part) => name.startsWith(part))) return undefined;
  if ([...parts.behind].some((part) => name.endsWith(part))) return undefined;
  return nearest(name, names);
}
