import type { Command } from '../command.ts';
import { CREATE_FLAGS, createFromFlags, nameArgument } from './created.ts';

export const priorityClass: Command = {
  usage: 'NAME --value=VALUE --global-default=BOOL [--dry-run=server|client|none]',
  examples: [['A class above the default', 'create priorityclass high --value=1000 --description="goes first"']],
  flags: [
    ...CREATE_FLAGS,
    { name: 'description', type: 'string', usage: 'When to use it, in words.' },
    { name: 'global-default', type: 'bool', usage: 'For pods that name no class.' },
    {
      name: 'preemption-policy',
      type: 'string',
      default: 'PreemptLowerPriority',
      usage: 'PreemptLowerPriority or Never.',
    },
    { name: 'value', type: 'int', usage: 'The higher, the earlier.' },
  ],
  async run(invocation) {
    const { flags } = invocation;
    const name = nameArgument(invocation);
    const description = flags.string('description');
    const object = {
      kind: 'PriorityClass',
      apiVersion: 'scheduling.k8s.io/v1',
      metadata: { name },
      value: flags.int('value'),
      ...(flags.bool('global-default') ? { globalDefault: true } : {}),
      ...(description === '' ? {} : { description }),
      preemptionPolicy: flags.string('preemption-policy'),
    };
    await createFromFlags(
      invocation,
      { group: 'scheduling.k8s.io', version: 'v1', name: 'priorityclasses', namespaced: false },
      object,
      'failed to create priorityclass: ',
    );
    return 0;
  },
};
