import type { ApiList, ApiObject } from '../api/object.ts';
import { resourcePath, type Resource } from '../api/resource.ts';
import type { Client } from '../api/client.ts';

/** What commands of oc read of a DeploymentConfig. */
export interface DeploymentConfig extends ApiObject {
  spec?: {
    replicas?: number;
    paused?: boolean;
    test?: boolean;
    selector?: Record<string, string>;
    strategy?: { type?: string };
    triggers?: { type: string; imageChangeParams?: { automatic?: boolean; from?: { name?: string } } }[];
    minReadySeconds?: number;
    template?: ApiObject;
  };
  status?: {
    latestVersion?: number;
    observedGeneration?: number;
    replicas?: number;
    updatedReplicas?: number;
    availableReplicas?: number;
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
  };
}

/** A version of a DeploymentConfig: the replication controller that it was rolled out into. */
export interface ReplicationController extends ApiObject {
  spec?: { replicas?: number; selector?: Record<string, string>; template?: ApiObject };
  status?: { replicas?: number; readyReplicas?: number };
}

export const DC_RESOURCE: Resource = {
  group: 'apps.openshift.io',
  version: 'v1',
  name: 'deploymentconfigs',
  singular: 'deploymentconfig',
  kind: 'DeploymentConfig',
  namespaced: true,
  verbs: [],
  shortNames: ['dc'],
  categories: [],
};

const PHASE = 'openshift.io/deployment.phase';
const VERSION = 'openshift.io/deployment-config.latest-version';
const CONFIG_NAME = 'openshift.io/deployment-config.name';
export const ENCODED = 'openshift.io/encoded-deployment-config';
export const CANCELLED = 'openshift.io/deployment.cancelled';
export const STATUS_REASON = 'openshift.io/deployment.status-reason';

export function phaseOf(rc: ReplicationController): string {
  return rc.metadata?.annotations?.[PHASE] ?? 'New';
}

export function versionOf(rc: ReplicationController): number {
  return Number(rc.metadata?.annotations?.[VERSION] ?? 0);
}

export function isTerminated(rc: ReplicationController): boolean {
  return ['Complete', 'Failed'].includes(phaseOf(rc));
}

/** Name of the DeploymentConfig that it is a version of. */
export function configNameOf(rc: ReplicationController): string | undefined {
  return rc.metadata?.annotations?.[CONFIG_NAME];
}

/** The versions of a DeploymentConfig, the latest first. */
export async function listVersions(client: Client, namespace: string, name: string): Promise<ReplicationController[]> {
  const resource = { ...DC_RESOURCE, group: '', name: 'replicationcontrollers' };
  const list = await client.json<ApiList>('GET', resourcePath(resource, namespace), {
    query: { labelSelector: `${CONFIG_NAME}=${name}` },
  });
  return ((list.items ?? []) as ReplicationController[]).toSorted((a, b) => versionOf(b) - versionOf(a));
}
