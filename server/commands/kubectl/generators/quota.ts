import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';
import { CREATE_FLAGS, createFromFlags, nameArgument } from './created.ts';

export const quota: Command = {
  usage: 'NAME [--hard=key1=value1,key2=value2] [--scopes=Scope1,Scope2] [--dry-run=server|client|none]',
  examples: [['At most ten pods', 'create quota small --hard=pods=10']],
  flags: [
    ...CREATE_FLAGS,
    { name: 'hard', type: 'string', usage: 'Limits, as pods=10,cpu=2.' },
    { name: 'scopes', type: 'string', usage: 'Only pods of these scopes, as BestEffort.' },
  ],
  async run(invocation) {
    const { flags } = invocation;
    const name = nameArgument(invocation);
    const hard = flags.string('hard') === '' ? [] : flags.string('hard').split(',').map(readLimit);
    const scopes = flags.string('scopes') === '' ? [] : flags.string('scopes').split(',');
    const spec = {
      ...(hard.length > 0 ? { hard: Object.fromEntries(hard) } : {}),
      ...(scopes.length > 0 ? { scopes } : {}),
    };
    await createFromFlags(
      invocation,
      { group: '', version: 'v1', name: 'resourcequotas', namespaced: true },
      { kind: 'ResourceQuota', apiVersion: 'v1', metadata: { name }, spec, status: {} },
      'failed to create quota: ',
    );
    return 0;
  },
};

function readLimit(pair: string): [resource: string, limit: string] {
  const [resource, limit, ...more] = pair.split('=');
  if (!resource || limit === undefined || more.length > 0) {
    throw new CommandError(`Invalid argument syntax ${pair}, expected <resource>=<value>`);
  }
  return [resource, limit];
}
