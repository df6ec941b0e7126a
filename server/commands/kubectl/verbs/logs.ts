import type { ApiObject } from '../api/object.ts';
import { resourcePath } from '../api/resource.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError, isNotFound, StatusError, UsageError } from '../errors.ts';
import { SELECTOR_FLAG } from '../flag-sets.ts';
import { chooseContainer, getPodHolder, listPods, POD_RESOURCE, podSelector, sortActive, type Pod } from '../pods.ts';
import { hasChanged } from '../release.ts';

export const command: Command = {
  usage: '[-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]',
  long: 'Prints what a container wrote to its standard output and error.',
  examples: [
    ['All of a pod', 'logs web'],
    ['Go on as it writes', 'logs -f web'],
    ['The last 20 lines of all pods with a label', 'logs -l app=web --tail=20'],
    ['The sidecar of a pod of a deployment', 'logs deploy/web -c istio-proxy'],
    ['Before the container was restarted', 'logs web --previous'],
  ],
  flags: [
    SELECTOR_FLAG,
    { name: 'all-containers', type: 'bool', usage: 'Of all containers of the pod.' },
    { name: 'all-pods', type: 'bool', usage: 'Of all pods of the object; sets --prefix.' },
    { name: 'container', short: 'c', type: 'string', usage: 'Container of the pod.' },
    { name: 'follow', short: 'f', type: 'bool', usage: 'Go on as the container writes.' },
    { name: 'ignore-errors', type: 'bool', usage: 'Go on when one of several logs cannot be read.' },
    { name: 'insecure-skip-tls-verify-backend', type: 'bool', usage: 'Accepted; there is no kubelet to verify.' },
    { name: 'limit-bytes', type: 'int', usage: 'Most bytes to print.' },
    { name: 'max-log-requests', type: 'int', default: '5', usage: 'Most logs to follow at once with a selector.' },
    { name: 'pod-running-timeout', type: 'duration', default: '20s', usage: 'How long to wait for a pod.' },
    { name: 'prefix', type: 'bool', usage: 'Put pod and container before each line.' },
    { name: 'previous', short: 'p', type: 'bool', usage: 'Of the container before its last restart.' },
    { name: 'since', type: 'duration', default: '0s', usage: 'Only what is newer, as 5s, 2m or 3h.' },
    { name: 'since-time', type: 'string', usage: 'Only what is newer than this time (RFC 3339).' },
    { name: 'tail', type: 'int', default: '-1', usage: 'Only the last lines; -1 for all, or 10 with a selector.' },
    { name: 'timestamps', type: 'bool', usage: 'Put the time before each line.' },
  ],
  run,
};

/** One container whose log is printed. */
interface Source {
  pod: Pod;
  container: string;
}

async function run(invocation: Invocation): Promise<number> {
  const { flags, args, session } = invocation;
  const selector = flags.string('selector');
  checkArguments(invocation);
  const namespace = (await session.namespace()).name;
  const sources =
    selector === ''
      ? await namedSources(invocation, namespace, args)
      : await selectedSources(invocation, namespace, selector);
  if (flags.bool('follow') && sources.length > flags.int('max-log-requests')) {
    throw new CommandError(
      `you are attempting to follow ${sources.length} log streams, but maximum allowed concurrency is ${flags.int('max-log-requests')}, use --max-log-requests to increase the limit`,
    );
  }
  if (flags.bool('follow')) await Promise.all(sources.map((source) => printLog(invocation, source)));
  else for (const source of sources) await printLog(invocation, source);
  return 0;
}

/** kubectl/pkg/cmd/logs/logs.go, Complete and Validate. */
function checkArguments({ flags, args }: Invocation): void {
  const selector = flags.string('selector');
  const usage = `expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command`;
  if (args.length === 0 && selector === '') throw new UsageError(usage);
  if (args.length > 0 && selector !== '') throw new UsageError('only a selector (-l) or a POD name is allowed');
  if (args.length > 2) throw new UsageError(usage);
  if (flags.changed('since') && flags.string('since-time') !== '') {
    throw new CommandError('at most one of `sinceTime` or `sinceSeconds` may be specified');
  }
  if (flags.bool('all-containers') && flags.string('container') !== '') {
    throw new CommandError('--all-containers=true should not be specified with container name c');
  }
  if (flags.int('tail') < -1) throw new CommandError('--tail must be greater than or equal to -1');
}

