import { CommandError } from '../kubectl/errors.ts';
import type { Pod } from '../kubectl/pods.ts';
import type { Session } from '../kubectl/session.ts';
import type { Invocation } from './command.ts';
import { execute } from './pods.ts';
import { listObjects, type KubernetesObject } from './resources.ts';

export type ControlPlanePod = Pod & KubernetesObject;

/** How long pods of the control plane that are starting are waited for, and how often one looks. */
const START_MS = 15_000;
const POLL_MS = 100;

/**
 * Running pods of istiod, or of Pilot before 1.5. Where there are some but none runs, they are waited for: a cluster of
 * Taller starts with the first question, while upstream's has been there for long.
 */
export async function controlPlanePods({ session, istioNamespace, io }: Invocation): Promise<ControlPlanePod[]> {
  const deadline = io.now() + START_MS;
  for (;;) {
    const pods = await listObjects<ControlPlanePod>(session, 'pods', istioNamespace, 'istio=pilot');
    const running = pods.filter(({ status }) => status?.phase === 'Running');
    const isExpected = pods.length > 0 || (await isDeployed(session, istioNamespace));
    if (running.length > 0 || !isExpected || io.now() >= deadline) return running;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function isDeployed(session: Session, namespace: string): Promise<boolean> {
  const deployments = await listObjects(session, 'deployments', namespace, 'istio=pilot');
  return deployments.some(({ spec }) => (spec as { replicas?: number }).replicas !== 0);
}

/** Asks each of them. @throws CommandError when there is none */
export async function askControlPlane(
  invocation: Invocation,
  pods: readonly ControlPlanePod[],
  path: string,
): Promise<{ pod: ControlPlanePod; text: string }[]> {
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
  pods: readonly ControlPlanePod[],
): Promise<{ pilot: string; version: string; status: SyncStatus }[]> {
  const answers = await askControlPlane(invocation, pods, '/debug/syncz');
  return answers.flatMap(({ pod, text }) =>
    (JSON.parse(text) as SyncStatus[]).map((status) => ({
      pilot: pod.metadata.name,
      version: status.istio_version ?? '',
      status,
    })),
  );
}
