import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';
import { podSpecOf, SET_FLAGS, setEach } from './pod-spec.ts';

export const serviceAccount: Command = {
  usage: '(-f FILENAME | TYPE NAME) SERVICE_ACCOUNT',
  long: 'Sets the service account of pods to come.',
  examples: [['The account builder', 'set serviceaccount deployment web builder']],
  flags: SET_FLAGS,
  async run(invocation) {
    const name = invocation.args.at(-1);
    if (name === undefined) throw new CommandError('serviceaccount is required');
    await setEach(invocation, invocation.args.slice(0, -1), 'serviceaccount updated', (object) =>
      podSpecOf(object).withFields({ serviceAccountName: name, serviceAccount: name }),
    );
    return 0;
  },
};
