import { type ServerResponse } from 'node:http';
import { type LogLine } from '../containers/runtime.ts';
import { badRequest } from '../objects/api-error.ts';
import { type Pod } from '../objects/kinds/pod-types.ts';
import { onExit } from './on-exit.ts';
import { containerOf } from './pod-container.ts';
import { type PodAccess } from './pod-access.ts';
import { flag, integer } from './request.ts';

const MAX_UNSENT_BYTES = 4 * 1024 * 1024;

/**
 * pods/log: what a container wrote, and with `follow` what it goes on to write.
 * @throws ApiError before anything is sent
 * @returns ends a log that is followed
 */
export function servePodLog(
  access: PodAccess,
  pod: Pod,
  query: URLSearchParams,
  response: ServerResponse,
  now: () => number,
): () => void {
  const name = containerOf(pod, query.get('container'));
  const previous = flag(query, 'previous');
  const log = access.log(pod.metadata.uid ?? '', name, previous);
  if (!log) throwWithoutLog(pod, name, previous);
  const tail = integer(query, 'tailLines');
  const sinceSeconds = integer(query, 'sinceSeconds');
  const sinceTime = query.get('sinceTime');
  const since = sinceTime
    ? Date.parse(sinceTime)
    : sinceSeconds !== undefined
      ? now() - sinceSeconds * 1000
      : undefined;
  const limitBytes = integer(query, 'limitBytes');
  const timestamps = flag(query, 'timestamps');

  let lines = log?.lines() ?? [];
  if (since !== undefined && !Number.isNaN(since)) lines = lines.filter(({ time }) => time >= since);
  if (tail !== undefined && tail >= 0) lines = tail === 0 ? [] : lines.slice(-tail);

  response.writeHead(200, { 'content-type': 'text/plain', 'cache-control': 'no-cache, private' });
  let sent = 0;
  const send = (line: LogLine) => {
    let text = `${timestamps ? `${new Date(line.time).toISOString().slice(0, 23)}000000Z ` : ''}${line.text}\n`;
    if (limitBytes !== undefined && sent + text.length > limitBytes) text = text.slice(0, limitBytes - sent);
    sent += text.length;
    response.write(text);
  };
  for (const line of lines) send(line);
  const container = access.container(pod.metadata.uid ?? '', name);
  if (!flag(query, 'follow') || previous || !container || !log) {
    response.end();
    return () => {};
  }
  response.flushHeaders();
  let ended = false;
  let forget: () => void = () => {};
  const stopFollowing = log.follow((line) => {
    if (ended) return;
    send(line);
    if (response.writableLength > MAX_UNSENT_BYTES) response.destroy();
  });
  const stop = () => {
    if (ended) return;
    ended = true;
    forget();
    stopFollowing();
    response.end();
  };
  response.on('close', stop);
  // The last lines come before the end of the process is known, or right with it.
  forget = onExit(container, () => setImmediate(stop));
  return stop;
}

/** Kubernetes 1.32, pkg/kubelet/kubelet_pods.go, validateContainerLogStatus. */
function throwWithoutLog(pod: Pod, name: string, previous: boolean): void {
  const statuses = [...(pod.status.containerStatuses ?? []), ...(pod.status.initContainerStatuses ?? [])];
  const status = statuses.find((one) => one.name === name);
  if (previous) {
    throw badRequest(
      `previous terminated container ${JSON.stringify(name)} in pod ${JSON.stringify(pod.metadata.name)} not found`,
    );
  }
  // Nothing runs the pod yet: upstream answers with an empty log.
  if (!pod.spec.nodeName) return;
  const waiting = status?.state.waiting;
  const reason = waiting?.reason ?? 'ContainerCreating';
  if (reason === 'ErrImagePull' || reason === 'ImagePullBackOff') {
    const why = reason === 'ErrImagePull' ? "image can't be pulled" : 'trying and failing to pull image';
    throw badRequest(
      `container ${JSON.stringify(name)} in pod ${JSON.stringify(pod.metadata.name)} is waiting to start: ${why}`,
    );
  }
  throw badRequest(
    `container ${JSON.stringify(name)} in pod ${JSON.stringify(pod.metadata.name)} is waiting to start: ${reason}`,
  );
}
