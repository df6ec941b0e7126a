/** The pods of a controller: found, adopted, made and ranked. */
import { ApiError } from '../objects/api-error.ts';
import { POD } from '../objects/kinds/pod.ts';
import { type Pod } from '../objects/kinds/pod-types.ts';
import { type PodTemplate, type Selector } from '../objects/kinds/workload-types.ts';
import { cloneJson } from '../objects/json.ts';
import { type KubernetesObject } from '../objects/object.ts';
import { matchesLabelSelectorObject } from '../objects/selector.ts';
import { type ControllerDeps } from './controller.ts';
import { controllerOf, controllerReference, isReady } from './pod-readiness.ts';

/** Pods that the owner controls, after it has taken in those that match and belong to nobody. */
export function claimPods(
  { store }: Pick<ControllerDeps, 'store'>,
  owner: KubernetesObject,
  selector: Selector,
): Pod[] {
  const claimed: Pod[] = [];
  for (const object of store.list('pods', owner.metadata.namespace)) {
    const pod = object as Pod;
    const controller = controllerOf(pod);
    const matches = matchesLabelSelectorObject(selector, pod.metadata.labels);
    if (controller?.uid === owner.metadata.uid) {
      if (matches) claimed.push(pod);
      else release(store, pod, owner);
    } else if (!controller && matches && !pod.metadata.deletionTimestamp && !owner.metadata.deletionTimestamp) {
      const ownerReferences = [...(pod.metadata.ownerReferences ?? []), controllerReference(owner)];
      claimed.push(store.replace('pods', { ...pod, metadata: { ...pod.metadata, ownerReferences } }) as Pod);
    }
  }
  return claimed;
}

/** A pod whose labels no longer match goes its own way. */
function release(store: ControllerDeps['store'], pod: Pod, owner: KubernetesObject): void {
  if (pod.metadata.deletionTimestamp) return;
  const ownerReferences = pod.metadata.ownerReferences?.filter((one) => one.uid !== owner.metadata.uid) ?? [];
  const { ownerReferences: _, ...metadata } = pod.metadata;
  store.replace('pods', { ...pod, metadata: ownerReferences.length > 0 ? { ...metadata, ownerReferences } : metadata });
}

/**
 * Makes a pod from a template, with its event on the owner.
 * @param extra a fixed name, or what a random one begins with (default: the owner's name); what the template lacks
 * @throws ApiError when the API refuses the pod
 */
export function createPodFrom(
  { writer, events }: Pick<ControllerDeps, 'writer' | 'events'>,
  source: string,
  owner: KubernetesObject,
  template: PodTemplate,
  extra: {
    name?: string;
    generateName?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    hostname?: string;
  } = {},
): Pod {
  const { labels, annotations, finalizers } = template.metadata ?? {};
  const spec = cloneJson(template.spec);
  if (extra.hostname) spec.hostname = extra.hostname;
  const allAnnotations = { ...annotations, ...extra.annotations };
  try {
    const pod = writer.create(POD, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        ...(extra.name
          ? { name: extra.name }
          : { name: '', generateName: extra.generateName ?? `${owner.metadata.name}-` }),
        namespace: owner.metadata.namespace ?? 'default',
        labels: { ...labels, ...extra.labels },
        ...(Object.keys(allAnnotations).length > 0 ? { annotations: allAnnotations } : {}),
        ...(finalizers ? { finalizers: [...finalizers] } : {}),
        ownerReferences: [controllerReference(owner)],
      },
      spec,
    });
    events.record(source, owner, {
      type: 'Normal',
      reason: 'SuccessfulCreate',
      message:
        source === 'statefulset-controller'
          ? `create Pod ${pod.metadata.name} in StatefulSet ${owner.metadata.name} successful`
          : `Created pod: ${pod.metadata.name}`,
    });
    return pod as Pod;
  } catch (error) {
    if (error instanceof ApiError) {
      events.record(source, owner, {
        type: 'Warning',
        reason: 'FailedCreate',
        message: `Error creating: ${error.message}`,
      });
    }
    throw error;
  }
}

export function deletePodOf(
  { writer, events }: Pick<ControllerDeps, 'writer' | 'events'>,
  source: string,
  owner: KubernetesObject,
  pod: Pod,
): void {
  writer.remove(POD, pod.metadata.namespace, pod.metadata.name);
  events.record(source, owner, {
    type: 'Normal',
    reason: 'SuccessfulDelete',
    message:
      source === 'statefulset-controller'
        ? `delete Pod ${pod.metadata.name} in StatefulSet ${owner.metadata.name} successful`
        : `Deleted pod: ${pod.metadata.name}`,
  });
}

/**
 * Which pods go first: without a node, not running, not ready, restarted more often, younger.
 * Kubernetes 1.32, pkg/controller/controller_utils.go, ActivePodsWithRanks.
 */
export function rankForDeletion(pods: readonly Pod[]): Pod[] {
  const phases = ['Pending', 'Unknown', 'Running'];
  const rank = (pod: Pod): number[] => [
    pod.spec.nodeName ? 1 : 0,
    phases.indexOf(pod.status.phase ?? 'Pending'),
    isReady(pod) ? 1 : 0,
    -(pod.status.containerStatuses ?? []).reduce((sum, one) => sum + one.restartCount, 0),
    -(Date.parse(pod.metadata.creationTimestamp ?? '') || 0),
  ];
  return pods
    .map((pod) => ({ pod, ranks: rank(pod) }))
    .sort((a, b) => {
      const index = a.ranks.findIndex((value, i) => value !== b.ranks[i]);
      return index < 0 ? 0 : (a.ranks[index] ?? 0) - (b.ranks[index] ?? 0);
    })
    .map(({ pod }) => pod);
}
