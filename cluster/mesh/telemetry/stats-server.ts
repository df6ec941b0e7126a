import { createServer, type Server } from 'node:http';
import type { PodNetwork } from '../../network/network.ts';
import { PROMETHEUS_CONTENT_TYPE } from './prometheus-text.ts';

/** Envoy's own page, and the agent's, which is the one that `prometheus.io/port` of a pod names. */
const STATS_PORTS = [15_090, 15_020];
const PATHS = ['/stats/prometheus', '/metrics'];

/**
 * Serves a proxy's metrics within its pod: `:15090/stats/prometheus`, and at the agent's port 15020 as well. The agent
 * merges the program's metrics into its own answer; that is left out.
 * @param text what it has counted until now
 * @returns closes the ports; safe to call twice
 */
export function serveStats(network: PodNetwork, text: () => string): () => void {
  let server: Server | null = null;
  const closers = STATS_PORTS.filter((port) => !network.listensOn(port)).map((port) =>
    network.listen(port, (connection) => {
      server ??= createStatsServer(text);
      server.emit('connection', connection);
    }),
  );
  return () => {
    for (const close of closers.splice(0)) close();
  };
}

function createStatsServer(text: () => string): Server {
  const options = { keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 };
  const server = createServer(options, (request, response) => {
    // The date would be the machine's, not the cluster's.
    response.sendDate = false;
    const path = (request.url ?? '/').replace(/\?.*$/, '');
    if (request.method !== 'GET' || !PATHS.includes(path)) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('invalid path. admin commands are:\n');
      return;
    }
    response.writeHead(200, { 'content-type': PROMETHEUS_CONTENT_TYPE }).end(text());
  });
  server.timeout = 0;
  return server;
}
