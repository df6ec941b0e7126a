import { resourcePath } from '../api/resource.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError, UsageError } from '../errors.ts';
import type { FlagSpec } from '../flags.ts';
import { chooseContainer, choosePod, getPodHolder, POD_RESOURCE } from '../pods.ts';
import { runRemote } from '../remote-command.ts';
import { findTargets } from '../targets.ts';

/** Flags of commands that join a container. */
export const STREAM_FLAGS: readonly FlagSpec[] = [
  { name: 'container', short: 'c', type: 'string', usage: 'Container of the pod; the first one when left out.' },
  {
    name: 'pod-running-timeout',
    type: 'duration',
    default: '1m0s',
    usage: 'How long to wait for a pod.',
  },
  { name: 'quiet', short: 'q', type: 'bool', usage: 'Print only what the remote side writes.' },
  { name: 'stdin', short: 'i', type: 'bool', usage: 'Pass stdin on.' },
  { name: 'tty', short: 't', type: 'bool', usage: 'Give the remote side a terminal.' },
];

export const command: Command = {
  usage: '(POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...]',
  long: 'Runs a command in a container and exits as it does.',
  examples: [
    ['Look at the time of a pod', 'exec web -- date'],
    ['A shell in the container sleep of a pod of a deployment', 'exec -it deploy/sleep -c sleep -- sh'],
    ['Feed a command', 'exec -i web -- wc -l < file.txt'],
  ],
  flags: [...STREAM_FLAGS, { name: 'filename', short: 'f', type: 'csv', usage: 'File that names the pod.' }],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { flags, io, session } = invocation;
  const { name, words } = readArguments(invocation);
  const namespace = (await session.namespace()).name;
  const [target] = flags.list('filename').length > 0 ? await findTargets(invocation, { words: [] }) : [];
  const holder = await getPodHolder(
    invocation,
    target ? `${target.resource.name}/${target.name ?? ''}` : name,
    namespace,
  );
  const pod = await choosePod(invocation, holder, namespace, flags.duration('pod-running-timeout'));
  const { phase } = pod.status ?? {};
  if (phase === 'Succeeded' || phase === 'Failed') {
    throw new CommandError(`cannot exec into a container in a completed pod; current phase is ${phase}`);
  }
  const say = flags.bool('quiet') ? null : (text: string) => void io.stderr.write(text);
  const container = chooseContainer(invocation, pod, flags.string('container'), say);
  const { stdin, tty } = chooseStreams(invocation, say);
  const path = resourcePath(POD_RESOURCE, pod.metadata.namespace, pod.metadata.name, 'exec');
  const query = { command: words, container: container.name, stdout: true, stderr: tty ? undefined : true };
  await runRemote(await session.client(), path, query, io, { stdin, tty });
  return 0;
}

function readArguments({ args, dash, flags }: Invocation): { name: string; words: string[] } {
  const fromFile = flags.list('filename').length > 0;
  if (args.length === 0 && !fromFile) throw new CommandError('pod, type/name or --filename must be specified');
  if (dash < 0) {
    if (args.length > 1 || (fromFile && args.length > 0)) {
      throw new UsageError(`exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead`);
    }
    throw new CommandError('you must specify at least one command for the container');
  }
  if (dash === 0 && !fromFile) throw new CommandError('pod, type/name or --filename must be specified');
  const words = args.slice(dash);
  if (words.length === 0) throw new CommandError('you must specify at least one command for the container');
  return { name: args[0] ?? '', words };
}

/** A terminal is only given to those who have one and pass their input on. kubectl/pkg/cmd/exec/exec.go, SetupTTY. */
export function chooseStreams(
  { flags, io }: Invocation,
  say: ((text: string) => void) | null,
): { stdin: boolean; tty: boolean } {
  const stdin = flags.bool('stdin');
  if (!stdin || !flags.bool('tty')) return { stdin, tty: false };
  if (io.stdin.isTTY) return { stdin, tty: true };
  say?.('Unable to use a TTY - input is not a terminal or the right kind of file\n');
  return { stdin, tty: false };
}
