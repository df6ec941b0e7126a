import { CommandError } from '../kubectl/errors.ts';
import { alignColumns } from '../kubectl/output/tabwriter.ts';
import { renderYaml } from '../kubectl/output/yaml.ts';
import type { Command, Invocation } from './command.ts';
import { refuseWords } from './help.ts';
import { listObjects } from './resources.ts';
import { listWebhooks, REVISION } from './webhooks.ts';

const list: Command = {
  usage: '',
  long: 'Lists the revision tags with the revision and the namespaces of each.',
  examples: ['tag list'],
  flags: [{ name: 'output', short: 'o', type: 'string', default: 'table', usage: 'One of table|json|yaml' }],
  run: listTags,
};

/** `istioctl tag` */
export const command: Command = {
  usage: '',
  long: 'Works with revision tags, which are names for revisions of the control plane. A cluster of Taller has one.',
  examples: ['tag list'],
  subcommands: [
    { name: 'generate', short: 'Print a tag' },
    { name: 'list', aliases: ['show'], short: 'List tags', load: () => Promise.resolve(list) },
    { name: 'remove', aliases: ['delete'], short: 'Remove a tag' },
    { name: 'set', short: 'Make a tag, or change one' },
  ],
  run: refuseWords,
};

/** istioctl/pkg/tag/tag.go, listTags. */
async function listTags({ args, flags, io, session }: Invocation): Promise<number> {
  if (args.length > 0) throw new CommandError('tag list command does not accept arguments');
  const [hooks, namespaces] = await Promise.all([listWebhooks(session), listObjects(session, 'namespaces')]);
  const revisioned = hooks.filter(({ metadata }) => metadata.labels?.[REVISION] !== undefined);
  if (revisioned.length === 0) {
    io.stdout.write('No Istio revision tag MutatingWebhookConfigurations to list\n');
    return 0;
  }
  const all = revisioned.map(({ metadata: { labels = {} } }) => {
    const tag = labels['istio.io/tag'] ?? '';
    return {
      tag,
      revision: labels[REVISION] ?? '',
      namespaces: namespaces
        .filter(({ metadata }) => tag !== '' && metadata.labels?.[REVISION] === tag)
        .map(({ metadata }) => metadata.name),
    };
  });
  // A revision that has a tag is not told of without one.
  const tags = all
    .filter(({ tag, revision }) => tag !== '' || !all.some((other) => other.revision === revision && other.tag !== ''))
    .sort((a, b) => (a.revision === b.revision ? (a.tag < b.tag ? -1 : 1) : a.revision < b.revision ? -1 : 1));
  const output = flags.string('output');
  if (output === 'json') io.stdout.write(`${JSON.stringify(tags, null, 2)}\n`);
  else if (output === 'yaml') io.stdout.write(renderYaml(tags));
  else if (output !== 'table') throw new CommandError(`unknown format: ${output}`);
  else {
    const rows = tags.map(({ tag, revision, namespaces: own }) => `${tag}\t${revision}\t${own.join(',')}\n`);
    io.stdout.write(alignColumns(`TAG\tREVISION\tNAMESPACES\n${rows.join('')}`, { minWidth: 0, padding: 1 }));
  }
  return 0;
}
