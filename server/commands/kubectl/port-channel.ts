import type { Socket } from 'node:net';
import type { RawData } from 'ws';
import { resourcePath } from './api/resource.ts';
import type { Invocation } from './command.ts';
import { renderLog } from './klog.ts';
import { POD_RESOURCE, type Pod } from './pods.ts';

const DATA = 0;

/** Bytes that a reader has not taken yet before the other side is read no further. */
const HIGH_BYTES = 1024 * 1024;

/**
 * Passes one local connection on to a port of a pod, over a WebSocket of its own (v4.channel.k8s.io: channel 0 is the
 * data, channel 1 the error, and the first frame on each is the port). Failures are said on stderr.
 */
export async function openForward(
  { io, session }: Invocation,
  pod: Pod,
  local: number,
  remote: number,
  socket: Socket,
): Promise<void> {
  const client = await session.client();
  const { WebSocket } = await import('ws');
  const path = resourcePath(POD_RESOURCE, pod.metadata.namespace, pod.metadata.name, 'portforward');
  const channel = new WebSocket(client.webSocketUrl(path, { ports: remote }), ['v4.channel.k8s.io'], {
    headers: client.connection.headers as Record<string, string>,
    perMessageDeflate: false,
    ...client.connection.tls,
  });
  const greeted = new Set<number>();
  const complain = (reason: string) =>
    io.stderr.write(renderLog('E', 'portforward.go:424', renderUnhandled(local, remote, reason), io.now()));

  socket.pause();
  channel.on('open', () => socket.resume());
  channel.on('message', (data: RawData) => {
    const frame = data as Buffer;
    const number = frame[0] ?? 0;
    if (!greeted.has(number)) return void greeted.add(number);
    if (number !== DATA) return complain(frame.subarray(1).toString('utf8'));
    if (socket.write(frame.subarray(1))) return;
    channel.pause();
    socket.once('drain', () => channel.resume());
  });
  channel.on('close', () => socket.end());
  channel.on('error', (error: Error) => {
    complain(error.message);
    socket.destroy();
  });
  socket.on('data', (bytes: Buffer) => {
    channel.send(Buffer.concat([Buffer.of(DATA), bytes]), () => socket.resume());
    if (channel.bufferedAmount > HIGH_BYTES) socket.pause();
  });
  socket.on('error', () => channel.terminate());
  socket.on('close', () => channel.close());
}

function renderUnhandled(local: number, remote: number, reason: string): string {
  return `"Unhandled Error" err=${JSON.stringify(`an error occurred forwarding ${local} -> ${remote}: ${reason}`)}`;
}
