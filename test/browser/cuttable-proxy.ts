import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP proxy on a port of its own, whose connections can be cut as a bad network cuts them. */
export async function createCuttableProxy(target: string) {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const server = createServer((inbound) => {
    const outbound = connect(Number(port), hostname);
    for (const [socket, other] of [
      [inbound, outbound],
      [outbound, inbound],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Resets every connection there is; new ones work. */
    cut(): void {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    dispose(): void {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
