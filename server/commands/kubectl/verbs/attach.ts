import { resourcePath } from '../api/resource.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError, UsageError } from '../errors.ts';
import { chooseContainer, choosePod, getPodHolder, POD_RESOURCE, type Pod } from '../pods.ts';
import { runRemote } from '../remote-command.ts';
import { chooseStreams, STREAM_FLAGS } from './exec.ts';

export const command: Command = {
  usage: '(POD | TYPE/NAME) -c CONTAINER',
  long: 'Joins the main process of a container: prints what it writes and, with -i, passes your input on.',
  examples: [
    ['Watch what a pod writes', 'attach web'],
    ['Talk to the shell that a pod runs', 'attach -it shell'],
  ],
  flags: STREAM_FLAGS,
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { args, flags, session } = invocation;
  if (args.length === 0) throw new UsageError('at least 1 argument is required for attach');
  if (args.length > 2)
    throw new UsageError(
      `expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw ${args.length}: [${args.join(' ')}]`,
    );
  const namespace = (await session.namespace()).name;
  const holder = await getPodHolder(invocation, args.join('/'), namespace);
  const pod = await choosePod(invocation, holder, namespace, flags.duration('pod-running-timeout'));
  await attachTo(invocation, pod);
  return 0;
}

/** Joins a pod that runs. @throws PlainError with the exit code of the process. */
export async function attachTo(invocation: Invocation, pod: Pod): Promise<void> {
  const { flags, io, session } = invocation;
  const { phase } = pod.status ?? {};
  if (phase === 'Succeeded' || phase === 'Failed') {
    throw new CommandError(`cannot attach a container in a completed pod; current phase is ${phase}`);
  }
  const say = flags.bool('quiet') ? null : (text: string) => void io.stderr.write(text);
  const wanted = flags.has('container') ? flags.string('container') : '';
  const container = chooseContainer(pod, wanted, say);
  let { stdin, tty } = chooseStreams(invocation, say);
  if (tty && !container.tty) {
    tty = false;
    say?.(`error: Unable to use a TTY - container ${container.name} did not allocate one\n`);
  }
  stdin &&= flags.bool('stdin');
  if (stdin && tty) say?.("If you don't see a command prompt, try pressing enter.\n");
  const path = resourcePath(POD_RESOURCE, pod.metadata.namespace, pod.metadata.name, 'attach');
  const query = { container: container.name, stdout: true, stderr: tty ? undefined : true };
  await runRemote(await session.client(), path, query, io, { stdin, tty });
}
