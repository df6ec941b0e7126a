import type { KubernetesObject } from '../objects/object.ts';
import type { Era } from './era.ts';
import type { InjectablePod } from './injected-by-istiod.ts';

/** The agent's port. Connections to it are never captured. */
const AGENT_PORT = 15_020;

/** Variable of the proxy's container that tells its agent where rewritten probes go. */
const PROBES_VARIABLE = 'ISTIO_KUBE_APP_PROBERS';

interface HttpProbe {
  httpGet?: { path?: string; port: number | string; scheme?: string };
  [field: string]: unknown;
}

interface ProbedContainer {
  name: string;
  ports?: { name?: string; containerPort: number }[];
  [field: string]: unknown;
}

/** As the agent reads them: by path, what to ask the program instead. */
export type AppProbes = Record<string, AppProbe>;

export interface AppProbe {
  httpGet: { path: string; port: number; scheme?: string };
}

/** Its probe, and the last part of the path that the kubelet asks for in its place. */
const KINDS = [
  ['readinessProbe', 'readyz'],
  ['livenessProbe', 'livez'],
  ['startupProbe', 'startupz'],
] as const;

/**
 * The programs' containers with their HTTP probes led to the agent, which asks the program past mutual TLS
 * (pkg/kube/inject/app_probe.go). Left out: probes of TCP and gRPC, which look past it anyway here.
 */
export function rewriteProbes(pod: InjectablePod, era: Era): InjectablePod['spec']['containers'] {
  if (!rewrites(pod, era)) return pod.spec.containers;
  return pod.spec.containers.map((container) => {
    const copy: InjectablePod['spec']['containers'][number] = { ...container };
    for (const [kind, word] of KINDS) {
      const probe = container[kind] as HttpProbe | undefined;
      if (probe?.httpGet === undefined) continue;
      copy[kind] = { ...probe, httpGet: { path: pathFor(container.name, word), port: AGENT_PORT, scheme: 'HTTP' } };
    }
    return copy;
  });
}

/** The variable for the agent; none where no probe was rewritten. */
export function probeEnvironment(pod: InjectablePod, era: Era): { name: string; value: string }[] {
  if (!rewrites(pod, era)) return [];
  const probes: AppProbes = {};
  for (const container of pod.spec.containers as ProbedContainer[]) {
    for (const [kind, word] of KINDS) {
      const httpGet = (container[kind] as HttpProbe | undefined)?.httpGet;
      if (httpGet === undefined) continue;
      probes[pathFor(container.name, word)] = {
        httpGet: {
          path: httpGet.path ?? '/',
          port: portNumber(httpGet.port, container),
          ...(httpGet.scheme === undefined ? {} : { scheme: httpGet.scheme }),
        },
      };
    }
  }
  return Object.keys(probes).length === 0 ? [] : [{ name: PROBES_VARIABLE, value: JSON.stringify(probes) }];
}

/** What the agent of a pod was told; nothing where no probe was rewritten, or the text is none of the injector's. */
export function probesOf(pod: KubernetesObject): AppProbes {
  const { containers } = (pod as InjectablePod).spec;
  const env = containers.find(({ name }) => name === 'istio-proxy')?.['env'] as { name: string; value?: string }[];
  const text = env?.find(({ name }) => name === PROBES_VARIABLE)?.value;
  try {
    return JSON.parse(text ?? '{}') as AppProbes;
  } catch {
    // Somebody wrote a proxy's container by hand; the agent upstream ends with this, and the pod is never ready.
    return {};
  }
}

function pathFor(container: string, word: string): string {
  return `/app-health/${container}/${word}`;
}

function portNumber(port: number | string, { ports = [] }: ProbedContainer): number {
  if (typeof port === 'number') return port;
  return ports.find(({ name }) => name === port)?.containerPort ?? Number(port);
}

/** What the release does by itself, unless the pod asks for the other (1.1 and later). */
function rewrites({ metadata }: InjectablePod, { injection }: Era): boolean {
  const wish = metadata.annotations?.['sidecar.istio.io/rewriteAppHTTPProbers'];
  return injection.healthPort !== null && (wish === undefined ? injection.rewritesProbes : wish === 'true');
}
