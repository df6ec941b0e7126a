import { resourcePath } from '../api/resource.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../errors.ts';
import { chooseContainer, choosePod, getPodHolder, POD_RESOURCE } from '../pods.ts';
import { runRemote } from '../remote-command.ts';

/** openshift/oc, pkg/cli/rsh/rsh.go: a shell with a terminal when there is one here. */
export const command: Command = {
  usage: '[-c CONTAINER] [flags] (POD | TYPE/NAME) [COMMAND [args...]]',
  long: 'Opens a shell in a container.',
  examples: [['In the first pod of a deployment', 'rsh deploy/web']],
  flags: [
    { name: 'container', short: 'c', type: 'string', usage: 'Container of the pod; the first one when left out.' },
    { name: 'no-tty', short: 'T', type: 'bool', usage: 'No terminal.' },
    { name: 'shell', type: 'string', default: '/bin/sh', usage: 'Shell to run.' },
    { name: 'timeout', type: 'duration', default: '10s', usage: 'How long to wait for a pod.' },
    { name: 'tty', short: 't', type: 'bool', usage: 'A terminal, whatever is here.' },
  ],
  async run(invocation) {
    const { args, flags, io, session } = invocation;
    const [word, ...words] = args;
    if (word === undefined) throw new UsageError('rsh requires a single Pod to connect to');
    const { name: namespace } = await session.namespace();
    const holder = await getPodHolder(invocation, word, namespace);
    const pod = await choosePod(invocation, holder, namespace, flags.duration('timeout'));
    const container = chooseContainer(invocation, pod, flags.string('container'), (text) => void io.stderr.write(text));
    const tty = !flags.bool('no-tty') && io.stdin.isTTY === true;
    const path = resourcePath(POD_RESOURCE, pod.metadata.namespace, pod.metadata.name, 'exec');
    const command = words.length > 0 ? words : [flags.string('shell')];
    const query = { command, container: container.name, stdout: true, stderr: tty ? undefined : true };
    await runRemote(await session.client(), path, query, io, { stdin: true, tty });
    return 0;
  },
};
