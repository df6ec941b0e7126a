import { objectName } from '../output/printer.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import type { Container } from '../pods.ts';
import { findTargets, forEachTarget, listTarget } from '../targets.ts';
import { podSpecOf, SET_FLAGS, setEach, splitWords } from './pod-spec.ts';

interface Variable {
  name: string;
  value?: string;
  valueFrom?: unknown;
}

export const env: Command = {
  usage: 'RESOURCE/NAME KEY_1=VAL_1 ... KEY_N=VAL_N',
  long: 'Sets variables of containers, or removes those that are followed by a minus.',
  examples: [
    ['Set one', 'set env deployment/web MODE=demo'],
    ['Remove it', 'set env deployment/web MODE-'],
    ['List them', 'set env deployment/web --list'],
  ],
  flags: [
    ...SET_FLAGS,
    {
      name: 'containers',
      short: 'c',
      type: 'string',
      default: '*',
      usage: 'Only of these containers; * stands for any text.',
    },
    { name: 'env', short: 'e', type: 'list', usage: 'Variable, as KEY=VALUE.' },
    { name: 'list', type: 'bool', usage: 'List the variables instead.' },
    { name: 'overwrite', type: 'bool', default: 'true', usage: 'Allow to change what is there.' },
  ],
  async run(invocation) {
    const { flags } = invocation;
    const [words, given] = splitWords(invocation.args, (word) => word.indexOf('=') > 0 || word.endsWith('-'));
    const changes = [...given, ...flags.list('env')];
    if (words.length === 0 && flags.list('filename').length === 0) {
      throw new CommandError('one or more resources must be specified as <resource> <name> or <resource>/<name>');
    }
    if (flags.bool('list')) return list(invocation, words);
    if (changes.length === 0) {
      await findTargets(invocation, { words });
      return 0;
    }
    await setEach(invocation, words, 'env updated', (object) => {
      const spec = podSpecOf(object);
      return spec.with(
        spec.containers.map((container) =>
          isChosen(container, flags.string('containers')) ? change(container, changes) : container,
        ),
        spec.initContainers,
      );
    });
    return 0;
  },
};

function isChosen({ name }: Container, pattern: string): boolean {
  const source = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${source}$`).test(name);
}

function change(container: Container, changes: readonly string[]): Container {
  let variables = [...((container.env ?? []) as Variable[])];
  for (const text of changes) {
    const equals = text.indexOf('=');
    const name = equals < 0 ? text.slice(0, -1) : text.slice(0, equals);
    if (equals < 0) {
      variables = variables.filter((variable) => variable.name !== name);
      continue;
    }
    const next = { name, value: text.slice(equals + 1) };
    const index = variables.findIndex((variable) => variable.name === name);
    variables =
      index < 0 ? [...variables, next] : variables.map((variable, each) => (each === index ? next : variable));
  }
  const { env: _, ...rest } = container;
  return variables.length === 0 ? rest : { ...rest, env: variables };
}

async function list(invocation: Invocation, words: readonly string[]): Promise<number> {
  const { io } = invocation;
  const targets = await findTargets(invocation, { words });
  await forEachTarget(targets, async (target) => {
    for (const object of await listTarget(invocation, target)) {
      const [kind] = objectName(object).split('/');
      for (const container of podSpecOf(object).containers) {
        const title = `${object.kind ?? kind ?? ''} ${object.metadata?.name ?? ''}`;
        io.stdout.write(`# ${title}, container ${container.name}\n`);
        for (const { name, value = '', valueFrom } of (container.env ?? []) as Variable[]) {
          io.stdout.write(
            valueFrom === undefined ? `${name}=${value}\n` : `# ${name} from ${describeSource(valueFrom)}\n`,
          );
        }
      }
    }
  });
  return 0;
}

function describeSource(source: unknown): string {
  const { secretKeyRef, configMapKeyRef, fieldRef } = source as Record<
    string,
    { name?: string; key?: string; fieldPath?: string }
  >;
  if (secretKeyRef) return `secret ${secretKeyRef.name ?? ''}, key ${secretKeyRef.key ?? ''}`;
  if (configMapKeyRef) return `configmap ${configMapKeyRef.name ?? ''}, key ${configMapKeyRef.key ?? ''}`;
  return `field path ${fieldRef?.fieldPath ?? ''}`;
}
