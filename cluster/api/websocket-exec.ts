/**
 * exec and attach over WebSocket: subprotocols v4 and v5.channel.k8s.io. The first byte of a frame is its channel.
 * Kubernetes 1.32, k8s.io/apimachinery/pkg/util/httpstream/wsstream and remotecommand.
 */
import { type IncomingMessage } from 'node:http';
import { type Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { type RemoteProcess, type RemoteStreams } from './remote-process.ts';

const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;
const MAX_FRAME_BYTES = 4 * 1024 * 1024;

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
  start: (streams: RemoteStreams) => RemoteProcess,
): void {
  server.handleUpgrade(request, socket, head, (webSocket) => {
    webSocket.on('error', () => webSocket.terminate());
    const process = start(streamsOf(webSocket));
    webSocket.on('message', (data) => receive(toBuffer(data), process));
    webSocket.on('close', () => process.abort());
  });
}

function streamsOf(webSocket: WebSocket): RemoteStreams {
  const frame = (channel: number, data: Buffer) => Buffer.concat([Buffer.of(channel), data]);
  return {
    send(stream, data, drained) {
      if (webSocket.readyState !== webSocket.OPEN) return drained();
      // A failed send is a closed socket, which `close` reports.
      webSocket.send(frame(CHANNEL[stream], data), () => drained());
    },
    finish(status) {
      if (webSocket.readyState !== webSocket.OPEN) return;
      webSocket.send(frame(CHANNEL.error, Buffer.from(JSON.stringify(status))), () => webSocket.close(1000));
    },
  };
}

function receive(data: Buffer, process: RemoteProcess): void {
  const payload = data.subarray(1);
  switch (data[0]) {
    case CHANNEL.stdin:
      process.input(payload);
      return;
    case CHANNEL.resize: {
      const size = parseSize(payload);
      if (size) process.resize(size);
      return;
    }
    case CHANNEL.close:
      if (payload[0] === CHANNEL.stdin) process.endInput();
      return;
    default:
  }
}

/** `{"Width":80,"Height":24}`; anything else is passed over, as upstream does. */
export function parseSize(payload: Buffer): { columns: number; rows: number } | undefined {
  try {
    const value = JSON.parse(payload.toString()) as { Width?: unknown; Height?: unknown } | null;
    const columns = value?.Width;
    const rows = value?.Height;
    const valid = (one: unknown): one is number => Number.isInteger(one) && Number(one) > 0 && Number(one) < 65536;
    return valid(columns) && valid(rows) ? { columns, rows } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function toBuffer(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
