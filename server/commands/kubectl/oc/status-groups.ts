import type { DeploymentConfig } from './deployment-configs.ts';
import type { ProjectParts, Service, Workload } from './project-parts.ts';

const selectorText = ({ spec }: Service) =>
  Object.entries(spec?.selector ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .toSorted()
    .join(',');

/** Services with the same selector stand together, in the order of the first one of each; that one is last. */
export function serviceGroups({ services }: ProjectParts): Service[][] {
  const groups = new Map<string, Service[]>();
  for (const service of services) {
    const key = selectorText(service);
    groups.set(key, [...(groups.get(key) ?? []), service]);
  }
  return [...groups.values()].map(([first, ...others]) => [...others, ...(first ? [first] : [])]);
}

export interface Covered {
  configs: DeploymentConfig[];
  deployments: Workload[];
  statefulSets: Workload[];
  /** Daemon sets, then replica sets, replication controllers and pods that nothing controls. */
  others: Workload[];
}

/** What a service leads to: those whose pods have the labels that it selects. */
export function coveredBy(parts: ProjectParts, service: Service | undefined): Covered {
  const selector = Object.entries(service?.spec?.selector ?? {});
  const has = (labels: Record<string, string> | null | undefined) =>
    selector.length > 0 && selector.every(([key, value]) => labels?.[key] === value);
  const chosen = <Each extends Pick<Workload, 'spec'>>(all: readonly Each[]) =>
    all.filter(({ spec }) => has(spec?.template?.metadata?.labels));
  const { statefulSets, daemonSets, replicaSets, controllers, pods } = parts.standalone;
  return {
    configs: chosen(parts.configs as Workload[]) as DeploymentConfig[],
    deployments: chosen(parts.deployments),
    statefulSets: chosen(statefulSets),
    others: [
      ...chosen(daemonSets),
      ...chosen(replicaSets),
      ...chosen(controllers),
      ...pods.filter(({ metadata }) => has(metadata?.labels)),
    ],
  };
}

/** HTTPS first, then HTTP, the shorter host first: exposedRoutes in projectstatus.go. */
export function compareRoutes(a: string, b: string): number {
  const scheme = (text: string) => ['https://', 'http://'].findIndex((each) => text.startsWith(each)) >>> 0;
  const host = (text: string) => text.replace(/^https?:\/\//, '').replace(/ .*$/, '').length;
  return scheme(a) - scheme(b) || host(a) - host(b) || (a < b ? -1 : 1);
}
