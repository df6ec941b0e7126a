import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CommandError } from '../../kubectl/errors.ts';
import type { FlagSpec } from '../../kubectl/flags.ts';
import { readAll } from '../../kubectl/io.ts';
import { renderYaml } from '../../kubectl/output/yaml.ts';
import type { Invocation } from '../command.ts';
import { askEnvoy } from '../envoy.ts';
import { printUsage } from '../help.ts';
import { inferPod } from '../pods.ts';

export const FILE_FLAG: FlagSpec = {
  name: 'file',
  short: 'f',
  type: 'string',
  usage: 'File with an answer of the proxy instead of a pod; - is stdin',
};

/** What the proxy of the pod answers, or what a file says that it did. @throws CommandError */
export async function readSource(invocation: Invocation, path: string): Promise<string> {
  const { args, flags, io, session } = invocation;
  const name = invocation.path.split(' ').at(-1) ?? '';
  const file = flags.string('file');
  if (args.length !== 1 && file === '') {
    printUsage(invocation);
    throw new CommandError(`${name} requires pod name or --file parameter`);
  }
  if (file === '-') return readAll(io.stdin);
  if (file !== '') {
    try {
      return readFileSync(resolve(io.cwd, file), 'utf8');
    } catch {
      throw new CommandError(`open ${file}: no such file or directory`);
    }
  }
  return askEnvoy(session, await inferPod(invocation, args[0] ?? ''), 'GET', path);
}

/** `short`, `json` or `yaml`. @throws CommandError for another */
export function outputOf({ flags }: Invocation): 'short' | 'json' | 'yaml' {
  const output = flags.string('output');
  if (output === 'short' || output === 'json' || output === 'yaml') return output;
  throw new CommandError(`output format ${JSON.stringify(output)} not supported`);
}

/** Objects of Envoy as istioctl prints them: by their JSON names, and without the type that was around them. */
export function renderObjects(value: unknown, output: 'json' | 'yaml'): string {
  const shown = toJsonNames(value);
  return output === 'yaml' ? renderYaml(shown) : `${JSON.stringify(shown, null, 4)}\n`;
}

/** Names of protobuf are snake_case where Envoy tells them and camelCase in JSON. */
function toJsonNames(value: unknown, isOuter = true): unknown {
  if (Array.isArray(value)) return value.map((each) => toJsonNames(each, isOuter));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !(isOuter && key === '@type'))
      .map(([key, inner]): [string, unknown] => [
        key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
        belowKey(key, inner),
      ]),
  );
}

/** Maps have keys that somebody chose. Those of policies hold messages again; metadata holds what was put there. */
function belowKey(key: string, inner: unknown): unknown {
  if (key === 'filter_metadata') return inner;
  if (key !== 'policies' || typeof inner !== 'object' || inner === null) return toJsonNames(inner, false);
  return Object.fromEntries(Object.entries(inner).map(([name, policy]) => [name, toJsonNames(policy, false)]));
}
