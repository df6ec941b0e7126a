import { resourcePath } from '../api/resource.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { hasChanged } from '../release.ts';
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
  if (args.length === 0) throw new CommandError('at least 1 argument is required for attach');
  if (args.length > 2)
    throw new CommandError(
      `expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw ${args.length}: [${args.join(' ')}]`,
    );
  const namespace = (await session.namespace()).name;
  const holder = await getPodHolder(invocation, args.join('/'), namespace);
  const pod = await choosePod(invocation, holder, namespace, flags.duration('pod-running-timeout'));
  await attachTo(invocation, pod);
  return 0;
}

const RECORDED =
  'All commands and output from this session will be recorded in container logs, including credentials and sensitive information passed through the command prompt.\n';

/** kubectl/pkg/cmd/attach/attach.go, Run: what is wrong with the container is said so. */
function attachable<Found>(choose: () => Found): Found {
  try {
    return choose();
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new CommandError(`cannot attach to the container: ${error.message}`);
  }
}

/** Joins a pod that runs, in the container `named` or the one of `-c`. @throws PlainError with the exit code of the process. */
export async function attachTo(invocation: Invocation, pod: Pod, named?: string): Promise<void> {
  const { flags, io, session } = invocation;
  const { phase } = pod.status ?? {};
  if (phase === 'Succeeded' || phase === 'Failed') {
    throw new CommandError(`cannot attach a container in a completed pod; current phase is ${phase}`);
  }
  const say = flags.bool('quiet') ? null : (text: string) => void io.stderr.write(text);
  const wanted = named ?? (flags.has('container') ? flags.string('container') : '');
  const container = attachable(() => chooseContainer(invocation, pod, wanted, say));
  let { stdin, tty } = chooseStreams(invocation, say);
  if (tty && !container.tty) {
    tty = false;
    say?.(`error: Unable to use a TTY - container ${container.name} did not allocate one\n`);
  }
  stdin &&= flags.bool('stdin');
  if (hasChanged(io, 'attach warns of logs')) say?.(RECORDED);
  say?.("If you don't see a command prompt, try pressing enter.\n");
  const path = resourcePath(POD_RESOURCE, pod.metadata.namespace, pod.metadata.name, 'attach');
  const query = { container: container.name, stdout: true, stderr: tty ? undefined : true };
  await runRemote(await session.client(), path, query, io, { stdin, tty });
}
