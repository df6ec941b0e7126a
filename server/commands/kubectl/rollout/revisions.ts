import { groupOf, type ApiList, type ApiObject } from '../api/object.ts';
import { resourcePath } from '../api/resource.ts';
import type { Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { renderLabelSelector } from '../pods.ts';
import type { Workload } from '../rollouts.ts';

/** A state of a workload's pod template that the cluster has kept. */
export interface Revision {
  number: number;
  changeCause: string;
  template: ApiObject;
}

const REVISION = 'deployment.kubernetes.io/revision';
const CHANGE_CAUSE = 'kubernetes.io/change-cause';

/**
 * Oldest first. Deployments keep them as replica sets, the others as controller revisions.
 * kubectl/pkg/polymorphichelpers/history.go.
 */
export async function listRevisions(invocation: Invocation, object: ApiObject): Promise<Revision[]> {
  const workload = object as Workload & { spec: { selector?: unknown } };
  const resource = object.kind === 'Deployment' ? 'replicasets' : 'controllerrevisions';
  if (!hasRevisions(object)) {
    const kind = object.kind ?? '';
    throw new CommandError(
      VISITED.has(kind)
        ? `no history viewer has been implemented for ${JSON.stringify(kind)}`
        : `error retrieving history for ${JSON.stringify(kind)}, no visitor method exists for {${groupOf(object.apiVersion)} ${kind}}`,
    );
  }
  const client = await invocation.session.client();
  const path = resourcePath({ ...APPS, name: resource }, workload.metadata.namespace);
  const list = await client.json<ApiList>('GET', path, {
    query: { labelSelector: renderLabelSelector(workload.spec.selector) },
  });
  const owned = (list.items ?? []).filter(({ metadata }) =>
    metadata?.ownerReferences?.some((owner) => owner.uid === workload.metadata.uid && owner.controller),
  );
  return owned
    .map(object.kind === 'Deployment' ? fromReplicaSet : fromControllerRevision)
    .sort((a, b) => a.number - b.number);
}

export function hasRevisions({ kind = '' }: ApiObject): boolean {
  return ['Deployment', 'DaemonSet', 'StatefulSet'].includes(kind);
}

/** Kinds with pods that upstream knows to have no history; of others it says so in other words. */
const VISITED = new Set(['CronJob', 'Job', 'Pod', 'ReplicaSet', 'ReplicationController']);

const APPS = {
  group: 'apps',
  version: 'v1',
  singular: '',
  kind: '',
  namespaced: true,
  verbs: [],
  shortNames: [],
  categories: [],
};

function fromReplicaSet(object: ApiObject): Revision {
  const annotations = object.metadata?.annotations ?? {};
  return {
    number: Number(annotations[REVISION] ?? 0),
    changeCause: annotations[CHANGE_CAUSE] ?? '',
    template: (object as Workload).spec.template ?? {},
  };
}

function fromControllerRevision(object: ApiObject): Revision {
  const { revision = 0, data } = object as { revision?: number; data?: { spec?: { template?: ApiObject } } };
  return {
    number: revision,
    changeCause: object.metadata?.annotations?.[CHANGE_CAUSE] ?? '',
    template: data?.spec?.template ?? {},
  };
}
