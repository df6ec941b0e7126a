import { changeFile, firstFile } from '../config/change.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError, PlainError, UsageError } from '../errors.ts';
import { createSession } from '../session.ts';
import { listProjects, renderProjects, serverOf } from './projects.ts';

/**
 * `oc login`. openshift/oc, pkg/cli/login/login.go. There is no OAuth server: any password will do, and the name is
 * acted as (`as` in the kubeconfig), since the cluster knows its clients by the secret in its address.
 */
export const login: Command = {
  usage: '[URL]',
  long: 'Makes you another user of the cluster. Any password is right.',
  examples: [['As ann', 'login -u ann -p secret']],
  flags: [
    { name: 'username', short: 'u', type: 'string', usage: 'Name of the user.' },
    { name: 'password', short: 'p', type: 'string', usage: 'Password; any will do.' },
  ],
  async run(invocation) {
    const { args, flags, io, session } = invocation;
    if (args.length > 1) throw new UsageError(`Only the server URL may be specified as an argument`);
    const name = flags.string('username');
    if (name === '') {
      throw new CommandError(`"${invocation.path}" needs -u NAME and -p PASSWORD in Taller; tokens are not simulated`);
    }
    const config = await session.config();
    const context = config.contexts.get(config.currentContext);
    if (!context) throw new CommandError('no server was given and no context is set');
    const server = await serverOf(invocation);
    if (args[0] !== undefined && new URL(args[0]).host !== new URL(server).host) {
      throw new CommandError(
        `dial tcp: lookup ${new URL(args[0]).hostname}: no such host - verify you have provided the correct host and port and that the server is currently running.`,
      );
    }
    const userEntry = `${name}/${new URL(server).host.replaceAll('.', '-')}`;
    const administrator = name === 'kubeadmin' || name === 'system:admin';
    const user = administrator ? {} : { as: name, 'as-groups': ['system:authenticated', 'system:authenticated:oauth'] };
    await changeFile(config.contextFiles.get(config.currentContext) ?? firstFile(config), (content) => {
      content.users = [...(content.users ?? []).filter((each) => each.name !== userEntry), { name: userEntry, user }];
      for (const each of content.contexts ?? []) {
        if (each.name === config.currentContext) each.context = { ...each.context, user: userEntry };
      }
    });
    io.stdout.write('Login successful.\n\n');
    // From here on as the new user.
    const next = { ...invocation, session: createSession(flags, io) };
    try {
      return await sayProjects(next);
    } finally {
      next.session.dispose();
    }
  },
};

async function sayProjects(invocation: Invocation): Promise<number> {
  const { io, session } = invocation;
  const names = await listProjects(invocation);
  const { name: current } = await session.namespace();
  io.stdout.write(`${renderProjects(names, current)}\n`);
  if (names.length > 0) io.stdout.write(`\nUsing project ${JSON.stringify(current)}.\n`);
  return 0;
}

/** `oc logout`. openshift/oc, pkg/cli/logout/logout.go. */
export const logout: Command = {
  usage: '',
  long: 'Forgets who you logged in as.',
  async run(invocation) {
    const { io, session } = invocation;
    const config = await session.config();
    const context = config.contexts.get(config.currentContext);
    const name = config.users.get(context?.user ?? '')?.as;
    if (!name) throw new PlainError('You must have a token in order to logout.');
    await changeFile(config.contextFiles.get(config.currentContext) ?? firstFile(config), (content) => {
      for (const each of content.users ?? []) if (each.name === context?.user) each.user = {};
    });
    io.stdout.write(`Logged ${JSON.stringify(name)} out on ${JSON.stringify(await serverOf(invocation))}\n`);
    return 0;
  },
};
