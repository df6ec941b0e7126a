import { isRecord, type ApiObject } from '../api/object.ts';
import { resourcePath, type Resource } from '../api/resource.ts';
import { watch } from '../api/watch.ts';
import type { Command, Invocation } from '../command.ts';
import { dryRunOf } from '../change.ts';
import { CommandError, PlainError, StatusError, UsageError } from '../errors.ts';
import { DELETE_FLAGS } from '../flag-sets.ts';
import { CREATE_FLAGS, createFromFlags } from '../generators/created.ts';
import { isImage } from '../generators/image.ts';
import { chooseRunKind, wrapPod } from '../generators/run-workload.ts';
import { applyJsonPatch } from '../patches/json-patch.ts';
import { applyMergePatch } from '../patches/merge-patch.ts';
import { applyStrategicPatch } from '../patches/strategic-patch.ts';
import { choosePod, getPod, POD_RESOURCE, type ContainerState, type Pod } from '../pods.ts';
import { attachTo } from './attach.ts';
import { deleteTargets } from './delete.ts';

export const command: Command = {
  usage:
    'NAME --image=image [--env="key=value"] [--port=port] [--dry-run=server|client] [--overrides=inline-json] [--command] -- [COMMAND] [args...]',
  long: 'Starts an image in a pod, and joins it when asked to.',
  examples: [
    ['A pod', 'run web --image=nginx'],
    ['A shell that is gone when you leave it', 'run -it --rm shell --image=busybox --restart=Never -- sh'],
    ['What would be sent', 'run web --image=nginx --dry-run=client -o yaml'],
  ],
  flags: [
    ...CREATE_FLAGS.filter((flag) => flag.name !== 'validate' && flag.name !== 'field-manager'),
    ...DELETE_FLAGS,
    {
      name: 'field-manager',
      type: 'string',
      default: 'kubectl-run',
      usage: 'Name that stands for the writer of the fields.',
    },
    { name: 'annotations', type: 'list', usage: 'Annotation, as KEY=VALUE.' },
    { name: 'attach', type: 'bool', usage: 'Join the pod when it runs; the default with -i.' },
    { name: 'command', type: 'bool', usage: 'What stands behind -- is the command, not its arguments.' },
    { name: 'env', type: 'list', usage: 'Variable, as KEY=VALUE.' },
    { name: 'expose', type: 'bool', usage: 'Also make a service; needs --port.' },
    { name: 'image', type: 'string', usage: 'Image to run.' },
    { name: 'image-pull-policy', type: 'string', usage: 'Always, IfNotPresent or Never.' },
    { name: 'labels', short: 'l', type: 'string', usage: 'Labels, as a=1,b=2; run=NAME when left out.' },
    { name: 'leave-stdin-open', type: 'bool', usage: 'Keep stdin open when the first to join has left.' },
    {
      name: 'override-type',
      type: 'string',
      default: 'merge',
      usage: 'How --overrides is merged: json, merge or strategic.',
    },
    { name: 'overrides', type: 'string', usage: 'JSON that is merged into the pod.' },
    { name: 'pod-running-timeout', type: 'duration', default: '1m0s', usage: 'How long to wait for the pod.' },
    { name: 'port', type: 'string', usage: 'Port that the container listens on.' },
    { name: 'privileged', type: 'bool', usage: 'Run with all rights.' },
    { name: 'quiet', short: 'q', type: 'bool', usage: 'Print only what the pod writes.' },
    { name: 'restart', type: 'string', default: 'Always', usage: 'Always, OnFailure or Never.' },
    { name: 'generator', type: 'string', usage: 'What to make, before 1.18.', hidden: true },
    { name: 'replicas', short: 'r', type: 'int', default: '1', usage: 'How many pods, before 1.18.', hidden: true },
    { name: 'serviceaccount', type: 'string', usage: 'Account of the pods, before 1.18.', hidden: true },
    { name: 'rm', type: 'bool', usage: 'Delete the pod when it has ended; only when joined.' },
    { name: 'stdin', short: 'i', type: 'bool', usage: 'Keep stdin of the container open and pass yours on.' },
    { name: 'tty', short: 't', type: 'bool', usage: 'Give the container a terminal.' },
    { name: 'wait', type: 'bool', default: 'true', usage: 'With --rm: return when the pod is gone.' },
  ],
  run,
};

const SERVICES = { group: '', version: 'v1', name: 'services', namespaced: true };

