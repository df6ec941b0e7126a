import { PassThrough } from 'node:stream';
import { resourcePath } from '../kubectl/api/resource.ts';
import { CommandError, isNotFound } from '../kubectl/errors.ts';
import { podSelector, sortActive, type Pod } from '../kubectl/pods.ts';
import { runRemote } from '../kubectl/remote-command.ts';
import type { Session } from '../kubectl/session.ts';
import type { Invocation } from './command.ts';
import { messageOf } from './errors.ts';
import { getObject, KINDS, listObjects, type KubernetesObject } from './resources.ts';

export interface PodName {
  name: string;
  namespace: string;
}

/** `POD`, `POD.NAMESPACE`; from 1.10 also `TYPE/NAME[.NAMESPACE]`, whose best pod is taken. */
export async function inferPod({ session, release }: Invocation, word: string): Promise<PodName> {
  const { name: own } = await session.namespace();
  const dot = word.lastIndexOf('.');
  const [name, namespace] = dot > 0 ? [word.slice(0, dot), word.slice(dot + 1)] : [word, own];
  const slash = name.indexOf('/');
  if (slash < 0 || release.minor < 10) return { name, namespace };
  const type = name.slice(0, slash);
  const resource = await (await session.discovery()).find(type);
  const client = await session.client();
  const subject = { resource: resource.name, name: name.slice(slash + 1) };
  const holder = await client.json<KubernetesObject>('GET', resourcePath(resource, namespace, subject.name), {
    subject,
  });
  if (holder.kind === 'Pod') return { name: holder.metadata.name, namespace };
  const pods = await listObjects<Pod & KubernetesObject>(session, 'pods', namespace, podSelector(holder));
  const [best] = sortActive(pods);
  if (best?.metadata.name === undefined) throw new CommandError(`no pods found for ${word}`);
  return { name: best.metadata.name, namespace };
}

/** @throws CommandError when there is no such pod */
export async function getPod(session: Session, { name, namespace }: PodName): Promise<Pod & KubernetesObject> {
  return getObject<Pod & KubernetesObject>(session, 'pods', namespace, name);
}

/** Runs a command in a container. @returns its standard output. @throws CommandError */
export async function execute(
  session: Session,
  { name, namespace }: PodName,
  container: string,
  words: readonly string[],
): Promise<string> {
  const stdout = collect();
  const stderr = collect();
  const io = { stdin: new PassThrough(), stdout, stderr, env: {}, cwd: '/', now: () => 0 };
  const path = resourcePath(KINDS.pods, namespace, name, 'exec');
  const query = { command: words, container, stdout: true, stderr: true };
  try {
    await runRemote(await session.client(), path, query, io, { stdin: false, tty: false });
  } catch (error) {
    if (isNotFound(error)) throw new CommandError(`unable to retrieve Pod: ${messageOf(error)}`);
    const reason =
      stderr
        .text()
        .trim()
        .replace(/^Error: /, '') || messageOf(error);
    throw new CommandError(`error '${reason}' execing into ${namespace}/${name} ${container} container`);
  }
  return stdout.text();
}

function collect(): PassThrough & { text(): string } {
  const chunks: Buffer[] = [];
  const stream = new PassThrough();
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return Object.assign(stream, { text: () => Buffer.concat(chunks).toString('utf8') });
}
