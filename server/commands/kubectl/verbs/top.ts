import type { Command, CommandEntry } from '../command.ts';
import { CommandError } from '../errors.ts';
import { ALL_NAMESPACES_FLAG, FIELD_SELECTOR_FLAG, SELECTOR_FLAG } from '../flag-sets.ts';

/** Without a metrics server, which is how many clusters are, this is all that `top` says. */
const unavailable: Command = {
  usage: '[NAME | -l label]',
  flags: [
    SELECTOR_FLAG,
    FIELD_SELECTOR_FLAG,
    ALL_NAMESPACES_FLAG,
    { name: 'containers', type: 'bool', usage: 'Each container apart.' },
    { name: 'no-headers', type: 'bool', usage: 'Leave out the line with the names of the columns.' },
    { name: 'show-capacity', type: 'bool', usage: 'Relative to the capacity of the node.' },
    { name: 'sort-by', type: 'string', usage: 'cpu or memory.' },
    { name: 'sum', type: 'bool', usage: 'With a sum.' },
    { name: 'use-protocol-buffers', type: 'bool', default: 'true', usage: 'Accepted; nothing is asked.' },
  ],
  async run({ session }) {
    const all = await (await session.discovery()).all();
    if (!all.some((resource) => resource.group === 'metrics.k8s.io'))
      throw new CommandError('Metrics API not available');
    throw new CommandError('"top" with a metrics server is not simulated in Taller yet');
  },
};

const entry = (name: string, short: string, aliases: string[]): CommandEntry => ({
  name,
  short,
  aliases,
  load: () => Promise.resolve(unavailable),
});

export const command: Command = {
  usage: '[flags]',
  long: 'Shows the use of CPU and memory, where the cluster measures it.',
  subcommands: [
    entry('node', 'Display resource (CPU/memory) usage of nodes', ['nodes', 'no']),
    entry('pod', 'Display resource (CPU/memory) usage of pods', ['pods', 'po']),
  ],
};
