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
  /** A gateway: its proxy stands for no program beside it. */
  isGateway: boolean;
  /** Equal for workloads that every selector treats alike. */
  selectionKey: string;
}

export function workloadOf(object: KubernetesObject): Workload {
  const pod = object as PodObject;
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
  const proxy = containers.find((container) => container.name === 'istio-proxy');
  const namespace = pod.metadata.namespace ?? 'default';
  return {
    namespace,
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
    hasSidecar: proxy !== undefined,
    // `proxy router`, as the charts start gateways (manifests/charts/gateways/istio-ingress).
    isGateway: proxy?.args?.includes('router') === true,
    selectionKey: `${namespace} ${JSON.stringify(pod.metadata.labels ?? {})}`,
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