async function run(invocation: Invocation): Promise<number> {
  const { args, dash, flags, io } = invocation;
  const [name] = args;
  // cobra looks for required flags before the command looks at its arguments.
  if (name === undefined && !flags.changed('image')) throw new CommandError('required flag(s) "image" not set');
  if (name === undefined || dash === 0) throw new UsageError('NAME is required for run');
  const words = args.slice(1);
  checkFlags(invocation);
  const stdin = flags.bool('stdin');
  const attaching = flags.changed('attach') ? flags.bool('attach') : stdin;
  if (flags.bool('rm') && !attaching) throw new UsageError('--rm should only be used for attached containers');
  if (attaching && dryRunOf(invocation) !== 'none')
    throw new UsageError(
      `--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)`,
    );
  const kind = chooseRunKind(invocation);
  const pod = buildPod(invocation, name, words);
  const object = applyOverrides(invocation, wrapPod(invocation, kind, pod));
  if (flags.bool('expose')) {
    await createFromFlags(invocation, SERVICES, buildService(invocation, name, pod), '');
    // Upstream writes the separator of documents itself, and so does its printer.
    if (flags.string('output') === 'yaml') io.stdout.write('---\n---\n');
  }
  if (!attaching) {
    await createFromFlags(invocation, kind.resource, object, '');
    return 0;
  }
  // Nothing is said about what is joined: what it writes is the output.
  const created = await createQuietly(invocation, kind.resource, object);
  try {
    return await join(invocation, created);
  } finally {
    if (flags.bool('rm')) await remove(invocation, kind.resource, created);
  }
}

/** kubectl/pkg/cmd/run/run.go, Complete, Validate and Run. */
function checkFlags({ flags }: Invocation): void {
  const image = flags.string('image');
  if (image === '') throw new CommandError('required flag(s) "image" not set');
  if (!isImage(image)) throw new CommandError(`Invalid image name ${JSON.stringify(image)}: invalid reference format`);
  if (flags.bool('tty') && !flags.bool('stdin'))
    throw new UsageError('-i/--stdin is required for containers with -t/--tty=true');
  if (flags.bool('expose') && flags.string('port') === '')
    throw new UsageError('--port must be set when exposing a service');
  if (!['Always', 'OnFailure', 'Never'].includes(flags.string('restart'))) {
    throw new UsageError(`invalid restart policy: ${flags.string('restart')}`);
  }
  const policy = flags.string('image-pull-policy');
  if (!['', 'Always', 'IfNotPresent', 'Never'].includes(policy))
    throw new UsageError(`invalid image pull policy: ${policy}`);
}

function buildPod({ flags }: Invocation, name: string, words: string[]): ApiObject {
  const labels = flags.string('labels') === '' ? { run: name } : parseLabels(flags.string('labels'));
  const annotations = parsePairs(flags.list('annotations'), 'annotation');
  const env = flags.list('env').map((pair) => {
    const equals = pair.indexOf('=');
    if (equals <= 0) throw new CommandError(`invalid env: ${pair}`);
    return { name: pair.slice(0, equals), value: pair.slice(equals + 1) };
  });
  const port = flags.string('port');
  if (port !== '' && !/^\d+$/.test(port)) {
    throw new CommandError(`strconv.Atoi: parsing ${JSON.stringify(port)}: invalid syntax`);
  }
  const [stdin, tty] = [flags.bool('stdin'), flags.bool('tty')];
  const container = {
    name,
    image: flags.string('image'),
    ...(words.length > 0 ? { [flags.bool('command') ? 'command' : 'args']: words } : {}),
    ...(port === '' ? {} : { ports: [{ containerPort: Number(port) }] }),
    ...(env.length > 0 ? { env } : {}),
    resources: {},
    ...(flags.string('image-pull-policy') === '' ? {} : { imagePullPolicy: flags.string('image-pull-policy') }),
    ...(flags.bool('privileged') ? { securityContext: { privileged: true } } : {}),
    ...(stdin ? { stdin, ...(flags.bool('leave-stdin-open') ? {} : { stdinOnce: true }) } : {}),
    ...(tty ? { tty } : {}),
  };
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name, labels, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) },
    spec: { containers: [container], restartPolicy: flags.string('restart'), dnsPolicy: 'ClusterFirst' },
    status: {},
  };
}

function parseLabels(text: string): Record<string, string> {
  return parsePairs(text.split(','), 'label');
}

function parsePairs(pairs: readonly string[], noun: string): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf('=');
      if (equals < 0)
        throw new CommandError(
          noun === 'label' ? `unexpected label spec: ${pair}` : `unexpected annotation spec: ${pair}`,
        );
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}

function applyOverrides({ flags }: Invocation, pod: ApiObject): ApiObject {
  const text = flags.string('overrides');
  if (text === '') return pod;
  let overrides: unknown;
  try {
    overrides = JSON.parse(text);
  } catch {
    throw new CommandError('Invalid JSON Patch');
  }
  const type = flags.string('override-type');
  if (type === 'json') return applyJsonPatch(pod, overrides) as ApiObject;
  if (type === 'merge') return applyMergePatch(pod, overrides) as ApiObject;
  if (type === 'strategic' && isRecord(overrides)) return applyStrategicPatch(pod, overrides) as ApiObject;
  throw new CommandError(`invalid override type: ${type}`);
}

