import type { Clock } from '../../clock.ts';
import type { KubernetesObject, ObjectReader } from '../../objects/object.ts';
import { byAge } from '../age.ts';
import type { DestinationRule } from '../destination-rule.ts';
import { ROOT_NAMESPACE } from '../mesh-config.ts';
import { meshGraph, type MeshGraph } from './mesh-graph.ts';
import { meshMutualTls, namespaceMutualTls, type StatusDeps } from './mtls-status.ts';
import { podFactsOf } from './pod-facts.ts';
import { prometheusText, type TextOptions } from './prometheus-text.ts';
import type { Telemetry } from './telemetry.ts';

/** The platform's own; a learner's pods are not in there. */
const SYSTEM_NAMESPACE = /^(kube|openshift)-|^local-path-storage$/;

export interface ObserverDeps {
  telemetry: Telemetry;
  objects: ObjectReader;
  clock: Clock;
  /** As of {@link StatusDeps}. */
  serverOf: StatusDeps['serverOf'];
  automatic(): boolean;
  rulesOfAllNamespaces: boolean;
  text: TextOptions;
}

/** What can be seen of a mesh from outside: its graph, and its metrics. Both are made when they are asked for. */
export interface MeshObserver {
  /** @param windowSeconds 5 to 600; what lies outside is taken as the nearest */
  graph(windowSeconds: number): MeshGraph;
  /** Prometheus text of all proxies, or of one pod's. */
  metrics(pod?: KubernetesObject): string;
}

export function createMeshObserver(deps: ObserverDeps): MeshObserver {
  const { telemetry, objects, clock } = deps;
  return {
    graph(windowSeconds) {
      const rules = ([...objects.list('destinationrules.networking.istio.io')] as DestinationRule[]).sort(byAge);
      const automatic = deps.automatic();
      const status: StatusDeps = { ...deps, rules, automatic };
      return meshGraph({
        now: clock.now(),
        windowSeconds: Math.min(600, Math.max(5, windowSeconds)),
        series: telemetry.series(),
        refusals: telemetry.refusals.all(),
        pods: objects
          .list('pods')
          .filter((pod) => !isOver(pod))
          .map(podFactsOf),
        // Istio's own, such as a gateway, are shown once something has gone through them.
        isShown: ({ namespace }) => namespace !== ROOT_NAMESPACE && !SYSTEM_NAMESPACE.test(namespace),
        status: {
          mesh: meshMutualTls(status),
          automatic,
          namespace: (name) => namespaceMutualTls(status, name),
        },
      });
    },
    metrics(pod) {
      const own = pod === undefined ? null : podFactsOf(pod);
      const series = [...telemetry.series()].filter(({ local }) => own === null || local === own);
      return prometheusText(series, deps.text);
    },
  };
}

function isOver({ metadata, ...pod }: KubernetesObject): boolean {
  const { phase } = ((pod as { status?: { phase?: string } }).status ?? {}) as { phase?: string };
  return phase === 'Succeeded' || phase === 'Failed' || metadata.deletionTimestamp !== undefined;
}
