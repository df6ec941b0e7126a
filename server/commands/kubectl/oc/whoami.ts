import type { ApiObject } from '../api/object.ts';
import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';
import { serverOf } from './projects.ts';

/** openshift/oc, pkg/cli/whoami/whoami.go. */
export const command: Command = {
  usage: '',
  long: 'Says who you are to the cluster.',
  flags: [
    { name: 'show-context', short: 'c', type: 'bool', usage: 'Print the current context instead.' },
    { name: 'show-server', type: 'bool', usage: 'Print the address of the server instead.' },
    { name: 'show-token', short: 't', type: 'bool', usage: 'Print the token of the session instead.' },
  ],
  async run(invocation) {
    const { flags, io, session } = invocation;
    const config = await session.config();
    if (flags.bool('show-token')) {
      const token = config.users.get(config.contexts.get(config.currentContext)?.user ?? '')?.token;
      if (!token) throw new CommandError('no token is currently in use for this session');
      io.stdout.write(`${token}\n`);
    } else if (flags.bool('show-context')) {
      if (config.currentContext === '') throw new CommandError('no context has been set');
      io.stdout.write(`${config.currentContext}\n`);
    } else if (flags.bool('show-server')) {
      io.stdout.write(`${await serverOf(invocation)}\n`);
    } else {
      const client = await session.client();
      const user = await client.json<ApiObject>('GET', '/apis/user.openshift.io/v1/users/~', {
        subject: { resource: 'users', name: '~' },
      });
      io.stdout.write(`${user.metadata?.name ?? ''}\n`);
    }
    return 0;
  },
};
