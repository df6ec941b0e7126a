import type { AddressInfo } from 'node:net';
import { WebSocket as NodeSocket, type WebSocketServer } from 'ws';

/**
 * A socket to the test's server that looks like a browser's. In a browser an error that nobody listens to is nothing:
 * the close event that follows tells the page. In Node it would end the process.
 */
export function openSocket(server: WebSocketServer): WebSocket {
  const socket = new NodeSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  socket.on('error', () => undefined);
  return socket as unknown as WebSocket;
}
