import type { ApiObject } from '../api/object.ts';
import { resourcePath } from '../api/resource.ts';
import type { Command, Invocation } from '../command.ts';
import { containerName, copyPod, debugContainer, nodePod, stateOf } from '../debug/containers.ts';
import { CommandError, StatusError } from '../errors.ts';
import type { FlagSpec } from '../flags.ts';
import { isImage } from '../generators/image.ts';
import { getPod, POD_RESOURCE, type Pod } from '../pods.ts';
import { findTargets, getTarget } from '../targets.ts';
import { attachTo } from './attach.ts';

const PROFILES = ['legacy', 'general', 'baseline', 'netadmin', 'restricted', 'sysadmin', ''];

const KEPT_PARTS = [
  ['annotations', 'annotations'],
  ['init-containers', 'init containers'],
  ['labels', 'labels'],
  ['liveness', 'liveness probes'],
  ['readiness', 'readiness probes'],
  ['startup', 'startup probes'],
] as const;

export const command: Command = {
  usage: '(POD | TYPE[[.VERSION].GROUP]/NAME) [ -- COMMAND [args...] ]',
  long: 'Looks into a pod: with a container that is added to it where the cluster can do that, or in a copy of the pod; or into a node.',
  examples: [
    ['A copy with one container more', 'debug web -it --copy-to=web-debug --image=busybox'],
    ['A copy with another image', 'debug web --copy-to=web-debug --set-image=*=nginx:1.28'],
    ['A shell on a node', 'debug node/node-1 -it --image=busybox'],
  ],
  flags: [
    { name: 'arguments-only', type: 'bool', usage: 'What stands behind -- are arguments, not the command.' },
    { name: 'attach', type: 'bool', usage: 'Join the container when it runs; the default with -i.' },
    { name: 'container', short: 'c', type: 'string', usage: 'Name of the container to add or to change.' },
    { name: 'copy-to', type: 'string', usage: 'Make a copy of the pod with this name.' },
    { name: 'env', type: 'list', usage: 'Variable of the container, as KEY=VALUE.' },
    { name: 'image', type: 'string', usage: 'Image of the container.' },
    { name: 'image-pull-policy', type: 'string', usage: 'Always, IfNotPresent or Never.' },
    ...KEPT_PARTS.map(([name, part]): FlagSpec => ({
      name: `keep-${name}`,
      type: 'bool',
      default: name === 'init-containers' ? 'true' : 'false',
      usage: `With --copy-to: the copy has the ${part} of the pod.`,
    })),
    {
      name: 'profile',
      type: 'string',
      default: 'general',
      usage: `Rights of the container: ${PROFILES.slice(0, -1).join(', ')}.`,
    },
    { name: 'quiet', short: 'q', type: 'bool', usage: 'Print only what the container writes.' },
    { name: 'replace', type: 'bool', usage: 'With --copy-to: delete the pod.' },
    { name: 'same-node', type: 'bool', usage: 'With --copy-to: on the node of the pod.' },
    { name: 'set-image', type: 'csv', usage: 'With --copy-to: other images, as CONTAINER=IMAGE or *=IMAGE.' },
    { name: 'share-processes', type: 'bool', default: 'true', usage: 'With --copy-to: containers see all processes.' },
    { name: 'stdin', short: 'i', type: 'bool', usage: 'Keep stdin of the container open and pass yours on.' },
    { name: 'target', type: 'string', usage: 'Container whose processes an added one sees.' },
    { name: 'tty', short: 't', type: 'bool', usage: 'Give the container a terminal.' },
  ],
  run,
};

/** kubectl/pkg/cmd/debug/debug.go. */
async function run(invocation: Invocation): Promise<number> {
  const { args, dash, flags, io } = invocation;
  checkFlags(invocation);
  if (flags.string('profile') === 'legacy') {
    io.stderr.write(
      '--profile=legacy is deprecated and planned to be removed in v1.39. It is recommended to specify other profile, for example "--profile=general".\n',
    );
  }
  const names = dash < 0 ? args : args.slice(0, dash);
  if (names.length === 0) throw new CommandError('NAME or filename is required for debug');
  for (const name of names) {
    const words = name.includes('/') ? [name] : ['pods', name];
    for (const target of await findTargets(invocation, { words })) {
      const object = await getTarget(invocation, target);
      const { pod, container } = await debugObject(invocation, object);
      if (flags.changed('attach') ? flags.bool('attach') : flags.bool('stdin')) await join(invocation, pod, container);
    }
  }
  return 0;
}

