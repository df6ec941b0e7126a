import { CommandError } from '../../kubectl/errors.ts';
import type { Command, Invocation } from '../command.ts';
import { parseDump } from '../envoy.ts';
import { FILE_FLAG, outputOf, readSource, renderObjects } from './source.ts';

export const command: Command = {
  usage: '[<type>/]<name>[.<namespace>]',
  long: 'Prints what a proxy knew before the control plane told it anything.',
  examples: ['proxy-config bootstrap web'],
  flags: [{ name: 'output', short: 'o', type: 'string', default: 'json', usage: 'One of json|yaml' }, FILE_FLAG],
  async run(invocation: Invocation): Promise<number> {
    const output = outputOf(invocation);
    if (output === 'short') throw new CommandError('bootstrap is printed as json or yaml; use -o json');
    const { bootstrap } = parseDump(await readSource(invocation, 'config_dump'));
    invocation.io.stdout.write(renderObjects({ bootstrap }, output));
    return 0;
  },
};
