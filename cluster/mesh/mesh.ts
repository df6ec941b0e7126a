import type { Clock, RandomBytes } from '../clock.ts';
import type { Network, PodNetwork } from '../network/network.ts';
import { createObjectIndex } from '../network/object-index.ts';
import type { KubernetesObject, ObjectReader } from '../objects/object.ts';
import { createAuthority, type Authority } from './authority.ts';
import { effectiveMode, type EffectiveMode, type PeerAuthentication } from './peer-authentication.ts';
import { Sidecar } from './sidecar.ts';
import { VerdictLog } from './verdict-log.ts';
import { workloadOf, type Workload } from './workload.ts';

const ROOT_NAMESPACE = 'istio-system';

/** The service mesh of one cluster. */
export interface Mesh {
  readonly authority: Authority;
  /** Connections that the mesh refused, and by which rule. */
  readonly verdicts: VerdictLog;
  /** The pod as it is stored now: labels may have changed since its sandbox was made. */
  workload(pod: KubernetesObject): Workload;
  /** What a workload's port demands of its clients, as the objects say now. */
  serverMode(workload: Workload, port: number): EffectiveMode;
  /** Puts a sidecar between the pod and the network when it has one. `log` takes lines of its access log. */
  attach(pod: KubernetesObject, network: PodNetwork, log: (line: string) => void): { dispose(): void } | null;
  dispose(): void;
}

export function createMesh(deps: {
  objects: ObjectReader;
  clock: Clock;
  randomBytes: RandomBytes;
  network: Network;
}): Mesh {
  const policies = createObjectIndex(deps.objects, 'peerauthentications.security.istio.io', (object) => [
    object.metadata.namespace ?? 'default',
  ]);
  const authority = createAuthority(deps);
  const verdicts = new VerdictLog();
  const sidecars = new Set<Sidecar>();
  // A changed policy ends idle connections, so that the next request is judged anew.
  let stopWatching: (() => void) | null = null;

  const mesh: Mesh = {
    authority,
    verdicts,
    workload(pod) {
      const stored = deps.objects.get('pods', pod.metadata.namespace, pod.metadata.name);
      return workloadOf(stored !== undefined && stored.metadata.uid === pod.metadata.uid ? stored : pod);
    },
    serverMode(workload, port) {
      const relevant = [...policies.get(ROOT_NAMESPACE)];
      if (workload.namespace !== ROOT_NAMESPACE) relevant.push(...policies.get(workload.namespace));
      return effectiveMode(relevant as PeerAuthentication[], workload, port, ROOT_NAMESPACE);
    },
    attach(pod, network, log) {
      const workload = workloadOf(pod);
      if (!workload.hasSidecar) return null;
      stopWatching ??= deps.objects.watch('peerauthentications.security.istio.io', () => {
        for (const sidecar of sidecars) sidecar.closeIdleConnections();
      });
      const sidecar = new Sidecar({ ...deps, mesh, workload, pod, podNetwork: network, log });
      sidecars.add(sidecar);
      network.capture = sidecar;
      return {
        dispose() {
          sidecars.delete(sidecar);
          sidecar.dispose();
        },
      };
    },
    dispose() {
      stopWatching?.();
      policies.dispose();
      for (const sidecar of sidecars) sidecar.dispose();
      sidecars.clear();
    },
  };
  return mesh;
}
