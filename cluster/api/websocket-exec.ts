/**
 * exec and attach over WebSocket: subprotocols v4 and v5.channel.k8s.io. The first byte of a frame is its channel.
 * Kubernetes 1.32, k8s.io/apimachinery/pkg/util/httpstream/wsstream and remotecommand.
 */
import { type IncomingMessage } from 'node:http';
import { type Duplex, Readable, Writable } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { type RemoteOptions, type RemoteProcess, type RemoteStreams, type StartRemote } from './remote-process.ts';
import { parseTerminalSize } from './terminal-size.ts';

const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;
const MAX_FRAME_BYTES = 4 * 1024 * 1024;
/** Input that waits for a process before the socket is read no further. */
const MAX_UNREAD_BYTES = 1024 * 1024;

// `noServer`: upgrades are handed to it, and nothing is kept between connections.
const server = new WebSocketServer({
  noServer: true,
  clientTracking: false,
  perMessageDeflate: false,
  maxPayload: MAX_FRAME_BYTES,
  handleProtocols: (offered) => PROTOCOLS.find((protocol) => offered.has(protocol)) ?? false,
});

/** Whether the request offers a protocol that can carry a process. */
export function offersChannels(request: IncomingMessage): boolean {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim());
  return PROTOCOLS.some((protocol) => offered.includes(protocol));
}

/** Completes the upgrade and carries one process. */
export function serveChannels(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  options: RemoteOptions,
  start: StartRemote,
): void {
  server.handleUpgrade(request, socket, head, (webSocket) => {
    webSocket.on('error', () => webSocket.terminate());
    const streams = streamsOf(webSocket, options, isHeard(webSocket));
    const process = start(streams);
    webSocket.on('message', (data) => receive(toBuffer(data), streams.stdin, process, webSocket));
    webSocket.on('close', () => {
      process.abort();
      for (const stream of [streams.stdin, streams.stdout, streams.stderr]) stream?.destroy();
    });
  });
}

/**
 * Resolves once the client has read something, or has gone. kubectl begins to read before it knows its channels, and
 * throws away what comes for a channel that it does not know (`Unknown stream id 1`, client-go/tools/remotecommand/
 * websocket.go of 1.32): a process that answers within a millisecond, as they do here, would not be heard.
 */
function isHeard(webSocket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    for (const event of ['pong', 'message', 'close']) webSocket.once(event, () => resolve());
    webSocket.ping();
  });
}

function streamsOf(
  webSocket: WebSocket,
  { stdin, stdout, stderr, tty }: RemoteOptions,
  heard: Promise<void>,
): RemoteStreams {
  const input = stdin ? inputOf(webSocket) : null;
  return {
    stdin: input,
    stdout: stdout ? outputTo(webSocket, CHANNEL.stdout, heard) : null,
    stderr: stderr && !tty ? outputTo(webSocket, CHANNEL.stderr, heard) : null,
    finish(status) {
      void heard.then(() => {
        if (webSocket.readyState !== webSocket.OPEN) return;
        webSocket.send(frame(CHANNEL.error, Buffer.from(JSON.stringify(status))), () => webSocket.close(1000));
        // Input that nobody reads any more must not keep the client's goodbye from being read.
        input?.destroy();
        webSocket.resume();
      });
    },
  };
}

const frame = (channel: number, data: Buffer): Buffer => Buffer.concat([Buffer.of(channel), data]);

function inputOf(webSocket: WebSocket): Readable {
  const input = new Readable({ highWaterMark: MAX_UNREAD_BYTES, read: () => webSocket.resume() });
  input.on('error', () => {});
  return input;
}

function outputTo(webSocket: WebSocket, channel: number, heard: Promise<void>): Writable {
  const output = new Writable({
    highWaterMark: 64 * 1024,
    write(chunk: Buffer, _encoding, done) {
      // Each piece waits by itself: what went to stderr and then to stdout is sent in this order also after a wait.
      void heard.then(() => {
        if (webSocket.readyState !== webSocket.OPEN) return done(new Error('the client has gone'));
        webSocket.send(frame(channel, chunk), (error) => done(error));
      });
    },
  });
  // A process may write after its client has gone: nobody is left to tell.
  output.on('error', () => {});
  return output;
}

function receive(data: Buffer, stdin: Readable | null, process: RemoteProcess, webSocket: WebSocket): void {
  const payload = data.subarray(1);
  switch (data[0]) {
    case CHANNEL.stdin:
      // Kubernetes: an empty frame says nothing; the end of input has a frame of its own.
      if (stdin && payload.length > 0 && !stdin.destroyed && !stdin.push(payload)) {
        webSocket.pause();
      }
      return;
    case CHANNEL.resize: {
      const size = parseTerminalSize(payload.toString());
      if (size) process.resize(size);
      return;
    }
    case CHANNEL.close:
      if (payload[0] === CHANNEL.stdin) stdin?.push(null);
      return;
    default:
  }
}

function toBuffer(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
