import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';
import { parseQuantity } from '../output/quantity.ts';
import type { Container } from '../pods.ts';
import { podSpecOf, SET_FLAGS, setEach } from './pod-spec.ts';

export const resources: Command = {
  usage: '(-f FILENAME | TYPE NAME) ([--limits=LIMITS & --requests=REQUESTS]',
  long: 'Sets what containers ask for and at most get.',
  examples: [['CPU and memory', 'set resources deployment web --limits=cpu=200m,memory=128Mi --requests=cpu=50m']],
  flags: [
    ...SET_FLAGS,
    { name: 'containers', short: 'c', type: 'string', default: '*', usage: 'Only of this container; * for all.' },
    { name: 'limits', type: 'string', usage: 'As cpu=200m,memory=128Mi.' },
    { name: 'requests', type: 'string', usage: 'As cpu=50m,memory=64Mi.' },
  ],
  async run(invocation) {
    const { flags } = invocation;
    const [limits, requests] = [parse(flags.string('limits')), parse(flags.string('requests'))];
    if (!limits && !requests)
      throw new CommandError('you must specify an update to requests or limits (in the form of --requests/--limits)');
    const chosen = flags.string('containers');
    const change = (container: Container): Container => {
      if (chosen !== '*' && container.name !== chosen) return container;
      const before = (container.resources ?? {}) as Record<string, Record<string, string>>;
      const after = { ...before };
      if (limits) after.limits = { ...before.limits, ...limits };
      if (requests) after.requests = { ...before.requests, ...requests };
      return { ...container, resources: after };
    };
    await setEach(invocation, invocation.args, 'resource requirements updated', (object) => {
      const spec = podSpecOf(object);
      return spec.with(spec.containers.map(change), spec.initContainers);
    });
    return 0;
  },
};

function parse(text: string): Record<string, string> | null {
  if (text === '') return null;
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const [name = '', quantity = '', ...more] = pair.split('=');
      if (name === '' || quantity === '' || more.length > 0)
        throw new CommandError(`invalid argument syntax ${pair}, expected <resource>=<value>`);
      if (parseQuantity(quantity) === null) {
        throw new CommandError(
          `quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`,
        );
      }
      return [name, quantity];
    }),
  );
}
