import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createCluster, type Cluster, type ClusterOptions } from '../../cluster/index.ts';
import { systemClock } from '../../server/clock.ts';

/** A cluster behind a socket of its own. */
export interface ListeningCluster {
  cluster: Cluster;
  /** Without a slash at its end. */
  url: string;
  /** For what a test wants to know of connections. */
  server: Server;
  dispose(): Promise<void>;
}

/** @param options on top of real time and chance */
export async function listenWithCluster(options: Partial<ClusterOptions> = {}): Promise<ListeningCluster> {
  const cluster = createCluster({ clock: systemClock, randomBytes: (length) => randomBytes(length), ...options });
  const server = createServer((request, response) => cluster.handleRequest(request, response));
  server.on('upgrade', (request, socket, head) => cluster.handleUpgrade(request, socket, head));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    cluster,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    async dispose() {
      cluster.dispose();
      const closed = new Promise((resolve) => void server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
