import type { Command } from '../command.ts';
import { CREATE_FLAGS, createFromFlags, nameArgument } from './created.ts';

export const namespace: Command = {
  usage: 'NAME [--dry-run=server|client|none]',
  examples: [['A namespace', 'create namespace shop']],
  flags: CREATE_FLAGS,
  async run(invocation) {
    const name = nameArgument(invocation);
    const object = { kind: 'Namespace', apiVersion: 'v1', metadata: { name }, spec: {}, status: {} };
    await createFromFlags(invocation, { group: '', version: 'v1', name: 'namespaces', namespaced: false }, object, '');
    return 0;
  },
};
