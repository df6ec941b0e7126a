import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Cluster } from '../../cluster/index.ts';
import { closeWith } from './relay.ts';
import { createShellProxy, proxySecret, PROXY_USER } from './shell-proxy.ts';

/**
 * One loopback listener for all clusters. The API server of one is reached below a path that holds its secret,
 * `http://127.0.0.1:PORT/k/SECRET`, because kubectl sends no bearer token over plain HTTP; what runs in it, through the
 * same port as an HTTP proxy with that secret. It never listens beyond loopback: only shells on this machine use it.
 */
export interface ClusterGateway {
  /** Makes a cluster reachable. */
  add(cluster: Cluster): ClusterAddress;
  /** The cluster whose ingress a browser asks for. */
  byIngressName(name: string): Cluster | undefined;
  dispose(): Promise<void>;
}

export interface ClusterAddress {
  /** Of the API server. */
  url: string;
  /** For `http_proxy`, see `shell-proxy.ts`. */
  proxyUrl: string;
  /** Label below `localhost` where browsers find the ingress; another secret, since it stands in their history. */
  ingressName: string;
  /** Withdraws the cluster. */
  remove(): void;
}

const SECRET_BYTES = 24;
const INGRESS_NAME_BYTES = 10;

export async function createClusterGateway(): Promise<ClusterGateway> {
  const clusters = new Map<string, Cluster>();
  const ingresses = new Map<string, Cluster>();
  const proxy = createShellProxy();
  const server = createServer((request, response) => {
    if (!request.url?.startsWith('/')) {
      const cluster = clusters.get(proxySecret(request) ?? '');
      if (cluster) proxy.handleRequest(cluster, request, response);
      else response.writeHead(407, { 'proxy-authenticate': 'Basic' }).end();
      return;
    }
    const cluster = route(clusters, request);
    if (cluster) cluster.handleRequest(request, response);
    else response.writeHead(404, { 'content-type': 'text/plain' }).end('no cluster at this address\n');
  });
  server.on('upgrade', (request, socket, head) => {
    const cluster = route(clusters, request);
    if (cluster) cluster.handleUpgrade(request, socket, head);
    else closeWith(socket, 'HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n');
  });
  server.on('connect', (request, socket, head) => {
    const cluster = clusters.get(proxySecret(request) ?? '');
    if (cluster) proxy.handleConnect(cluster, request, socket, head);
    else closeWith(socket, 'HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\n\r\n');
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
      const ingressName = randomBytes(INGRESS_NAME_BYTES).toString('hex');
      clusters.set(secret, cluster);
      ingresses.set(ingressName, cluster);
      return {
        url: `http://127.0.0.1:${port}/k/${secret}`,
        proxyUrl: `http://${PROXY_USER}:${secret}@127.0.0.1:${port}`,
        ingressName,
        remove() {
          clusters.delete(secret);
          ingresses.delete(ingressName);
        },
      };
    },
    byIngressName: (name) => ingresses.get(name),
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
