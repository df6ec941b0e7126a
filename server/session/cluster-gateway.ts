import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Cluster } from '../../cluster/index.ts';

/**
 * One loopback listener for the API servers of all clusters. A cluster is reached below a path that holds its
 * secret, `http://127.0.0.1:PORT/k/SECRET`, because kubectl sends no bearer token over plain HTTP.
 * It never listens beyond loopback: the kubeconfig is used by shells on this machine only.
 */
export interface ClusterGateway {
  /** Makes a cluster reachable. @returns its URL, and how to withdraw it. */
  add(cluster: Cluster): { url: string; remove(): void };
  dispose(): Promise<void>;
}

const SECRET_BYTES = 24;

export async function createClusterGateway(): Promise<ClusterGateway> {
  const clusters = new Map<string, Cluster>();
  const server = createServer((request, response) => {
    const cluster = route(clusters, request);
    if (cluster) cluster.handleRequest(request, response);
    else response.writeHead(404, { 'content-type': 'text/plain' }).end('no cluster at this address\n');
  });
  server.on('upgrade', (request, socket, head) => {
    const cluster = route(clusters, request);
    if (cluster) cluster.handleUpgrade(request, socket, head);
    else socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n');
  });
  // A watch lasts as long as the learner looks at it.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;

  return {
    add(cluster) {
      const secret = randomBytes(SECRET_BYTES).toString('hex');
      clusters.set(secret, cluster);
      return { url: `http://127.0.0.1:${port}/k/${secret}`, remove: () => void clusters.delete(secret) };
    },
    async dispose() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Finds the cluster of a request and cuts the prefix off its URL. */
function route(clusters: ReadonlyMap<string, Cluster>, request: IncomingMessage): Cluster | undefined {
  const match = /^\/k\/([0-9a-f]+)(\/.*|\?.*)?$/.exec(request.url ?? '');
  if (!match) return undefined;
  request.url = match[2] === undefined ? '/' : match[2].startsWith('?') ? `/${match[2]}` : match[2];
  return clusters.get(match[1] ?? '');
}
