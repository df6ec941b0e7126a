import type { Program } from '../process/process.ts';
import type { Image } from './image.ts';

/** Ports that a sidecar serves itself: health, its agent's telemetry, Envoy's Prometheus page. */
const HEALTH_PORT = 15_021;

/**
 * The proxy's agent. The data plane itself is the sandbox's sidecar (`mesh/`); the process keeps the container alive,
 * answers its readiness probe and has the name that people look for. `istio-iptables` is the init container's work.
 */
const pilotAgent: Program = async (process) => {
  if (process.args[1] === 'istio-iptables') return 0;
  const { createServer } = await import('node:http');
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/healthz/ready' ? 200 : 404;
    response.end();
  });
  const close = process.container.network.listen(HEALTH_PORT, (connection) => server.emit('connection', connection));
  try {
    await process.race(
      new Promise<void>((resolve) => {
        process.onSignal('TERM', resolve);
        process.onSignal('INT', resolve);
      }),
    );
    return 0;
  } finally {
    close();
  }
};

export const istioImages: readonly Image[] = [
  {
    repositories: ['istio/proxyv2', 'gcr.io/istio-release/proxyv2', 'registry.istio.io/release/proxyv2'],
    userland: 'gnu',
    user: { uid: 1337, name: 'istio-proxy', home: '/home/istio-proxy' },
    entrypoint: ['/usr/local/bin/pilot-agent'],
    programs: { '/usr/local/bin/pilot-agent': pilotAgent },
  },
  {
    repositories: ['istio/pilot', 'gcr.io/istio-release/pilot', 'registry.istio.io/release/pilot'],
    userland: 'gnu',
    user: { uid: 1337, name: 'istio-proxy', home: '/home/istio-proxy' },
    entrypoint: ['/usr/local/bin/pilot-discovery'],
    command: ['discovery'],
    programs: { '/usr/local/bin/pilot-discovery': pilotAgent },
  },
];
