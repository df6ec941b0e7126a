import type { Command } from '../command.ts';
import { CREATE_FLAGS, createFromFlags, nameArgument } from './created.ts';

export const serviceaccount: Command = {
  usage: 'NAME [--dry-run=server|client|none]',
  flags: CREATE_FLAGS,
  async run(invocation) {
    const object = { kind: 'ServiceAccount', apiVersion: 'v1', metadata: { name: nameArgument(invocation) } };
    const resource = { group: '', version: 'v1', name: 'serviceaccounts', namespaced: true };
    await createFromFlags(invocation, resource, object, 'failed to create serviceaccount: ');
    return 0;
  },
};
