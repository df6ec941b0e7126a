import { CommandError } from '../kubectl/errors.ts';
import type { Pod } from '../kubectl/pods.ts';
import type { Invocation } from './command.ts';
import { execute } from './pods.ts';
import { listObjects, type KubernetesObject } from './resources.ts';

export type ControlPlanePod = Pod & KubernetesObject;

/** Running pods of istiod, or of Pilot before 1.5. */
export async function controlPlanePods({ session, istioNamespace }: Invocation): Promise<ControlPlanePod[]> {
  const pods = await listObjects<ControlPlanePod>(session, 'pods', istioNamespace, 'istio=pilot');
  return pods.filter(({ status }) => status?.phase === 'Running');
}

/** Asks each of them. @throws CommandError when there is none */
export async function askControlPlane(
  invocation: Invocation,
  path: string,
): Promise<{ pod: ControlPlanePod; text: string }[]> {
  const pods = await controlPlanePods(invocation);
  if (pods.length === 0) {
    throw new CommandError(
      invocation.release.minor < 5 ? 'unable to find any Pilot instances' : 'unable to find any Istiod instances',
    );
  }
  const asked = pods.map(async (pod) => {
    const where = { name: pod.metadata.name, namespace: pod.metadata.namespace ?? invocation.istioNamespace };
    const words = ['pilot-discovery', 'request', 'GET', path];
    return { pod, text: await execute(invocation.session, where, 'discovery', words) };
  });
  return Promise.all(asked);
}

/** One entry of `/debug/syncz`. */
export interface SyncStatus {
  proxy: string;
  cluster_id?: string;
  istio_version?: string;
  cluster_sent?: string;
  cluster_acked?: string;
  listener_sent?: string;
  listener_acked?: string;
  route_sent?: string;
  route_acked?: string;
  endpoint_sent?: string;
  endpoint_acked?: string;
  endpoint_percent?: number;
}

export async function syncStatuses(
  invocation: Invocation,
): Promise<{ pilot: string; version: string; status: SyncStatus }[]> {
  const answers = await askControlPlane(invocation, '/debug/syncz');
  return answers.flatMap(({ pod, text }) =>
    (JSON.parse(text) as SyncStatus[]).map((status) => ({
      pilot: pod.metadata.name,
      version: status.istio_version ?? '',
      status,
    })),
  );
}
