import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';
import type { Lesson } from '../../../common/lesson.ts';
import type { Locale } from '../../../common/locale.ts';
import type { ClientMessage, ServerMessage } from '../../../common/protocol.ts';
import { encodeOutput, PROTOCOL_VERSION } from '../../../common/protocol.ts';

const TYPES: Record<string, string> = { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };

/** What the server sends with its pages. */
const POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/** Serves the built page and one lesson, and says over the socket what a test tells it to. */
export interface FakeServer {
  readonly address: string;
  readonly received: ClientMessage[];
  send(...messages: ServerMessage[]): void;
  /** Terminal output; the fake keeps the offset. */
  print(text: string): void;
  close(): Promise<void>;
}

export async function startFakeServer(directory: string, lesson: (locale: Locale) => Lesson): Promise<FakeServer> {
  const received: ClientMessage[] = [];
  let socket: WebSocket | undefined;
  let offset = 0;
  const http = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://fake');
    response.setHeader('content-security-policy', POLICY);
    if (url.pathname.startsWith('/api/')) {
      const shown = lesson(url.searchParams.get('locale') === 'es' ? 'es' : 'en');
      if (url.pathname === '/api/lessons') return response.end(JSON.stringify([{ ...shown, position: 1 }]));
      response.statusCode = url.pathname.endsWith(`/${shown.id}`) ? 200 : 404;
      return response.end(JSON.stringify(shown));
    }
    const file = url.pathname.startsWith('/assets/') ? url.pathname : '/index.html';
    readFile(join(directory, file)).then(
      (content) => response.setHeader('content-type', TYPES[extname(file)] ?? 'text/html').end(content),
      () => response.writeHead(404).end(),
    );
    return response;
  });
  const sockets = new WebSocketServer({ server: http });
  const send = (...messages: ServerMessage[]): void => {
    for (const message of messages) socket?.send(JSON.stringify(message));
  };
  sockets.on('connection', (connected) => {
    socket = connected;
    connected.on('message', (data) => {
      const message = JSON.parse(String(data)) as ClientMessage;
      received.push(message);
      if (message.type === 'hello') {
        send({
          type: 'hello',
          protocolVersion: PROTOCOL_VERSION,
          sessionId: 'fake',
          ingress: '0123456789abcdef0123',
          blocks: {},
          checks: {},
          done: [],
          terminals: [],
          problems: [],
        });
      } else if (message.type === 'terminal-open') {
        const { terminal, columns, rows } = message;
        send(
          { type: 'terminal-state', state: { terminal, activity: 'prompt', exitCode: null, inputSeq: 0 } },
          { type: 'terminal-snapshot', terminal, offset, columns, rows, data: 'learner:~$ ' },
        );
      } else if (message.type === 'terminal-input') {
        send({ type: 'input-ack', terminal: message.terminal, seq: message.seq });
      }
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    address: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    received,
    send,
    print(text) {
      const data = new TextEncoder().encode(text);
      socket?.send(encodeOutput(1, offset, data));
      offset += data.length;
    },
    async close() {
      for (const client of sockets.clients) client.terminate();
      sockets.close();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
