/**
 * Ports forwarded over WebSocket, in the two ways there are: SPDY in a tunnel, which kubectl 1.31 and newer speak, and
 * channels, which the libraries speak. Kubernetes 1.32, k8s.io/apiserver/pkg/util/proxy/streamtunnel.go and
 * k8s.io/kubelet/pkg/cri/streaming/portforward/websocket.go.
 */
import { type IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import { createWebSocketStream, WebSocketServer, type RawData, type WebSocket } from 'ws';
import { badRequest } from '../objects/api-error.ts';
import { forward, type ForwardTarget } from './port-forward.ts';

const TUNNEL = 'SPDY/3.1+portforward.k8s.io';
const CHANNELS = 'v4.channel.k8s.io';
const MAX_FRAME_BYTES = 4 * 1024 * 1024;
/** Bytes from the client that one port has not taken yet, before the socket is read no further. */
const MAX_UNREAD_BYTES = 1024 * 1024;

const options = { noServer: true, clientTracking: false, perMessageDeflate: false, maxPayload: MAX_FRAME_BYTES };
const channelServer = new WebSocketServer({ ...options, handleProtocols: () => CHANNELS });
const tunnelServer = new WebSocketServer(options);
tunnelServer.on('headers', (headers) => headers.push(`Sec-WebSocket-Protocol: ${TUNNEL}`));

const offered = ({ headers }: IncomingMessage): string[] =>
  (headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim());

export const offersTunnel = (request: IncomingMessage): boolean => offered(request).includes(TUNNEL);
export const offersPortChannels = (request: IncomingMessage): boolean => offered(request).includes(CHANNELS);

/** Completes the upgrade. @param use gets the bytes inside of the tunnel */
export function openTunnel(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  use: (tunnel: Duplex) => void,
): void {
  // ws refuses names of protocols with a slash, which RFC 6455 does not allow either; kubectl has one nevertheless.
  delete request.headers['sec-websocket-protocol'];
  tunnelServer.handleUpgrade(request, socket, head, (webSocket) => use(createWebSocketStream(webSocket)));
}

/** The ports of `?ports=80&ports=443` or `?ports=80,443`. @throws ApiError */
export function parsePorts(query: URLSearchParams): number[] {
  const words = query.getAll('ports').flatMap((value) => value.split(','));
  if (words.length === 0) throw badRequest('query parameter "ports" is required');
  return words.map((word) => {
    const port = Number(word);
    if (!/^\d{1,5}$/.test(word) || port < 1 || port > 65535) {
      throw badRequest(`unable to parse "${word}" as a port: must be a number from 1 to 65535`);
    }
    return port;
  });
}

/**
 * Completes the upgrade and forwards the ports: channel 2n is the data of the nth, 2n+1 its error. The first frame on
 * each is the number of the port, little-endian.
 */
export function servePortChannels(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  target: ForwardTarget,
  ports: readonly number[],
): void {
  channelServer.handleUpgrade(request, socket, head, (webSocket) => {
    let open = ports.length;
    const clients = ports.map((port, index) => forwardChannel(webSocket, target, port, index * 2));
    for (const client of clients) {
      client.on('close', () => {
        open -= 1;
        if (open === 0) webSocket.close(1000);
      });
    }
    webSocket.on('message', (data) => {
      const bytes = toBuffer(data);
      const channel = bytes[0] ?? 0;
      const client = channel % 2 === 0 ? clients[channel / 2] : undefined;
      if (client && bytes.length > 1 && !client.destroyed && !client.push(bytes.subarray(1))) webSocket.pause();
    });
    webSocket.on('error', () => webSocket.terminate());
    webSocket.on('close', () => {
      // There is no other way for a client to say that its input ends.
      for (const client of clients) {
        client.on('end', () => client.destroy());
        if (!client.destroyed) client.push(null);
      }
    });
  });
}

/** The client's end of one forwarded port. */
function forwardChannel(webSocket: WebSocket, target: ForwardTarget, port: number, channel: number): Duplex {
  const send = (to: number, data: Buffer, done: (error?: Error | null) => void): void => {
    if (webSocket.readyState !== webSocket.OPEN) return done(new Error('the client has gone'));
    webSocket.send(Buffer.concat([Buffer.of(to), data]), (error) => done(error));
  };
  const hello = Buffer.alloc(2);
  hello.writeUInt16LE(port);
  for (const to of [channel, channel + 1]) send(to, hello, () => {});
  const client = new Duplex({
    readableHighWaterMark: MAX_UNREAD_BYTES,
    read: () => webSocket.resume(),
    write: (chunk: Buffer, _encoding, done) => send(channel, chunk, done),
    final(done) {
      // A channel has no end of its own.
      done();
      client.destroy();
    },
  });
  client.on('error', () => {});
  forward(target, port, client, (text) => send(channel + 1, Buffer.from(text), () => {}));
  return client;
}

function toBuffer(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
