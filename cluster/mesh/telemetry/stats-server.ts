import { createServer, type Server } from 'node:http';
import type { PodNetwork } from '../../network/network.ts';
import { passProbeOn } from '../app-probes.ts';
import type { AppProbes } from '../probe-rewriting.ts';
import { PROMETHEUS_CONTENT_TYPE } from './prometheus-text.ts';

/** Envoy's own page, and the agent's, which is the one that `prometheus.io/port` of a pod names. */
const STATS_PORTS = [15_090, 15_020];
const PATHS = ['/stats/prometheus', '/metrics'];

/**
 * Serves a proxy's metrics within its pod: `:15090/stats/prometheus`, and at the agent's port 15020 as well. The agent
 * merges the program's metrics into its own answer; that is left out. It also says that it is ready, and passes the
 * kubelet's probes on to the programs.
 * @param text what it has counted until now
 * @param probes by path, where they go
 * @returns closes the ports; safe to call twice
 */
export function serveStats(network: PodNetwork, text: () => string, probes: AppProbes): () => void {
  let server: Server | null = null;
  const closers = STATS_PORTS.filter((port) => !network.listensOn(port)).map((port) =>
    network.listen(port, (connection) => {
      server ??= createStatsServer(network, text, probes);
      server.emit('connection', connection);
    }),
  );
  return () => {
    for (const close of closers.splice(0)) close();
  };
}

function createStatsServer(network: PodNetwork, text: () => string, probes: AppProbes): Server {
  const options = { keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 };
  const server = createServer(options, (request, response) => {
    // The date would be the machine's, not the cluster's.
    response.sendDate = false;
    const path = (request.url ?? '/').replace(/\?.*$/, '');
    const probe = probes[path];
    if (probe !== undefined) {
      void passProbeOn(network, probe, request.headers).then((status) => response.writeHead(status).end());
      return;
    }
    if (path === '/healthz/ready') {
      response.writeHead(200).end();
      return;
    }
    if (request.method !== 'GET' || !PATHS.includes(path)) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('invalid path. admin commands are:\n');
      return;
    }
    response.writeHead(200, { 'content-type': PROMETHEUS_CONTENT_TYPE }).end(text());
  });
  server.timeout = 0;
  return server;
}
