import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command, Invocation } from '../command.ts';
import { CommandError, UsageError } from '../errors.ts';
import type { FlagSpec } from '../flags.ts';
import { changeFile, fileOfCurrentContext, firstFile } from './change.ts';
import { readKubeconfigFile, type Kubeconfig, type KubeconfigFile } from './kubeconfig.ts';

const EMBED_FLAG: FlagSpec = { name: 'embed-certs', type: 'bool', usage: 'Copy the files into the kubeconfig.' };

/** Lists of a kubeconfig file, and what each entry calls its content. */
const LISTS = { clusters: 'cluster', contexts: 'context', users: 'user' } as const;
type ListName = keyof typeof LISTS;

type Entry = Record<string, unknown>;

export const setCluster: Command = {
  usage:
    'NAME [--server=server] [--certificate-authority=path/to/certificate/authority] [--insecure-skip-tls-verify=true]',
  flags: [EMBED_FLAG, { name: 'proxy-url', type: 'string', usage: 'Proxy in front of the server.' }],
  run: (invocation) =>
    setEntry(invocation, 'clusters', 'Cluster', (entry) => {
      copyText(invocation, entry, ['server', 'tls-server-name', 'proxy-url']);
      if (invocation.flags.changed('insecure-skip-tls-verify')) {
        entry['insecure-skip-tls-verify'] = invocation.flags.bool('insecure-skip-tls-verify');
      }
      copyFile(invocation, entry, 'certificate-authority');
    }),
};

export const setCredentials: Command = {
  usage:
    'NAME [--client-certificate=path/to/certfile] [--client-key=path/to/keyfile] [--token=bearer_token] [--username=basic_user] [--password=basic_password]',
  flags: [EMBED_FLAG],
  run: (invocation) =>
    setEntry(invocation, 'users', 'User', (entry) => {
      copyText(invocation, entry, ['token', 'username', 'password']);
      copyFile(invocation, entry, 'client-certificate');
      copyFile(invocation, entry, 'client-key');
    }),
};

async function setEntry(
  invocation: Invocation,
  list: ListName,
  noun: string,
  change: (entry: Entry) => void,
): Promise<number> {
  const { args, io, session } = invocation;
  const [name, ...more] = args;
  if (name === undefined || more.length > 0) throw new UsageError(`Unexpected args: [${args.join(' ')}]`);
  const file = await fileOf(await session.config(), list, name);
  await changeFile(file, (content) => change(entryOf(content, list, name, true) ?? {}));
  io.stdout.write(`${noun} ${JSON.stringify(name)} set.\n`);
  return 0;
}

function copyText({ flags }: Invocation, entry: Entry, names: readonly string[]): void {
  for (const name of names) if (flags.changed(name)) entry[name] = flags.string(name);
}

function copyFile({ flags, io }: Invocation, entry: Entry, name: string): void {
  if (!flags.changed(name)) return;
  const path = resolve(io.cwd, flags.string(name));
  delete entry[name];
  delete entry[`${name}-data`];
  if (!flags.bool('embed-certs')) {
    entry[name] = path;
    return;
  }
  try {
    entry[`${name}-data`] = readFileSync(path).toString('base64');
  } catch {
    throw new CommandError(
      `could not read ${name} data from ${flags.string(name)}: open ${flags.string(name)}: no such file or directory`,
    );
  }
}

export const set: Command = {
  usage: 'PROPERTY_NAME PROPERTY_VALUE',
  examples: [['Another server', 'config set clusters.taller.server https://127.0.0.1:6443']],
  flags: [{ name: 'set-raw-bytes', type: 'bool', usage: 'The value is not base64 yet.' }],
  async run(invocation) {
    const { args, flags, io, session } = invocation;
    const [property, value, ...more] = args;
    if (property === undefined || value === undefined || more.length > 0) {
      throw new UsageError(`Unexpected args: [${args.join(' ')}]`);
    }
    const { list, name, field } = splitProperty(property);
    const config = await session.config();
    await changeFile(list ? await fileOf(config, list, name) : await fileOfCurrentContext(config), (content) => {
      const entry = list ? entryOf(content, list, name, true) : content;
      const raw = field.endsWith('-data') && flags.bool('set-raw-bytes');
      const typed = value === 'true' || value === 'false' ? value === 'true' : value;
      if (entry) entry[field] = raw ? Buffer.from(value).toString('base64') : typed;
    });
    io.stdout.write(`Property ${JSON.stringify(property)} set.\n`);
    return 0;
  },
};

export const unset: Command = {
  usage: 'PROPERTY_NAME',
  examples: [['No namespace any more', 'config unset contexts.taller.namespace']],
  async run(invocation) {
    const { args, io, session } = invocation;
    const [property, ...more] = args;
    if (property === undefined || more.length > 0) throw new UsageError(`Unexpected args: [${args.join(' ')}]`);
    const { list, name, field } = splitProperty(property, true);
    const config = await session.config();
    await changeFile(list ? await fileOf(config, list, name) : await fileOfCurrentContext(config), (content) => {
      if (list && field === '')
        content[list] = ((content[list] ?? []) as { name: string }[]).filter((each) => each.name !== name) as never;
      else if (list) delete entryOf(content, list, name, false)?.[field];
      else if (field === 'current-context') content['current-context'] = '';
      else delete content[field];
    });
    io.stdout.write(`Property ${JSON.stringify(property)} unset.\n`);
    return 0;
  },
};

interface Property {
  /** Undefined for what stands at the top, as current-context. */
  list: ListName | undefined;
  name: string;
  /** '' for the whole entry. */
  field: string;
}

/** `users.ann.token`; names may have dots, fields have none. */
function splitProperty(property: string, wholeEntry = false): Property {
  const [first = '', ...rest] = property.split('.');
  if (!(first in LISTS)) return { list: undefined, name: '', field: property };
  const list = first as ListName;
  if (wholeEntry && rest.length === 1) return { list, name: rest[0] ?? '', field: '' };
  const field = rest.pop() ?? '';
  if (rest.length === 0)
    throw new CommandError(
      `unable to parse path ${JSON.stringify(property)} at ${JSON.stringify(field)}: a name and a field must follow ${first}`,
    );
  return { list, name: rest.join('.'), field };
}

async function fileOf(config: Kubeconfig, list: ListName, name: string): Promise<string> {
  for (const file of config.files) {
    const content = await readKubeconfigFile(file);
    if ((content?.[list] as { name: string }[] | undefined)?.some((each) => each.name === name)) return file;
  }
  return firstFile(config);
}

function entryOf(content: KubeconfigFile, list: ListName, name: string, create: boolean): Entry | undefined {
  const entries = ((content[list] as unknown) ?? []) as Record<string, unknown>[];
  const found = entries.find((each) => each.name === name);
  const inner = LISTS[list];
  if (found) return (found[inner] ??= {}) as Entry;
  if (!create) return undefined;
  const entry: Entry = {};
  content[list] = [...entries, { [inner]: entry, name }] as never;
  return entry;
}
