import type { KubernetesObject, ObjectReader } from '../../objects/object.ts';
import type { Mesh } from '../mesh.ts';
import { authenticationDebug } from './authentication-debug.ts';
import { configDump, configVersion } from './config-dump.ts';
import { dynamicRoutes } from './envoy-routes.ts';
import { proxyName } from './node.ts';
import { jsonPage, type Page, type Pages } from './serve-pages.ts';
import type { Subject } from './subject.ts';

/** Where istiod serves its debug pages, and where its webhook does. */
export const DEBUG_PORTS = [8080, 15_014];
export const INJECTION_PORT = 15_017;

/** Whether a pod's program is the control plane: istiod, or Pilot before 1.5. */
export function isControlPlane({ metadata, spec }: KubernetesObject): boolean {
  const { containers = [] } = (spec ?? {}) as { containers?: { name: string; args?: string[] }[] };
  return (
    metadata.labels?.['istio'] === 'pilot' &&
    containers.some(({ name, args = [] }) => name === 'discovery' && args[0] === 'discovery')
  );
}

/**
 * The debug pages of the control plane. Everything is applied to every proxy at once here, so none is ever behind.
 * Left out: pages about its own memory and pushes.
 * @param subjects the proxies that it has configured
 * @param inject the pod with its sidecar, whatever its namespace says
 */
export function istiodPages(
  mesh: Mesh,
  objects: ObjectReader,
  subjects: () => Iterable<Subject>,
  inject: (pod: KubernetesObject) => KubernetesObject,
): Pages {
  const byId = (id: string | null): Subject | undefined =>
    [...subjects()].find((subject) => id !== null && proxyName(subject) === id);

  return (method, target, body) => {
    const id = target.searchParams.get('proxyID');
    switch (target.pathname) {
      case '/ready':
        return { body: '' };
      case '/version':
        return { body: `${mesh.era.release}-Clean` };
      case '/debug/syncz':
        return jsonPage([...subjects()].map(syncStatus));
      case '/debug/authenticationz': {
        if (mesh.era.serverPolicies !== 'Policy') return notFound(target.pathname);
        const subject = byId(id);
        if (mesh.era.version !== '1.0' && subject === undefined) return unknownProxy(id);
        return jsonPage(authenticationDebug(mesh, objects, subject?.context.workload ?? null));
      }
      case '/debug/config_dump': {
        const subject = byId(id);
        return subject === undefined ? unknownProxy(id) : jsonPage(configDump(subject, true));
      }
      case '/inject':
        return method === 'POST' ? injection(body, inject) : { status: 405, body: 'POST an AdmissionReview' };
      default:
        return notFound(target.pathname);
    }
  };
}

/** What a proxy has been sent of each type of configuration, and that it has taken it. */
function syncStatus(subject: Subject): unknown {
  const { context, era } = subject;
  const version = configVersion(subject);
  // A gateway asks for routes when a Gateway opens a port.
  const routes = dynamicRoutes(subject).length === 0 ? '' : version;
  const isOld = era.version === '1.0' || era.version === '1.1';
  return {
    cluster_id: 'Kubernetes',
    proxy: proxyName(subject),
    proxy_type: context.workload.isGateway ? 'router' : 'sidecar',
    istio_version: era.release,
    cluster_sent: version,
    cluster_acked: version,
    listener_sent: version,
    listener_acked: version,
    route_sent: routes,
    route_acked: routes,
    endpoint_sent: version,
    endpoint_acked: version,
    ...(isOld ? { endpoint_percent: 100 } : {}),
  };
}

function unknownProxy(id: string | null): Page {
  const what =
    id === null ? 'You must provide a proxyID in the query string' : `Proxy not connected to this Pilot instance`;
  return { status: 404, body: `${what}\n` };
}

function notFound(path: string): Page {
  return { status: 404, body: `${path}: this page is not simulated\n` };
}

/** The webhook: an AdmissionReview with a pod in, the same with a patch out. */
function injection(body: string, inject: (pod: KubernetesObject) => KubernetesObject): Page {
  let review: { apiVersion?: string; request?: { uid?: string; object?: KubernetesObject } };
  try {
    review = JSON.parse(body) as typeof review;
  } catch (error) {
    return { status: 400, body: `could not decode body: ${(error as Error).message}\n` };
  }
  const pod = review.request?.object;
  if (pod?.metadata === undefined) return { status: 400, body: 'no pod in the request of the review\n' };
  const { metadata, spec } = inject(pod);
  const patch = [
    { op: 'replace', path: '/metadata', value: metadata },
    { op: 'replace', path: '/spec', value: spec },
  ];
  return jsonPage({
    apiVersion: review.apiVersion,
    kind: 'AdmissionReview',
    response: {
      uid: review.request?.uid ?? '',
      allowed: true,
      patchType: 'JSONPatch',
      patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
    },
  });
}
