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
  /** A proxy that its connections pass through. */
  hasSidecar: boolean;
  /** A gateway: its proxy stands for no program beside it. */
  isGateway: boolean;
  /** Equal for workloads that every selector treats alike. */
  selectionKey: string;
}

export function workloadOf(object: KubernetesObject): Workload {
  const pod = object as PodObject;
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
  // A proxy without this role serves the program beside it alone, as those of Istio's own programs did through 1.4.
  const proxy = containers.find(
    ({ name, args = [] }) => name === 'istio-proxy' && (args.includes('sidecar') || args.includes('router')),
  );
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
