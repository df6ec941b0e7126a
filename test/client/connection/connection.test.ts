import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { WebSocket as ServerSocket } from 'ws';
import { WebSocketServer } from 'ws';
import type { Connection, ConnectionStatus } from '../../../client/connection/connection.ts';
import { createConnection } from '../../../client/connection/connection.ts';
import type { WakeReason } from '../../../client/connection/wake.ts';
import type { ServerMessage } from '../../../common/protocol.ts';
import { encodeOutput, PROTOCOL_VERSION } from '../../../common/protocol.ts';
import { openSocket } from '../open-socket.ts';

const HELLO: ServerMessage = {
  type: 'hello',
  protocolVersion: PROTOCOL_VERSION,
  sessionId: 'a',
  ingress: '0123456789abcdef0123',
  blocks: {},
  checks: {},
  done: [],
  terminals: [],
  problems: [],
};

let server: WebSocketServer;
let sockets: ServerSocket[];
/** What the page sent, parsed, of all its sockets. */
let received: unknown[];
let statuses: ConnectionStatus[];
let messages: ServerMessage[];
let outputs: [number, number, string][];
let wake: (reason: WakeReason) => void;
let random: number;
let connection: Connection;

beforeEach(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  sockets = [];
  received = [];
  statuses = [];
  messages = [];
  outputs = [];
  random = 1;
  server.on('connection', (socket) => {
    sockets.push(socket);
    socket.on('message', (data) => received.push(JSON.parse(String(data))));
  });
  connection = createConnection(
    {
      openSocket: () => openSocket(server),
      onWake: (listener) => {
        wake = listener;
        return () => {
          wake = () => {};
        };
      },
      random: () => random,
    },
    {
      hello: () => ({ type: 'hello', protocolVersion: PROTOCOL_VERSION, terminals: [] }),
      message: (message) => messages.push(message),
      output: (terminal, offset, data) => outputs.push([terminal, offset, new TextDecoder().decode(data)]),
      status: (status) => statuses.push(status),
    },
  );
});

afterEach(async () => {
  connection.dispose();
  for (const socket of server.clients) socket.terminate();
  await new Promise((resolve) => server.close(resolve));
});

async function greet(socket = 0): Promise<ServerSocket> {
  await expect.poll(() => received.length).toBeGreaterThan(socket);
  const peer = sockets[socket];
  if (!peer) throw new Error(`There is no socket ${socket}.`);
  peer.send(JSON.stringify(HELLO));
  await expect.poll(() => statuses.at(-1)).toEqual({ phase: 'open' });
  return peer;
}

describe('createConnection', () => {
  test('says hello first and is open when the server has answered', async () => {
    await greet();

    expect(received).toEqual([{ type: 'hello', protocolVersion: PROTOCOL_VERSION, terminals: [] }]);
    expect(statuses).toEqual([{ phase: 'connecting' }, { phase: 'open' }]);
  });

  test('sends nothing before the answer to hello', async () => {
    await expect.poll(() => received).toHaveLength(1);

    expect(connection.send({ type: 'check-run', check: 'early' })).toBe(false);
    await greet();
    expect(connection.send({ type: 'check-run', check: 'late' })).toBe(true);
    await expect.poll(() => received).toHaveLength(2);
    expect(received[1]).toEqual({ type: 'check-run', check: 'late' });
  });

  test('reads output from binary frames', async () => {
    const peer = await greet();

    peer.send(encodeOutput(2, 5_000_000_000, new TextEncoder().encode('hola')));

    await expect.poll(() => outputs).toEqual([[2, 5_000_000_000, 'hola']]);
  });

  test('comes back by itself after the connection broke', async () => {
    const peer = await greet();

    peer.terminate();

    await expect.poll(() => sockets).toHaveLength(2);
    await greet(1);
    expect(statuses.map((status) => status.phase)).toEqual(['connecting', 'open', 'reconnecting', 'open']);
  });

  test('does not wait any longer when the page is looked at again', async () => {
    const peer = await greet();
    random = 1000; // Left alone it would take minutes.
    peer.terminate();
    await expect.poll(() => statuses.at(-1)).toEqual({ phase: 'reconnecting' });

    wake('visible');

    await expect.poll(() => sockets).toHaveLength(2);
  });

  test('replaces an open socket when the network has come back', async () => {
    await greet();

    wake('online');

    await greet(1);
    expect(sockets).toHaveLength(2);
  });

  test.each([
    [4401, 'expired'],
    [4404, 'not-found'],
    [4409, 'taken-over'],
    [4426, 'upgrade'],
    [4429, 'refused'],
    [4500, 'broken'],
  ])('stays closed after close code %i, until told to reconnect', async (code, reason) => {
    const peer = await greet();
    peer.close(code);
    await expect.poll(() => statuses.at(-1)).toEqual({ phase: 'closed', reason });
    wake('visible');
    expect(sockets).toHaveLength(1);

    connection.reconnect();

    await greet(1);
  });

  test('opens nothing more once it is disposed of', async () => {
    const peer = await greet();
    connection.dispose();
    connection.dispose();
    await once(peer, 'close');

    wake('online');
    connection.reconnect();

    expect(sockets).toHaveLength(1);
    expect(statuses.at(-1)).toEqual({ phase: 'open' });
  });
});