async function namedSources(invocation: Invocation, namespace: string, args: readonly string[]): Promise<Source[]> {
  const { flags, io } = invocation;
  const [word = '', second] = args;
  // `logs POD CONTAINER` is the form of long ago.
  const wanted = flags.string('container') || (second ?? '');
  const holder = await getHolder(invocation, word, namespace);
  if (holder.kind === 'Pod') return sourcesOf(invocation, holder as Pod, wanted);
  const pods = [...sortActive(await listPods(invocation, namespace, podSelector(holder)))];
  if (flags.bool('all-pods')) return pods.flatMap((pod) => sourcesOf(invocation, pod, wanted));
  const [first] = pods;
  if (!first) throw new CommandError('timed out waiting for the condition');
  if (pods.length > 1) io.stderr.write(`Found ${pods.length} pods, using pod/${first.metadata.name ?? ''}\n`);
  return sourcesOf(invocation, first, wanted);
}

async function getHolder(invocation: Invocation, word: string, namespace: string): Promise<ApiObject> {
  try {
    return await getPodHolder(invocation, word, namespace);
  } catch (error) {
    if (!isNotFound(error) || !(error instanceof StatusError)) throw error;
    throw new CommandError(
      `error from server (NotFound): ${error.status.message ?? ''} in namespace ${JSON.stringify(namespace)}`,
    );
  }
}

async function selectedSources(invocation: Invocation, namespace: string, selector: string): Promise<Source[]> {
  const pods = await listPods(invocation, namespace, selector);
  if (pods.length === 0) invocation.io.stderr.write(`No resources found in ${namespace} namespace.\n`);
  return pods.flatMap((pod) => sourcesOf(invocation, pod, invocation.flags.string('container')));
}

function sourcesOf(invocation: Invocation, pod: Pod, wanted: string): Source[] {
  const { flags, io } = invocation;
  if (flags.bool('all-containers')) {
    const all = [...(pod.spec.initContainers ?? []), ...pod.spec.containers, ...(pod.spec.ephemeralContainers ?? [])];
    return all.map(({ name }) => ({ pod, container: name }));
  }
  const warn = (text: string) => void io.stderr.write(text);
  // Before, it was the server that said which containers there are to choose from.
  if (wanted === '' && !hasChanged(io, 'the defaulted container is listed')) return [{ pod, container: '' }];
  return [{ pod, container: chooseContainer(invocation, pod, wanted, warn).name }];
}

async function printLog(invocation: Invocation, { pod, container }: Source): Promise<void> {
  const { flags, io, session } = invocation;
  const client = await session.client();
  const path = resourcePath(POD_RESOURCE, pod.metadata.namespace, pod.metadata.name, 'log');
  const response = await client
    .stream('GET', path, {
      query: logQuery(invocation, container),
      subject: { resource: 'pods', name: pod.metadata.name ?? '' },
    })
    .catch((error: unknown) => {
      if (!flags.bool('ignore-errors') || !(error instanceof StatusError)) throw error;
      io.stderr.write(`error: ${error.message}\n`);
      return null;
    });
  if (!response) return;
  const prefixed = flags.bool('prefix') || flags.bool('all-pods');
  const prefix = prefixed ? `[pod/${pod.metadata.name ?? ''}/${container}] ` : '';
  let rest = '';
  for await (const piece of response.pieces()) {
    if (prefix === '') {
      io.stdout.write(piece);
      continue;
    }
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) io.stdout.write(`${prefix}${line}\n`);
  }
  if (rest !== '') io.stdout.write(`${prefix}${rest}\n`);
}

function logQuery({ flags }: Invocation, container: string) {
  const tail = flags.changed('tail') ? flags.int('tail') : flags.string('selector') === '' ? -1 : 10;
  const since = flags.duration('since');
  return {
    container: container || undefined,
    follow: flags.bool('follow') || undefined,
    limitBytes: flags.int('limit-bytes') || undefined,
    previous: flags.bool('previous') || undefined,
    sinceSeconds: since > 0 ? Math.max(1, Math.ceil(since / 1000)) : undefined,
    sinceTime: flags.string('since-time') || undefined,
    tailLines: tail >= 0 ? tail : undefined,
    timestamps: flags.bool('timestamps') || undefined,
  };
}
