import { WebSocket } from 'ws';
import { decodeOutput, PROTOCOL_VERSION, type ClientMessage, type ServerMessage } from '../../../common/protocol.ts';

/** A page without a browser: the cookie, the socket, and what came over it. */
export interface TallerClient {
  readonly messages: ServerMessage[];
  /** Everything that terminal 1 printed, snapshots included. */
  readonly text: string;
  send(message: ClientMessage | string): void;
  waitFor<T extends ServerMessage['type']>(type: T): Promise<Extract<ServerMessage, { type: T }>>;
  /** Resolves with the close code. */
  closed: Promise<number>;
  close(): void;
}

/** Fetches the page, as a browser would, for its cookie. */
export async function visit(url: string): Promise<string> {
  const response = await fetch(`${url}/en/lessons/test`);
  return response.headers.get('set-cookie')?.split(';')[0] ?? '';
}

export async function connectTo(url: string, cookie: string, path = '/ws/test'): Promise<TallerClient> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}${path}`, { headers: { cookie, origin: url } });
  const messages: ServerMessage[] = [];
  let text = '';
  socket.binaryType = 'nodebuffer';
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) {
      text += Buffer.from(decodeOutput(data)?.data ?? []).toString();
      return;
    }
    const message = JSON.parse(data.toString()) as ServerMessage;
    messages.push(message);
    if (message.type === 'terminal-snapshot') text += message.data;
  });
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return {
    messages,
    get text() {
      return text;
    },
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    async waitFor(type) {
      const deadline = Date.now() + 30_000;
      for (;;) {
        const found = messages.find((message) => message.type === type);
        if (found) return found as never;
        if (Date.now() > deadline) throw new Error(`no ${type} came, but ${JSON.stringify(messages)}`);
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    closed,
    close: () => socket.close(),
  };
}

export const HELLO: ClientMessage = { type: 'hello', protocolVersion: PROTOCOL_VERSION, terminals: [] };