function checkFlags({ args, dash, flags }: Invocation): void {
  const image = flags.string('image');
  const copying = flags.string('copy-to') !== '';
  if (image === '' && !copying) throw new CommandError('you must specify --image when not using --copy-to.');
  if (image === '' && flags.list('set-image').length === 0 && (dash < 0 || dash === args.length))
    throw new CommandError('you must specify --image, --set-image or command arguments.');
  if (image !== '' && !isImage(image))
    throw new CommandError(`invalid image name ${JSON.stringify(image)}: invalid reference format`);
  if (flags.bool('tty') && !flags.bool('stdin'))
    throw new CommandError('-i/--stdin is required for containers with -t/--tty=true');
  const profile = flags.string('profile');
  if (!PROFILES.includes(profile)) throw new CommandError(`unknown profile: ${profile}`);
}

async function debugObject(invocation: Invocation, object: ApiObject): Promise<{ pod: Pod; container: string }> {
  const { flags, io, session } = invocation;
  if (object.kind === 'Node') {
    const made = nodePod(invocation, object);
    const container = made.spec.containers[0]?.name ?? '';
    const pod = await create(invocation, (await session.namespace()).name, made);
    if (!flags.bool('quiet')) {
      const where = `with container ${container} on node ${object.metadata?.name ?? ''}.`;
      io.stderr.write(`Creating debugging pod ${pod.metadata.name ?? ''} ${where}\n`);
    }
    return { pod, container };
  }
  if (object.kind !== 'Pod') {
    throw new CommandError(`"${object.apiVersion ?? ''}, Kind=${object.kind ?? ''}" not supported by debug`);
  }
  const pod = object as Pod;
  return flags.string('copy-to') === '' ? addContainer(invocation, pod) : makeCopy(invocation, pod);
}

async function makeCopy(invocation: Invocation, pod: Pod): Promise<{ pod: Pod; container: string }> {
  const { copy, container } = copyPod(invocation, pod);
  const { name = '', namespace = '' } = pod.metadata;
  const client = await invocation.session.client();
  if (invocation.flags.bool('replace')) {
    await client.json('DELETE', resourcePath(POD_RESOURCE, namespace, name), { body: { gracePeriodSeconds: 0 } });
  }
  return { pod: await create(invocation, namespace, copy), container };
}

async function create({ session }: Invocation, namespace: string, pod: ApiObject): Promise<Pod> {
  const client = await session.client();
  return client.json<Pod>('POST', resourcePath(POD_RESOURCE, namespace), {
    body: pod,
    query: { fieldManager: 'kubectl-debug' },
    subject: { resource: 'pods' },
  });
}

/** A cluster that has no such containers says so itself. */
async function addContainer(invocation: Invocation, pod: Pod): Promise<{ pod: Pod; container: string }> {
  const { flags, io, session } = invocation;
  const name = containerName(invocation);
  const target = flags.string('target');
  const container = { ...debugContainer(invocation, name), ...(target === '' ? {} : { targetContainerName: target }) };
  if (target !== '') {
    const note =
      "If you don't see processes from this container it may be because the container runtime doesn't support";
    if (!flags.bool('quiet')) io.stdout.write(`Targeting container ${JSON.stringify(target)}. ${note} this feature.\n`);
  }
  const order = [...(pod.spec.ephemeralContainers ?? []), container].map((each) => ({ name: each.name }));
  const client = await session.client();
  const { name: podName = '', namespace } = pod.metadata;
  const changed = await client.json<Pod>(
    'PATCH',
    resourcePath(POD_RESOURCE, namespace, podName, 'ephemeralcontainers'),
    {
      body: { spec: { ephemeralContainers: [container], '$setElementOrder/ephemeralContainers': order } },
      contentType: 'application/strategic-merge-patch+json',
      query: { fieldManager: 'kubectl-debug' },
      subject: { resource: 'pods', name: podName },
    },
  );
  return { pod: changed, container: name };
}

/** Between two looks at a container that is yet to start. */
const POLL_MS = 100;

async function join(invocation: Invocation, pod: Pod, container: string): Promise<void> {
  const { name = '', namespace = '' } = pod.metadata;
  for (;;) {
    const current = await getPod(invocation, namespace, name);
    const state = stateOf(current, container);
    if (state === 'running') return attachOrLog(invocation, current, container);
    if (state === 'ended') return printLog(invocation, current, container);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** It may end between the look at its state and the request to join it. */
async function attachOrLog(invocation: Invocation, pod: Pod, container: string): Promise<void> {
  try {
    await attachTo(invocation, pod, container);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    const name = pod.metadata.name ?? '';
    const warning = `warning: couldn't attach to pod/${name}, falling back to streaming logs: ${error.message}\n`;
    invocation.io.stderr.write(warning);
    await printLog(invocation, pod, container);
  }
}

/** It has ended before it could be joined: its log is all there is to see. */
async function printLog({ io, session }: Invocation, pod: Pod, container: string): Promise<void> {
  const client = await session.client();
  const path = resourcePath(POD_RESOURCE, pod.metadata.namespace, pod.metadata.name, 'log');
  io.stdout.write(await client.text('GET', path, { query: { container } }));
}
