import type { IncomingMessage } from 'node:http';
import type { RawData, WebSocket } from 'ws';
import type { Client, Query } from './api/client.ts';
import { CommandError, ConnectionError, PlainError, StatusError, type Status } from './errors.ts';
import type { Io } from './io.ts';
import { makeRaw } from './raw-terminal.ts';

export interface RemoteOptions {
  /** Whether our stdin is sent. */
  stdin: boolean;
  /** The remote side has a terminal: ours goes into raw mode and tells its size. */
  tty: boolean;
}

/** First byte of each frame (v4.channel.k8s.io). */
const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 };

/** Bytes of input under way before we stop reading more. */
const INPUT_HIGH_BYTES = 1024 * 1024;

/**
 * Runs `exec` or `attach` over a WebSocket until the remote side ends.
 * @returns when it ended well.
 * @throws PlainError with its exit code when it did not, StatusError when the server refused.
 */
export async function runRemote(
  client: Client,
  path: string,
  query: Query,
  io: Io,
  options: RemoteOptions,
): Promise<void> {
  const { WebSocket: Socket } = await import('ws');
  const url = client.webSocketUrl(path, { ...query, stdin: options.stdin || undefined, tty: options.tty || undefined });
  const socket = new Socket(url, ['v5.channel.k8s.io', 'v4.channel.k8s.io'], {
    headers: client.connection.headers as Record<string, string>,
    perMessageDeflate: false,
    ...client.connection.tls,
  });
  const ended = followOutput(socket, io, client);
  await Promise.race([opened(socket), ended]);
  const stopInput = sendInput(socket, io, options);
  try {
    finish(await ended);
  } finally {
    stopInput();
    socket.terminate();
  }
}

function opened(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => socket.once('open', () => resolve()));
}

/** Writes what arrives. @returns the status that the server ends with, null when it sends none. */
function followOutput(socket: WebSocket, io: Io, client: Client): Promise<Status | null> {
  return new Promise((resolve, reject) => {
    let status: Status | null = null;
    socket.on('message', (data: RawData) => {
      const frame = data as Buffer;
      const body = frame.subarray(1);
      if (frame[0] === CHANNEL.error) {
        status = JSON.parse(body.toString('utf8')) as Status;
        return;
      }
      const output = frame[0] === CHANNEL.stdout ? io.stdout : frame[0] === CHANNEL.stderr ? io.stderr : null;
      if (!output || body.length === 0 || output.write(body)) return;
      // Our reader is slower than the pod: hold the pod back rather than the whole output in memory.
      socket.pause();
      output.once('drain', () => socket.resume());
    });
    socket.on('close', () => resolve(status));
    socket.on('unexpected-response', (_, response: IncomingMessage) => {
      void readRefusal(response).then(reject, reject);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      reject(new ConnectionError(client.host, error.code === 'ECONNREFUSED', error.message));
    });
  });
}

async function readRefusal(response: IncomingMessage): Promise<Error> {
  response.setEncoding('utf8');
  let text = '';
  for await (const chunk of response) text += chunk as string;
  try {
    const status = JSON.parse(text) as Status;
    if (status.kind === 'Status') return new StatusError(status);
  } catch {
    // No Status: say what came.
  }
  return new CommandError(`unable to upgrade connection: ${text.trim() || `status ${response.statusCode ?? 0}`}`);
}

/** @returns stops it and gives the terminal back. */
function sendInput(socket: WebSocket, io: Io, { stdin, tty }: RemoteOptions): () => void {
  const undo: (() => void)[] = [];
  if (tty) {
    const tellSize = () => {
      const { columns = 80, rows = 24 } = io.stdout;
      send(socket, CHANNEL.resize, Buffer.from(JSON.stringify({ Width: columns, Height: rows })));
    };
    tellSize();
    io.stdout.on('resize', tellSize);
    undo.push(() => io.stdout.off('resize', tellSize));
    undo.push(makeRaw(io.stdin));
  }
  if (stdin) {
    const forward = (data: Buffer | string) => {
      send(socket, CHANNEL.stdin, Buffer.from(data as Buffer));
      if (socket.bufferedAmount < INPUT_HIGH_BYTES) return;
      io.stdin.pause();
      const timer = setInterval(() => {
        if (socket.bufferedAmount >= INPUT_HIGH_BYTES) return;
        clearInterval(timer);
        io.stdin.resume();
      }, 10);
      undo.push(() => clearInterval(timer));
    };
    // Only v5 can say that the input has ended.
    const end = () => {
      if (socket.protocol === 'v5.channel.k8s.io') send(socket, CHANNEL.close, Buffer.from([CHANNEL.stdin]));
    };
    io.stdin.on('data', forward);
    io.stdin.on('end', end);
    undo.push(() => {
      io.stdin.off('data', forward);
      io.stdin.off('end', end);
      io.stdin.pause();
    });
  }
  return () => undo.forEach((each) => each());
}

function send(socket: WebSocket, channel: number, data: Uint8Array): void {
  if (socket.readyState === socket.OPEN) socket.send(Buffer.concat([Buffer.from([channel]), data]));
}

/** client-go, tools/remotecommand/v4.go. */
function finish(status: Status | null): void {
  if (status === null || status.reason === undefined) {
    const failed = status !== null && (status as { status?: string }).status === 'Failure';
    if (failed) throw new CommandError(status.message ?? 'unknown error');
    return;
  }
  const cause = status.details?.causes?.find(({ reason }) => reason === 'ExitCode');
  if (status.reason === 'NonZeroExitCode' && cause) {
    const code = Number(cause.message);
    throw new PlainError(`command terminated with exit code ${code}`, code);
  }
  throw new CommandError(status.message ?? 'unknown error');
}
