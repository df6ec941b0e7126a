import type { ApiObject } from '../api/object.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { OUTPUT_FLAGS } from '../flag-sets.ts';
import { createPrinter } from '../output/printer.ts';
import { alignColumns, TABLE_OPTIONS } from '../output/tabwriter.ts';
import type { Kubeconfig } from './kubeconfig.ts';

export const currentContext: Command = {
  usage: '',
  async run({ io, session }) {
    const current = (await session.config()).currentContext;
    if (current === '') throw new CommandError('current-context is not set');
    io.stdout.write(`${current}\n`);
    return 0;
  },
};

export const getClusters: Command = {
  usage: '',
  run: async (invocation) => printNames(invocation, (config) => [...config.clusters.keys()]),
};

export const getUsers: Command = {
  usage: '',
  run: async (invocation) => printNames(invocation, (config) => [...config.users.keys()]),
};

async function printNames({ io, session }: Invocation, pick: (config: Kubeconfig) => string[]): Promise<number> {
  io.stdout.write(['NAME', ...pick(await session.config()).sort()].map((name) => `${name}\n`).join(''));
  return 0;
}

export const getContexts: Command = {
  usage: '[(-o|--output=)name)]',
  flags: [
    { name: 'no-headers', type: 'bool', usage: 'Leave out the line with the names of the columns.' },
    { name: 'output', short: 'o', type: 'string', usage: 'name prints only names.' },
  ],
  async run({ args, flags, io, session }) {
    const format = flags.string('output');
    if (format !== '' && format !== 'name') throw new CommandError(`output must be one of '' or 'name': ${format}`);
    const config = await session.config();
    const names = args.length > 0 ? args : [...config.contexts.keys()].sort();
    const missing = names.filter((name) => !config.contexts.has(name));
    const found = names.filter((name) => config.contexts.has(name));
    if (format === 'name') {
      io.stdout.write(found.map((name) => `${name}\n`).join(''));
    } else {
      const rows = found.map((name) => {
        const { cluster = '', user = '', namespace = '' } = config.contexts.get(name) ?? {};
        return [name === config.currentContext ? '*' : '', name, cluster, user, namespace];
      });
      const header = flags.bool('no-headers') ? [] : [['CURRENT', 'NAME', 'CLUSTER', 'AUTHINFO', 'NAMESPACE']];
      io.stdout.write(
        alignColumns([...header, ...rows].map((cells) => `${cells.join('\t')}\n`).join(''), TABLE_OPTIONS),
      );
    }
    if (missing.length > 0) throw new CommandError(missing.map((name) => `context ${name} not found`).join('\n'));
    return 0;
  },
};

/** What is not shown without --raw. */
const SECRET_FIELDS: Record<string, string> = {
  'certificate-authority-data': 'DATA+OMITTED',
  'client-certificate-data': 'DATA+OMITTED',
  'client-key-data': 'DATA+OMITTED',
  token: 'REDACTED',
  password: 'REDACTED',
};

export const view: Command = {
  usage: '[flags]',
  long: 'Prints the settings of all kubeconfig files as one; secrets only with --raw.',
  examples: [['The server of the current context', "config view --minify -o jsonpath='{.clusters[0].cluster.server}'"]],
  flags: [
    ...OUTPUT_FLAGS.map((flag) => (flag.name === 'output' ? { ...flag, default: 'yaml' } : flag)),
    { name: 'flatten', type: 'bool', usage: 'Accepted; files are shown by name.' },
    { name: 'merge', type: 'bool', default: 'true', usage: 'Accepted; files are always merged.' },
    { name: 'minify', type: 'bool', usage: 'Only what the current context uses.' },
    { name: 'raw', type: 'bool', usage: 'With secrets.' },
  ],
  async run({ flags, io, session }) {
    let config = await session.config();
    if (flags.string('context') !== '') config = { ...config, currentContext: flags.string('context') };
    const shown = flags.bool('minify') ? minify(config) : config;
    io.stdout.write((await createPrinter(flags, io, { keepOrder: true })).print(render(shown, flags.bool('raw'))));
    return 0;
  },
};

function minify(config: Kubeconfig): Kubeconfig {
  const { currentContext } = config;
  if (currentContext === '') throw new CommandError('current-context must exist in order to minify');
  const context = config.contexts.get(currentContext);
  if (!context) throw new CommandError(`cannot locate context ${currentContext}`);
  const only = <Entry>(entries: ReadonlyMap<string, Entry>, name = '') =>
    new Map([...entries].filter(([key]) => key === name));
  return {
    ...config,
    contexts: only(config.contexts, currentContext),
    clusters: only(config.clusters, context.cluster),
    users: only(config.users, context.user),
  };
}

function render(config: Kubeconfig, raw: boolean): ApiObject {
  const entries = (map: ReadonlyMap<string, Record<string, unknown>>, field: string) => {
    if (map.size === 0) return null;
    return [...map]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, entry]) => ({ name, [field]: raw ? entry : redact(entry) }));
  };
  return {
    kind: 'Config',
    apiVersion: 'v1',
    clusters: entries(config.clusters, 'cluster'),
    users: entries(config.users, 'user'),
    contexts: entries(config.contexts, 'context'),
    'current-context': config.currentContext,
  };
}

function redact(entry: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(entry).map(([key, value]) => [key, value ? (SECRET_FIELDS[key] ?? value) : value]),
  );
}
