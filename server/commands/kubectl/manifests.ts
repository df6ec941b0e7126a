import type { IncomingMessage } from 'node:http';
import { readdirSync, readFileSync, statSync, type Stats } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { isRecord, type ApiObject } from './api/object.ts';
import { CommandError, ConnectionError, ManyErrors } from './errors.ts';
import { readAll, type Io } from './io.ts';
import { shippedText } from './shipped-url.ts';

/** An object of a file, and where it came from: the name as it was given, or `STDIN`. */
export interface Manifest {
  object: ApiObject;
  source: string;
}

const EXTENSIONS = ['.json', '.yaml', '.yml'];

/**
 * Reads the files of `-f`: YAML or JSON with one or more objects, lists taken apart; folders in the order of names.
 * cli-runtime, resource/builder.go and visitor.go.
 * @param problems gets what is wrong with one file when others can be read.
 * @throws CommandError with the file's name when there is nothing else.
 */
export async function readManifests(
  names: readonly string[],
  recursive: boolean,
  io: Io,
  problems: unknown[] = [],
): Promise<Manifest[]> {
  const manifests: Manifest[] = [];
  const several = async (read: Promise<Manifest[]>) => {
    try {
      manifests.push(...(await read));
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      problems.push(error);
    }
  };
  for (const name of names) {
    if (name === '-') manifests.push(...(await parseManifests(await readAll(io.stdin), 'STDIN', 'STDIN')));
    else if (/^https?:\/\//.test(name))
      manifests.push(...(await parseManifests(shippedText(name, io) ?? (await download(name)), name, name)));
    else for (const file of expand(name, recursive, io)) await several(readFile(file, io));
  }
  if (manifests.length === 0 && problems.length > 0)
    throw problems.length === 1 ? problems[0] : new ManyErrors(problems);
  return manifests;
}

function expand(name: string, recursive: boolean, io: Io): string[] {
  const path = resolve(io.cwd, name);
  if (!statOf(path)) {
    const matches = /[*?[]/.test(name) ? glob(name, io) : [];
    if (matches.length > 0) return matches;
    throw new CommandError(`the path ${JSON.stringify(name)} does not exist`);
  }
  if (!statOf(path)?.isDirectory()) return [name];
  const files = walk(name, path, recursive);
  if (files.length > 0) return files;
  const known = EXTENSIONS.join(' ');
  throw new CommandError(`error reading [${name}]: recognized file extensions are [${known}]`);
}

function walk(name: string, path: string, recursive: boolean): string[] {
  const entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const inner = join(name, entry.name);
    if (statOf(join(path, entry.name))?.isDirectory())
      return recursive ? walk(inner, join(path, entry.name), true) : [];
    return EXTENSIONS.includes(extname(entry.name)) ? [inner] : [];
  });
}

/** Patterns that the shell left alone because they were quoted; only in the last part of the path. */
function glob(name: string, io: Io): string[] {
  const slash = name.lastIndexOf('/');
  const folder = slash < 0 ? '.' : name.slice(0, slash);
  const source = name
    .slice(slash + 1)
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const pattern = new RegExp(`^${source}$`);
  if (!statOf(resolve(io.cwd, folder))?.isDirectory()) return [];
  return readdirSync(resolve(io.cwd, folder))
    .filter((entry) => pattern.test(entry))
    .sort()
    .map((entry) => (slash < 0 ? entry : `${folder}/${entry}`));
}

async function readFile(name: string, io: Io): Promise<Manifest[]> {
  let text: string;
  try {
    text = readFileSync(resolve(io.cwd, name), 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === 'EACCES' ? 'permission denied' : (error as Error).message;
    throw new CommandError(`open ${name}: ${reason}`);
  }
  return parseManifests(text, name, name);
}

/** @param label what messages about the syntax call the text. */
export async function parseManifests(text: string, source: string, label: string): Promise<Manifest[]> {
  const { parseYamlDocuments } = await import('./yaml-input.ts');
  const manifests: Manifest[] = [];
  for (const value of parseYamlDocuments(text, label)) {
    if (value === null || value === undefined) continue;
    if (!isRecord(value)) {
      throw new CommandError(
        `error validating ${JSON.stringify(source)}: error validating data: invalid object to validate; if you choose to ignore these errors, turn validation off with --validate=false`,
      );
    }
    manifests.push(...flatten(value as ApiObject).map((object) => ({ object, source })));
  }
  return manifests;
}

/** `kind: List` and its like hold objects in `items`. */
function flatten(object: ApiObject): ApiObject[] {
  if (typeof object.kind !== 'string' || !object.kind.endsWith('List') || !Array.isArray(object.items)) return [object];
  return object.items.filter(isRecord).flatMap((item) => flatten(item as ApiObject));
}

async function download(url: string): Promise<string> {
  const { hostname, port, protocol } = new URL(url);
  const host = `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`;
  const { get } = await (protocol === 'https:' ? import('node:https') : import('node:http'));
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, resolve).on('error', (error: NodeJS.ErrnoException) => {
      const noHost = error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN';
      const reason = noHost
        ? `dial tcp: lookup ${hostname}: no such host`
        : `Get ${JSON.stringify(url)}: ${error.message}`;
      reject(new ConnectionError(host, error.code === 'ECONNREFUSED', reason));
    });
  });
  const { statusCode = 0, statusMessage = '' } = response;
  if (statusCode !== 200) {
    response.destroy();
    throw new CommandError(
      `unable to read URL ${JSON.stringify(url)}, server reported ${statusCode} ${statusMessage}, status code=${statusCode}`,
    );
  }
  return readAll(response);
}

function statOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}
