import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import type { FlagSpec } from '../flags.ts';

/** Flags that give the content of config maps and secrets. */
export const KEY_VALUE_FLAGS: readonly FlagSpec[] = [
  { name: 'append-hash', type: 'bool', usage: 'Put a hash of the content behind the name (not simulated).' },
  { name: 'from-env-file', type: 'csv', usage: 'File of lines key=value.' },
  { name: 'from-file', type: 'csv', usage: 'File, as PATH or KEY=PATH, or folder of files.' },
  { name: 'from-literal', type: 'list', usage: 'Key and value, as KEY=VALUE.' },
];

/**
 * The entries that the flags give.
 * @throws CommandError when a source cannot be read, is no pair, or repeats a key.
 */
export function readKeyValues(invocation: Invocation, kind: 'ConfigMap' | 'Secret'): Map<string, Buffer> {
  const { args, flags, io, path } = invocation;
  if (flags.bool('append-hash')) throw new CommandError(`"${path} --append-hash" is not simulated in Taller yet`);
  if (
    flags.list('from-env-file').length > 0 &&
    flags.list('from-file').length + flags.list('from-literal').length > 0
  ) {
    throw new CommandError('from-env-file cannot be combined with from-file or from-literal');
  }
  const entries = new Map<string, Buffer>();
  const add = (key: string, value: Buffer) => {
    if (!/^[-._a-zA-Z0-9]+$/.test(key)) {
      throw new CommandError(
        `${JSON.stringify(key)} is not a valid key name for a ConfigMap: a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')`,
      );
    }
    if (entries.has(key)) {
      throw new CommandError(
        `cannot add key ${JSON.stringify(key)}, another key by that name already exists in Data for ${kind} ${JSON.stringify(args[0] ?? '')}`,
      );
    }
    entries.set(key, value);
  };
  for (const source of flags.list('from-file'))
    for (const [key, file] of filesOf(source, io.cwd)) add(key, readBytes(file, io.cwd));
  for (const file of flags.list('from-env-file'))
    for (const [key, value] of envLines(file, io.cwd, io.env)) add(key, Buffer.from(value));
  for (const literal of flags.list('from-literal')) {
    const equals = literal.indexOf('=');
    if (equals <= 0) throw new CommandError(`invalid literal source ${literal}, expected key=value`);
    const value = literal.slice(equals + 1).replace(/^(["'])(.*)\1$/s, '$2');
    add(literal.slice(0, equals), Buffer.from(value));
  }
  return entries;
}

function filesOf(source: string, cwd: string): [key: string, file: string][] {
  const equals = source.indexOf('=');
  const key = equals < 0 ? undefined : source.slice(0, equals);
  const file = source.slice(equals + 1);
  if (key === '') throw new CommandError(`key name for file path ${file} missing`);
  if (file === '') throw new CommandError(`file path for key name ${key ?? ''} missing`);
  const stats = statSync(resolve(cwd, file), { throwIfNoEntry: false });
  if (!stats) throw new CommandError(`error reading ${file}: no such file or directory`);
  if (!stats.isDirectory()) return [[key ?? basename(file), file]];
  if (key !== undefined) throw new CommandError('cannot give a key name for a directory path');
  return readdirSync(resolve(cwd, file), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry): [string, string] => [entry.name, join(file, entry.name)])
    .sort();
}

function envLines(file: string, cwd: string, env: Record<string, string | undefined>): [key: string, value: string][] {
  const lines = readBytes(file, cwd).toString('utf8').split(/\r?\n/);
  return lines.flatMap((line): [string, string][] => {
    const text = line.trimStart();
    if (text === '' || text.startsWith('#')) return [];
    const equals = text.indexOf('=');
    return equals < 0 ? [[text, env[text] ?? '']] : [[text.slice(0, equals), text.slice(equals + 1)]];
  });
}

function readBytes(file: string, cwd: string): Buffer {
  try {
    return readFileSync(resolve(cwd, file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new CommandError(`error reading ${file}: no such file or directory`);
    throw new CommandError(`error reading ${file}: ${(error as Error).message}`);
  }
}
