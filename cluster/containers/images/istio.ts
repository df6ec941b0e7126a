import type { Program } from '../process/process.ts';
import { curl } from '../programs/curl/curl.ts';
import type { Image } from './image.ts';
import { requestOwnPage } from './istio-request.ts';
import { answer, httpAcceptor, listenUntilStopped } from './serve.ts';

/** Where the kubelet asks whether the proxy is ready. */
const HEALTH_PORT = 15_021;

/** Where Envoy's admin interface is, and where the control plane's debug pages are; `mesh/admin` serves both. */
const ADMIN_PORT = 15_000;
const DEBUG_PORT = 15_014;

/**
 * The proxy's agent. The data plane itself is the sandbox's sidecar (`mesh/`); the process keeps the container alive,
 * answers its readiness probe and has the name that people look for. `istio-iptables` is the init container's work.
 */
const pilotAgent: Program = (process) => {
  if (process.args[1] === 'istio-iptables') return 0;
  if (process.args[1] === 'request') return requestOwnPage(process, ADMIN_PORT);
  const health = httpAcceptor(process, (request, response) =>
    answer(response, request.url === '/healthz/ready' ? 200 : 404, [], ''),
  );
  return listenUntilStopped(process, new Map([[HEALTH_PORT, health]]));
};

/** The control plane: it acts through the mesh itself, and tells of it. */
const pilotDiscovery: Program = (process) => {
  if (process.args[1] === 'request') return requestOwnPage(process, DEBUG_PORT);
  return listenUntilStopped(process, new Map());
};

export const istioImages: readonly Image[] = [
  {
    repositories: ['istio/proxyv2', 'gcr.io/istio-release/proxyv2', 'registry.istio.io/release/proxyv2'],
    userland: 'gnu',
    user: { uid: 1337, name: 'istio-proxy', home: '/home/istio-proxy' },
    entrypoint: ['/usr/local/bin/pilot-agent'],
    programs: { '/usr/local/bin/pilot-agent': pilotAgent, '/usr/bin/curl': curl },
  },
  {
    repositories: ['istio/pilot', 'gcr.io/istio-release/pilot', 'registry.istio.io/release/pilot'],
    userland: 'gnu',
    user: { uid: 1337, name: 'istio-proxy', home: '/home/istio-proxy' },
    entrypoint: ['/usr/local/bin/pilot-discovery'],
    command: ['discovery'],
    programs: { '/usr/local/bin/pilot-discovery': pilotDiscovery, '/usr/bin/curl': curl },
  },
];