function buildService({ flags }: Invocation, name: string, pod: ApiObject): ApiObject {
  const port = Number(flags.string('port'));
  return {
    kind: 'Service',
    apiVersion: 'v1',
    metadata: { name },
    spec: { ports: [{ protocol: 'TCP', port, targetPort: port }], selector: pod.metadata?.labels },
    status: { loadBalancer: {} },
  };
}

async function createQuietly(
  { session, flags }: Invocation,
  resource: Resource,
  object: ApiObject,
): Promise<ApiObject> {
  const client = await session.client();
  const { name: namespace } = await session.namespace();
  return client.json<ApiObject>('POST', resourcePath(resource, namespace), {
    body: object,
    query: { fieldManager: flags.string('field-manager') },
    subject: { resource: resource.name },
  });
}

/** A pod is joined to its end; of a deployment or a job one pod is joined, and how that ends does not count. */
async function join(invocation: Invocation, created: ApiObject): Promise<number> {
  if (created.kind === 'Pod') return joinPod(invocation, created as Pod);
  const timeoutMs = invocation.flags.duration('pod-running-timeout');
  const pod = await choosePod(invocation, created, created.metadata?.namespace ?? '', timeoutMs);
  await joinRunning(invocation, pod);
  return 0;
}

/** Joins the pod when it runs; when it has ended before, its log is all there is to see. */
async function joinRunning(invocation: Invocation, created: Pod): Promise<Pod> {
  const { session, io } = invocation;
  const running = await waitForPhase(invocation, created, ['Running', 'Succeeded', 'Failed']);
  const showLog = async (): Promise<void> => {
    const client = await session.client();
    const path = resourcePath(POD_RESOURCE, running.metadata.namespace, running.metadata.name, 'log');
    io.stdout.write(await client.text('GET', path, { query: { container: running.spec.containers[0]?.name } }));
  };
  if (running.status?.phase === 'Running') {
    try {
      await attachTo(invocation, running);
    } catch (error) {
      // It ended between the look at its phase and the request to join it.
      if (!(error instanceof StatusError)) throw error;
      const name = running.metadata.name ?? '';
      io.stderr.write(`warning: couldn't attach to pod/${name}, falling back to streaming logs: ${error.message}\n`);
      await showLog();
    }
  } else await showLog();
  return running;
}

async function joinPod(invocation: Invocation, created: Pod): Promise<number> {
  const { flags } = invocation;
  const running = await joinRunning(invocation, created);
  // A pod that starts again and again has no end to wait for.
  if (flags.string('restart') === 'Always') {
    if (!flags.bool('rm') && !flags.bool('quiet')) sayHowToReturn(invocation, running);
    return 0;
  }
  const ended = await waitForPhase(invocation, running, ['Succeeded', 'Failed']);
  const state: ContainerState | undefined = ended.status?.containerStatuses?.[0]?.state;
  const code = state?.terminated?.exitCode ?? 0;
  if (code === 0) return 0;
  throw new PlainError(
    `pod ${created.metadata.namespace ?? ''}/${created.metadata.name ?? ''} terminated (${state?.terminated?.reason ?? 'Error'})`,
    code,
  );
}

function sayHowToReturn({ flags, io, program }: Invocation, pod: Pod): void {
  const name = pod.metadata.name ?? '';
  const container = pod.spec.containers[0]?.name ?? '';
  const modes = flags.bool('stdin') ? ` -i${flags.bool('tty') ? ' -t' : ''}` : '';
  if (flags.bool('stdin') && flags.bool('tty')) {
    io.stderr.write(
      `Session ended, resume using '${program} attach ${name} -c ${container}${modes}' command when the pod is running\n`,
    );
  }
}

async function waitForPhase(invocation: Invocation, pod: Pod, phases: readonly string[]): Promise<Pod> {
  const { session, flags } = invocation;
  const { name = '', namespace = '' } = pod.metadata;
  const client = await session.client();
  const timeoutMs = phases.includes('Running') ? flags.duration('pod-running-timeout') : 2 ** 31 - 1;
  const signal = AbortSignal.timeout(timeoutMs);
  const arrived = (each: Pod) => phases.includes(each.status?.phase ?? '');
  while (!signal.aborted) {
    const current = await getPod(invocation, namespace, name);
    if (arrived(current)) return current;
    const query = { fieldSelector: `metadata.name=${name}`, resourceVersion: current.metadata.resourceVersion };
    for await (const { type, object } of watch<Pod>(client, resourcePath(POD_RESOURCE, namespace), query, { signal })) {
      if (type === 'DELETED') throw new CommandError(`pods ${JSON.stringify(name)} not found`);
      if (type !== 'BOOKMARK' && arrived(object)) return object;
    }
  }
  throw new CommandError('timed out waiting for the condition');
}

async function remove(invocation: Invocation, resource: Resource, object: ApiObject): Promise<void> {
  const { name = '', namespace = '' } = object.metadata ?? {};
  await deleteTargets(invocation, [{ resource, namespace, name }]);
}
