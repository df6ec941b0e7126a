import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Command, Invocation } from '../command.ts';
import { CommandError, UsageError } from '../errors.ts';
import { renderYaml } from '../output/yaml.ts';
import { readKubeconfigFile, type ContextEntry, type Kubeconfig, type KubeconfigFile } from './kubeconfig.ts';

/** Changes one file; what else it holds stays as it is. */
export async function changeFile(file: string, change: (content: KubeconfigFile) => void): Promise<void> {
  const content = (await readKubeconfigFile(file)) ?? { apiVersion: 'v1', kind: 'Config' };
  change(content);
  // Since 1.34 upstream does not write what it does not read.
  delete content.preferences;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, renderYaml(content), { mode: 0o600 });
}

export function firstFile(config: Kubeconfig): string {
  const [file] = config.files;
  if (file === undefined) throw new CommandError('no kubeconfig file to write to');
  return file;
}

export async function fileOfCurrentContext(config: Kubeconfig): Promise<string> {
  for (const file of config.files) if ((await readKubeconfigFile(file))?.['current-context']) return file;
  return firstFile(config);
}

function oneName({ args }: Invocation): string {
  const [name, ...more] = args;
  if (name === undefined || more.length > 0) throw new UsageError(`Unexpected args: [${args.join(' ')}]`);
  return name;
}

export const useContext: Command = {
  usage: 'CONTEXT_NAME',
  async run(invocation) {
    const { io, session } = invocation;
    const name = oneName(invocation);
    const config = await session.config();
    if (!config.contexts.has(name)) throw new CommandError(`no context exists with the name: ${JSON.stringify(name)}`);
    await changeFile(await fileOfCurrentContext(config), (content) => {
      content['current-context'] = name;
    });
    io.stdout.write(`Switched to context ${JSON.stringify(name)}.\n`);
    return 0;
  },
};

export const setContext: Command = {
  usage: '[NAME | --current] [--cluster=cluster_nickname] [--user=user_nickname] [--namespace=namespace]',
  examples: [['Another namespace from now on', 'config set-context --current --namespace=shop']],
  flags: [{ name: 'current', type: 'bool', usage: 'Change the current context.' }],
  async run(invocation) {
    const { args, flags, io, session } = invocation;
    const config = await session.config();
    const current = flags.bool('current');
    if (args.length > 1 || (args.length === 1 && current) || (args.length === 0 && !current)) {
      throw new CommandError(
        args.length === 0
          ? 'you must specify a non-empty context name or --current'
          : `Unexpected args: [${args.join(' ')}]`,
      );
    }
    const name = current ? config.currentContext : (args[0] ?? '');
    if (name === '') throw new CommandError('no current context is set');
    const exists = config.contexts.has(name);
    await changeFile(config.contextFiles.get(name) ?? firstFile(config), (content) => {
      const contexts = (content.contexts ??= []);
      const found = contexts.find((each) => each.name === name);
      const entry: ContextEntry = { ...found?.context };
      for (const field of ['cluster', 'user', 'namespace'] as const) {
        if (!flags.changed(field)) continue;
        if (flags.string(field) === '') delete entry[field];
        else entry[field] = flags.string(field);
      }
      const filled = { cluster: '', user: '', ...entry };
      if (found) found.context = filled;
      else contexts.push({ context: filled, name });
    });
    io.stdout.write(`Context ${JSON.stringify(name)} ${exists ? 'modified' : 'created'}.\n`);
    return 0;
  },
};

export const renameContext: Command = {
  usage: 'CONTEXT_NAME NEW_NAME',
  async run({ args, io, session }) {
    const [from, to, ...more] = args;
    if (from === undefined || to === undefined || more.length > 0)
      throw new UsageError(`Unexpected args: [${args.join(' ')}]`);
    const config = await session.config();
    const file = config.contextFiles.get(from);
    if (file === undefined) {
      throw new CommandError(`cannot rename the context ${JSON.stringify(from)}, it's not in ${firstFile(config)}`);
    }
    if (config.contexts.has(to)) {
      throw new CommandError(
        `cannot rename the context ${JSON.stringify(from)}, the context ${JSON.stringify(to)} already exists in ${file}`,
      );
    }
    await changeFile(file, (content) => {
      for (const each of content.contexts ?? []) if (each.name === from) each.name = to;
    });
    if (config.currentContext === from) {
      await changeFile(await fileOfCurrentContext(config), (content) => {
        content['current-context'] = to;
      });
    }
    io.stdout.write(`Context ${JSON.stringify(from)} renamed to ${JSON.stringify(to)}.\n`);
    return 0;
  },
};

export const deleteContext: Command = {
  usage: 'NAME',
  async run(invocation) {
    const { io, session } = invocation;
    const name = oneName(invocation);
    const config = await session.config();
    const file = config.contextFiles.get(name);
    if (file === undefined) throw new CommandError(`cannot delete context ${name}, not in ${firstFile(config)}`);
    if (config.currentContext === name) {
      io.stderr.write(
        'warning: this removed your active context, use "kubectl config use-context" to select a different one\n',
      );
    }
    await changeFile(file, (content) => {
      content.contexts = (content.contexts ?? []).filter((each) => each.name !== name);
    });
    io.stdout.write(`deleted context ${name} from ${file}\n`);
    return 0;
  },
};

export const deleteCluster = deleting('clusters', 'cluster');
export const deleteUser = deleting('users', 'user');

function deleting(list: 'clusters' | 'users', noun: string): Command {
  return {
    usage: 'NAME',
    async run(invocation) {
      const { io, session } = invocation;
      const name = oneName(invocation);
      const config = await session.config();
      if (!config[list].has(name)) throw new CommandError(`cannot delete ${noun} ${name}, not in ${firstFile(config)}`);
      for (const file of config.files) {
        const content = await readKubeconfigFile(file);
        if (!content?.[list]?.some((each) => each.name === name)) continue;
        await changeFile(file, (changed) => {
          const entries = (changed[list] ?? []) as { name: string }[];
          changed[list] = entries.filter((each) => each.name !== name);
        });
        io.stdout.write(`deleted ${noun} ${name} from ${file}\n`);
        return 0;
      }
      throw new CommandError(`cannot delete ${noun} ${name}, not in ${firstFile(config)}`);
    },
  };
}
