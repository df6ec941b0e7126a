import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { CommandError } from '../errors.ts';
import type { Io } from '../io.ts';
import { parseSimpleYaml } from './simple-yaml.ts';

export interface ClusterEntry {
  server?: string;
  'certificate-authority'?: string;
  'certificate-authority-data'?: string;
  'insecure-skip-tls-verify'?: boolean;
  'tls-server-name'?: string;
  [field: string]: unknown;
}

export interface UserEntry {
  'client-certificate'?: string;
  'client-certificate-data'?: string;
  'client-key'?: string;
  'client-key-data'?: string;
  token?: string;
  tokenFile?: string;
  username?: string;
  password?: string;
  /** Whom to act as. */
  as?: string;
  'as-groups'?: string[];
  exec?: unknown;
  'auth-provider'?: unknown;
  [field: string]: unknown;
}

export interface ContextEntry {
  cluster?: string;
  user?: string;
  namespace?: string;
  [field: string]: unknown;
}

/** Files merged, names as keys. */
export interface Kubeconfig {
  clusters: Map<string, ClusterEntry>;
  users: Map<string, UserEntry>;
  contexts: Map<string, ContextEntry>;
  currentContext: string;
  /** Which file each context came from, for `config set-context` and its like. */
  contextFiles: Map<string, string>;
  /** The files read, in order of weight. The first is written to when nothing else decides. */
  files: string[];
}

/** A kubeconfig file as it stands. */
export interface KubeconfigFile {
  apiVersion?: string;
  kind?: string;
  clusters?: { name: string; cluster?: ClusterEntry }[] | null;
  contexts?: { name: string; context?: ContextEntry }[] | null;
  users?: { name: string; user?: UserEntry }[] | null;
  'current-context'?: string;
  preferences?: unknown;
  [field: string]: unknown;
}

/**
 * Files by weight: `--kubeconfig` alone, else the list in KUBECONFIG, else `~/.kube/config`.
 * client-go, tools/clientcmd/loader.go.
 */
export function kubeconfigFiles(flag: string, io: Io): string[] {
  if (flag !== '') return [resolve(io.cwd, flag)];
  const listed = (io.env.KUBECONFIG ?? '').split(':').filter((file) => file !== '');
  if (listed.length > 0) return [...new Set(listed.map((file) => resolve(io.cwd, file)))];
  return [join(io.env.HOME ?? homedir(), '.kube', 'config')];
}

/**
 * @param flag value of `--kubeconfig`, '' when not given.
 * @throws CommandError when the file of the flag is missing or a file cannot be read.
 */
export async function loadKubeconfig(flag: string, io: Io): Promise<Kubeconfig> {
  const files = kubeconfigFiles(flag, io);
  const merged: Kubeconfig = {
    clusters: new Map(),
    users: new Map(),
    contexts: new Map(),
    currentContext: '',
    contextFiles: new Map(),
    files,
  };
  for (const file of files) {
    const content = await readKubeconfigFile(file);
    if (content === null) {
      if (flag !== '') throw new CommandError(`stat ${flag}: no such file or directory`);
      continue;
    }
    merge(merged, content, file);
  }
  return merged;
}

/** @returns null when there is no such file. */
export async function readKubeconfigFile(file: string): Promise<KubeconfigFile | null> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new CommandError(`error loading config file ${JSON.stringify(file)}: ${(error as Error).message}`);
  }
  const value = parseSimpleYaml(text) ?? (await parseAnyYaml(text, file));
  return typeof value === 'object' && value !== null ? (value as KubeconfigFile) : {};
}

async function parseAnyYaml(text: string, file: string): Promise<unknown> {
  const { parse } = await import('yaml');
  try {
    return parse(text);
  } catch (error) {
    throw new CommandError(`error loading config file ${JSON.stringify(file)}: ${(error as Error).message}`);
  }
}

function merge(merged: Kubeconfig, content: KubeconfigFile, file: string): void {
  const base = dirname(file);
  for (const { name, cluster } of content.clusters ?? []) {
    if (merged.clusters.has(name)) continue;
    merged.clusters.set(name, absolutePaths(cluster ?? {}, ['certificate-authority'], base));
  }
  for (const { name, user } of content.users ?? []) {
    if (merged.users.has(name)) continue;
    merged.users.set(name, absolutePaths(user ?? {}, ['client-certificate', 'client-key', 'tokenFile'], base));
  }
  for (const { name, context } of content.contexts ?? []) {
    if (merged.contexts.has(name)) continue;
    merged.contexts.set(name, context ?? {});
    merged.contextFiles.set(name, file);
  }
  if (merged.currentContext === '') merged.currentContext = content['current-context'] ?? '';
}

/** Paths in a kubeconfig are relative to the file. */
function absolutePaths<Entry extends Record<string, unknown>>(entry: Entry, fields: string[], base: string): Entry {
  const copy: Record<string, unknown> = { ...entry };
  for (const field of fields) {
    const value = copy[field];
    if (typeof value === 'string' && value !== '' && !isAbsolute(value)) copy[field] = join(base, value);
  }
  return copy as Entry;
}
