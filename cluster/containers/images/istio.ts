import type { Program } from '../process/process.ts';
import { CURL_BIONIC, CURL_XENIAL } from '../programs/curl/build.ts';
import { curl, curlProgram } from '../programs/curl/curl.ts';
import type { Image } from './image.ts';
import { requestOwnPage } from './istio-request.ts';
import { answer, httpAcceptor, listenUntilStopped, untilStopped } from './serve.ts';

/** Where the kubelet asks whether today's proxies are ready. */
const HEALTH_PORT = 15_021;

/** Where Envoy's admin interface is, and where the control plane's debug pages are; `mesh/admin` serves both. */
const ADMIN_PORT = 15_000;
const DEBUG_PORT = 15_014;

/**
 * The proxy's agent. The data plane itself is the sandbox's sidecar (`mesh/`), which serves the agent's port 15020 as
 * well; the process keeps the container alive, answers its readiness probe and has the name that people look for.
 * `istio-iptables` is the init container's work.
 */
const pilotAgent: Program = (process) => {
  if (process.args[1] === 'istio-iptables') return 0;
  if (process.args[1] === 'request') return requestOwnPage(process, ADMIN_PORT);
  // An option of the releases through 1.4, whose agents have no other port.
  if (process.args.includes('--controlPlaneAuthPolicy')) return untilStopped(process).then(() => 0);
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

const PROXY_USER = { uid: 1337, name: 'istio-proxy', home: '/home/istio-proxy' };

const registries = (program: string): string[] => [
  `istio/${program}`,
  `gcr.io/istio-release/${program}`,
  `registry.istio.io/release/${program}`,
  `maistra/${program.replaceAll('_', '-')}-centos7`,
];

/** A program of the control plane through 1.4: it runs and does nothing, since the mesh's rules are the cluster's own. */
function idle(program: string, path: string, ...args: string[]): Image {
  return {
    repositories: registries(program),
    userland: 'gnu',
    user: PROXY_USER,
    entrypoint: [path],
    command: args,
    programs: { [path]: (process) => untilStopped(process).then(() => 0) },
  };
}

export const istioImages: readonly Image[] = [
  {
    repositories: registries('proxyv2'),
    userland: 'gnu',
    user: PROXY_USER,
    entrypoint: ['/usr/local/bin/pilot-agent'],
    programs: { '/usr/local/bin/pilot-agent': pilotAgent, '/usr/bin/curl': curl },
    // istio docker/Dockerfile.base: Ubuntu 16.04, then 18.04.
    tagged: [
      { tag: /^1\.[0-3]\./, programs: { '/usr/bin/curl': curlProgram(CURL_XENIAL) } },
      { tag: /^1\.[4-6]\./, programs: { '/usr/bin/curl': curlProgram(CURL_BIONIC) } },
    ],
  },
  {
    repositories: registries('proxy_init'),
    userland: 'gnu',
    entrypoint: ['/usr/local/bin/istio-iptables.sh'],
    programs: { '/usr/local/bin/istio-iptables.sh': () => 0 },
  },
  {
    repositories: registries('pilot'),
    userland: 'gnu',
    user: PROXY_USER,
    entrypoint: ['/usr/local/bin/pilot-discovery'],
    command: ['discovery'],
    programs: { '/usr/local/bin/pilot-discovery': pilotDiscovery, '/usr/bin/curl': curl },
  },
  idle('citadel', '/usr/local/bin/istio_ca'),
  idle('galley', '/usr/local/bin/galley', 'server'),
  idle('mixer', '/usr/local/bin/mixs', 'server'),
  idle('sidecar_injector', '/usr/local/bin/sidecar-injector'),
];
