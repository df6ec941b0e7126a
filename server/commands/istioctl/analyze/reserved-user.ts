/** pkg/config/analysis/analyzers/deployment/pod.go: programs that run as the proxy's user are not captured. */
import type { MeshContainer } from '../istio-objects.ts';
import type { KubernetesObject } from '../resources.ts';
import type { Finding } from './finding.ts';
import { isControlPlane, type Snapshot } from './snapshot.ts';

const PROXY_USER = 1337;

interface PodSpec {
  containers?: readonly MeshContainer[];
  securityContext?: { runAsUser?: number };
}

export function findReservedUsers(snapshot: Snapshot): Finding[] {
  const pods = snapshot.of('pods').map((object) => ({ object, spec: object.spec as PodSpec }));
  const deployments = snapshot
    .of('deployments')
    .map((object) => ({ object, spec: (object.spec?.template as { spec?: PodSpec } | undefined)?.spec ?? {} }));
  return [...pods, ...deployments].flatMap(({ object, spec }) => findIn(object, spec));
}

function findIn(object: KubernetesObject, { containers = [], securityContext }: PodSpec): Finding[] {
  if (isControlPlane(object)) return [];
  const isReserved =
    securityContext?.runAsUser === PROXY_USER ||
    containers.some(({ name, securityContext: own }) => name !== 'istio-proxy' && own?.runAsUser === PROXY_USER);
  if (!isReserved) return [];
  const text = `User ID (UID) ${PROXY_USER} is reserved for the sidecar proxy.`;
  return [{ level: 'Warning', code: 'IST0144', object, text }];
}
