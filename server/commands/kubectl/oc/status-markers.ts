import { isRecord } from '../api/object.ts';
import type { ProjectParts, Workload } from './project-parts.ts';
import { shortName } from './status-lines.ts';

/** Something about a project that could be better. */
export interface Marker {
  severity: 'error' | 'warning' | 'info';
  message: string;
  /** A command that helps; '' for none. */
  suggestion: string;
}

/**
 * openshift/oc, pkg/helpers/graph: kubegraph/analysis (pods that crash, liveness), appsgraph/analysis (readiness),
 * routegraph/analysis (routes that lead nowhere or are refused).
 */
export function findMarkers(parts: ProjectParts): Marker[] {
  const { controllers, pods, jobs, statefulSets, replicaSets, daemonSets } = parts.standalone;
  const watched: Workload[] = [
    ...controllers,
    ...pods,
    ...jobs,
    ...statefulSets,
    ...parts.deployments.map((each) => ({ ...each, kind: 'Deployment' })),
    ...replicaSets,
    ...daemonSets,
  ];
  return [
    ...parts.pods.flatMap(crashing),
    ...watched.flatMap(withoutLiveness),
    ...parts.configs.flatMap((config) => {
      const named = { ...config, kind: 'DeploymentConfig' } as Workload;
      return [...withoutReadiness(named), ...withoutLiveness(named)];
    }),
    ...routeMarkers(parts),
  ];
}

function crashing(pod: Workload): Marker[] {
  const statuses = Array.isArray(pod.status?.containerStatuses) ? pod.status.containerStatuses.filter(isRecord) : [];
  const waits = statuses.filter(({ state }) => {
    const waiting = isRecord(state) && isRecord(state.waiting) ? state.waiting : {};
    return waiting.reason === 'CrashLoopBackOff';
  });
  const name = shortName({ ...pod, kind: 'Pod' });
  return waits.map(({ name: container }) => ({
    severity: 'error',
    message:
      statuses.length > 1
        ? `container ${JSON.stringify(container)} in ${name} is crash-looping`
        : `${name} is crash-looping`,
    suggestion: `oc logs -p ${name} -c ${String(container)}`,
  }));
}

function containersOf({ spec = {} }: Workload) {
  return spec.template?.spec?.containers ?? spec.containers ?? [];
}

function withoutLiveness(workload: Workload): Marker[] {
  if (containersOf(workload).some(({ livenessProbe }) => livenessProbe)) return [];
  const name = shortName(workload);
  const message = `${name} has no liveness probe to verify pods are still running.`;
  return [{ severity: 'info', message, suggestion: `oc set probe ${name} --liveness ...` }];
}

function withoutReadiness(workload: Workload): Marker[] {
  if (containersOf(workload).some(({ readinessProbe }) => readinessProbe)) return [];
  const name = shortName(workload);
  const message = `${name} has no readiness probe to verify pods are ready to accept traffic or ensure deployment is successful.`;
  return [{ severity: 'info', message, suggestion: `oc set probe ${name} --readiness ...` }];
}

function routeMarkers({ routes, services }: ProjectParts): Marker[] {
  return routes.flatMap((route) => {
    const name = shortName({ ...route, kind: 'Route' });
    const target = route.spec?.to?.name ?? '';
    const markers: Marker[] = [];
    if (!services.some(({ metadata }) => metadata?.name === target)) {
      const message = `${name} is supposed to route traffic to svc/${target} but svc/${target} doesn't exist.`;
      markers.push({ severity: 'warning', message, suggestion: '' });
    }
    for (const { routerName = '', conditions = [] } of route.status?.ingress ?? []) {
      const refused = conditions.find(({ type, status }) => type === 'Admitted' && status === 'False');
      if (!refused) continue;
      const message = `${name} was not accepted by router ${JSON.stringify(routerName)}: ${refused.message ?? ''} (${refused.reason ?? ''})`;
      markers.push({ severity: 'error', message, suggestion: '' });
    }
    return markers;
  });
}
