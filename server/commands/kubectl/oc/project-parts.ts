import type { Client } from '../api/client.ts';
import type { ApiList, ApiObject } from '../api/object.ts';
import { StatusError } from '../errors.ts';
import { configNameOf, type DeploymentConfig, type ReplicationController } from './deployment-configs.ts';

export interface Service extends ApiObject {
  spec?: {
    type?: string;
    clusterIP?: string;
    externalName?: string;
    selector?: Record<string, string>;
    ports?: { port: number; targetPort?: number | string; nodePort?: number }[];
  };
}

export interface Route extends ApiObject {
  spec?: {
    host?: string;
    to?: { name?: string };
    port?: { targetPort?: number | string };
    tls?: { termination?: string; insecureEdgeTerminationPolicy?: string };
  };
  status?: {
    ingress?: {
      host?: string;
      routerName?: string;
      conditions?: { type: string; status: string; reason?: string; message?: string }[];
    }[];
  };
}

interface Container {
  name: string;
  image?: string;
  livenessProbe?: unknown;
  readinessProbe?: unknown;
}

/** Whatever has pods, or is one. */
export interface Workload extends ApiObject {
  spec?: {
    replicas?: number;
    completions?: number;
    selector?: unknown;
    containers?: Container[];
    template?: { metadata?: { labels?: Record<string, string> }; spec?: { containers?: Container[] } };
  };
  status?: Record<string, unknown>;
}

/** The objects of a project that its overview is about, by name. */
export interface ProjectParts {
  services: Service[];
  routes: Route[];
  configs: DeploymentConfig[];
  deployments: Workload[];
  /** All replication controllers, and all replica sets. */
  controllers: ReplicationController[];
  replicaSets: Workload[];
  /** Those that nothing controls, and all of the other kinds. */
  standalone: Record<'statefulSets' | 'controllers' | 'replicaSets' | 'daemonSets' | 'jobs' | 'pods', Workload[]>;
  pods: Workload[];
}

export async function loadProject(client: Client, namespace: string): Promise<ProjectParts> {
  const list = async <Kind extends ApiObject>(path: string): Promise<Kind[]> => {
    const [root, resource] = [path.slice(0, path.lastIndexOf('/')), path.slice(path.lastIndexOf('/') + 1)];
    try {
      const found = await client.json<ApiList>(
        'GET',
        `${root}/namespaces/${encodeURIComponent(namespace)}/${resource}`,
      );
      const kind = (found as { kind?: string }).kind?.replace(/List$/, '');
      return (found.items ?? []).map((item) => ({ kind, ...item })) as Kind[];
    } catch (error) {
      // A cluster without OpenShift, or one who may not see this kind.
      if (error instanceof StatusError && ['NotFound', 'Forbidden'].includes(error.reason)) return [];
      throw error;
    }
  };
  const [services, routes, configs, deployments, controllers, replicaSets, statefulSets, daemonSets, jobs, pods] =
    await Promise.all([
      list<Service>('/api/v1/services'),
      list<Route>('/apis/route.openshift.io/v1/routes'),
      list<DeploymentConfig>('/apis/apps.openshift.io/v1/deploymentconfigs'),
      list<Workload>('/apis/apps/v1/deployments'),
      list<ReplicationController>('/api/v1/replicationcontrollers'),
      list<Workload>('/apis/apps/v1/replicasets'),
      list<Workload>('/apis/apps/v1/statefulsets'),
      list<Workload>('/apis/apps/v1/daemonsets'),
      list<Workload>('/apis/batch/v1/jobs'),
      list<Workload>('/api/v1/pods'),
    ]);
  const free = (all: readonly Workload[]) =>
    all.filter(({ metadata }) => !metadata?.ownerReferences?.some((owner) => owner.controller));
  return {
    services,
    routes,
    configs,
    deployments,
    controllers,
    replicaSets,
    pods,
    standalone: {
      statefulSets,
      controllers: free(controllers as Workload[]).filter(
        (each) => configNameOf(each as ReplicationController) === undefined,
      ),
      replicaSets: free(replicaSets),
      daemonSets,
      jobs: free(jobs),
      pods: free(pods),
    },
  };
}
