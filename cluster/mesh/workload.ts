import type { PodObject } from '../containers/pod-spec.ts';
import type { KubernetesObject } from '../objects/object.ts';
import type { Party } from './verdict-log.ts';

/** A pod as the mesh sees it. */
export interface Workload {
  namespace: string;
  name: string;
  serviceAccount: string;
  labels: Readonly<Record<string, string>>;
  /** Container ports by name. */
  portNames: ReadonlyMap<string, number>;
  hasSidecar: boolean;
}

export function workloadOf(object: KubernetesObject): Workload {
  const pod = object as PodObject;
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
  return {
    namespace: pod.metadata.namespace ?? 'default',
    name: pod.metadata.name,
    serviceAccount: pod.spec?.serviceAccountName ?? 'default',
    labels: pod.metadata.labels ?? {},
    portNames: new Map(
      containers.flatMap((container) =>
        (container.ports ?? []).flatMap(({ name, containerPort }): [string, number][] =>
          name === undefined ? [] : [[name, containerPort]],
        ),
      ),
    ),
    hasSidecar: containers.some((container) => container.name === 'istio-proxy'),
  };
}

export function partyOf(workload: Workload): Party {
  return {
    namespace: workload.namespace,
    pod: workload.name,
    serviceAccount: workload.serviceAccount,
    sidecar: workload.hasSidecar,
  };
}
