/**
 * Keeps pods with names that last: `web-0`, `web-1` …, made and ended one after the other.
 * Kubernetes 1.32, pkg/controller/statefulset: stateful_set_control.go, stateful_set_utils.go, stateful_pod_control.go.
 * Left out: maxUnavailable (off by default upstream), claims that go with their set
 * (persistentVolumeClaimRetentionPolicy).
 */
import { ApiError } from '../objects/api-error.ts';
import { cloneJson, equalJson } from '../objects/json.ts';
import { apiVersionOf, type Kind } from '../objects/kinds/kind.ts';
import { type Pod } from '../objects/kinds/pod-types.ts';
import { type PodTemplate, type StatefulSet } from '../objects/kinds/workload-types.ts';
import { STATEFUL_SET } from '../objects/kinds/workloads.ts';
import { type Controller, type ControllerDeps } from './controller.ts';
import { createRevisionHistory, REVISION_HASH, templateOf, type ControllerRevision } from './controller-revisions.ts';
import { claimPods, createPodFrom, deletePodOf } from './owned-pods.ts';
import { availableAt, isAvailable, isReady } from './pod-readiness.ts';
import { watchOwned } from './watch-owned.ts';
import { createWorkQueue, queueKey, splitQueueKey } from './work-queue.ts';

const SOURCE = 'statefulset-controller';
const RESOURCE = 'statefulsets.apps';
const CLAIMS = 'persistentvolumeclaims';
const POD_NAME = 'statefulset.kubernetes.io/pod-name';
const POD_INDEX = 'apps.kubernetes.io/pod-index';

/** Both templates that pods may be made from while an update goes on. */
interface Revisions {
  current: ControllerRevision;
  update: ControllerRevision;
}

export function createStatefulSetController(deps: ControllerDeps): Controller {
  const { store, writer, clock, events, kinds } = deps;
  const history = createRevisionHistory(deps);
  const queue = createWorkQueue(clock, (key) => {
    const set = store.get(RESOURCE, ...splitQueueKey(key)) as StatefulSet | undefined;
    if (!set) return;
    const pods = claimPods(deps, set, set.spec.selector).filter((pod) => ordinalOf(set, pod) !== undefined);
    if (set.metadata.deletionTimestamp) return;
    const update = history.current(set);
    const named = history.list(set).find(({ metadata }) => metadata.name === set.status?.currentRevision);
    const revisions = { current: named ?? update, update };
    try {
      advance(set, pods, revisions);
    } finally {
      writeStatus(key, revisions);
    }
    const live = claimPods(deps, set, set.spec.selector).map((pod) => pod.metadata.labels?.[REVISION_HASH] ?? '');
    history.truncate(set, new Set([...live, update.metadata.name, revisions.current.metadata.name]));
  });

  /** updateStatefulSet: goes as far as the order of pods allows now; the next change of a pod brings it further. */
  function advance(set: StatefulSet, pods: readonly Pod[], revisions: Revisions): void {
    const start = startOf(set);
    const end = start + set.spec.replicas;
    const ordered = set.spec.podManagementPolicy !== 'Parallel';
    const byOrdinal = new Map(pods.map((pod) => [ordinalOf(set, pod) ?? -1, pod]));
    const wait = (pod: Pod) => ordered && !isSettled(set, pod);
    for (let ordinal = start; ordinal < end; ordinal += 1) {
      const pod = byOrdinal.get(ordinal);
      if (!pod) {
        createPod(set, ordinal, revisions);
        if (ordered) return;
      } else if (isEnded(pod)) {
        recreate(set, pod);
        if (ordered) return;
      } else if (wait(pod)) return;
    }
    const condemned = [...byOrdinal]
      .filter(([ordinal]) => ordinal < start || ordinal >= end)
      .toSorted(([a], [b]) => b - a);
    for (const [ordinal, pod] of condemned) {
      if (pod.metadata.deletionTimestamp) {
        if (ordered) return;
        continue;
      }
      // One that is not ready goes only once all below it are: they may need what it still holds.
      const below = [...byOrdinal].filter(([other]) => other < ordinal).map(([, one]) => one);
      if (ordered && !isReady(pod) && below.some((one) => !isReady(one))) return;
      deletePodOf(deps, SOURCE, set, pod);
      if (ordered) return;
    }
    if (set.spec.updateStrategy?.type === 'RollingUpdate') roll(set, byOrdinal, revisions);
  }

  /** From the last pod to the first: one is replaced once all behind it run and are ready. */
  function roll(set: StatefulSet, pods: ReadonlyMap<number, Pod>, { update }: Revisions): void {
    const start = startOf(set);
    const first = Math.max(start, start + (set.spec.updateStrategy?.rollingUpdate?.partition ?? 0));
    for (let ordinal = start + set.spec.replicas - 1; ordinal >= first; ordinal -= 1) {
      const pod = pods.get(ordinal);
      if (!pod) return;
      if (!isOf(pod, update) && !pod.metadata.deletionTimestamp) return deletePodOf(deps, SOURCE, set, pod);
      if (!isSettled(set, pod)) return;
    }
  }

  /** Ready for as long as asked, and staying. */
  function isSettled(set: StatefulSet, pod: Pod): boolean {
    return !pod.metadata.deletionTimestamp && isAvailable(pod, set.spec.minReadySeconds ?? 0, clock.now());
  }

  function recreate(set: StatefulSet, pod: Pod): void {
    if (pod.metadata.deletionTimestamp) return;
    const failed = pod.status.phase === 'Failed';
    events.record(SOURCE, set, {
      type: failed ? 'Warning' : 'Normal',
      reason: failed ? 'RecreatingFailedPod' : 'RecreatingTerminatedPod',
      message: `StatefulSet ${set.metadata.namespace}/${set.metadata.name} is recreating ${failed ? 'failed' : 'terminated'} Pod ${pod.metadata.name}`,
    });
    deletePodOf(deps, SOURCE, set, pod);
  }

  function createPod(set: StatefulSet, ordinal: number, { current, update }: Revisions): void {
    const partition = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
    const old = set.spec.updateStrategy?.type === 'RollingUpdate' && ordinal < startOf(set) + partition;
    const revision = old ? current : update;
    const name = `${set.metadata.name}-${ordinal}`;
    createClaims(set, name);
    const template = withIdentity(set, templateOf(revision), name);
    const labels = { [POD_INDEX]: String(ordinal), [POD_NAME]: name, [REVISION_HASH]: revision.metadata.name };
    createPodFrom(deps, SOURCE, set, template, { name, labels, hostname: name });
  }

  function createClaims(set: StatefulSet, podName: string): void {
    const kind = kinds.byResource(CLAIMS) as Kind;
    for (const template of set.spec.volumeClaimTemplates ?? []) {
      const { namespace = 'default' } = set.metadata;
      const name = claimName(template.metadata.name, podName);
      if (store.get(CLAIMS, namespace, name)) continue;
      const object = cloneJson(template);
      const labels = { ...object.metadata.labels, ...set.spec.selector.matchLabels };
      const said = `Claim ${name} Pod ${podName} in StatefulSet ${set.metadata.name}`;
      try {
        writer.create(kind, {
          ...object,
          apiVersion: apiVersionOf(kind),
          kind: kind.kind,
          metadata: { ...object.metadata, name, namespace, labels },
        });
        events.record(SOURCE, set, { type: 'Normal', reason: 'SuccessfulCreate', message: `create ${said} success` });
      } catch (error) {
        if (error instanceof ApiError) {
          const message = `create ${said} failed error: ${error.message}`;
          events.record(SOURCE, set, { type: 'Warning', reason: 'FailedCreate', message });
        }
        throw error;
      }
    }
  }

  function writeStatus(key: string, { current, update }: Revisions): void {
    const set = store.get(RESOURCE, ...splitQueueKey(key)) as StatefulSet | undefined;
    if (!set) return;
    const now = clock.now();
    const minReady = set.spec.minReadySeconds ?? 0;
    const pods = claimPods(deps, set, set.spec.selector).filter((pod) => ordinalOf(set, pod) !== undefined);
    const staying = pods.filter((pod) => !pod.metadata.deletionTimestamp && !isEnded(pod));
    const ready = staying.filter(isReady);
    const updated = staying.filter((pod) => isOf(pod, update)).length;
    const done = updated === set.spec.replicas && ready.length === set.spec.replicas && pods.length === updated;
    const counts = {
      currentReplicas: done ? updated : staying.filter((pod) => isOf(pod, current)).length,
      readyReplicas: ready.length,
      updatedReplicas: updated,
    };
    // As Go leaves them out of JSON when they are 0.
    const status: Record<string, unknown> = Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
    status.availableReplicas = ready.filter((pod) => isAvailable(pod, minReady, now)).length;
    status.collisionCount = 0;
    // completeRollingUpdate: what was the update is now what is.
    status.currentRevision = (done ? update : current).metadata.name;
    status.observedGeneration = set.metadata.generation ?? 1;
    status.replicas = pods.length;
    status.updateRevision = update.metadata.name;
    if (!equalJson(status, set.status)) writer.update(STATEFUL_SET, { ...set, status }, { subresource: 'status' });
    const pending = ready
      .filter((pod) => !isAvailable(pod, minReady, now))
      .map((pod) => availableAt(pod, minReady) - now);
    if (pending.length > 0) queue.addAfter(key, Math.max(1, Math.min(...pending)));
  }

  const stop = watchOwned(store, RESOURCE, 'StatefulSet', ({ namespace, name }) =>
    queue.add(queueKey(namespace, name)),
  );
  return {
    dispose() {
      stop();
      queue.dispose();
    },
  };
}

/** The number behind the set's name; undefined for a pod that is not one of its series. */
function ordinalOf(set: StatefulSet, pod: Pod): number | undefined {
  const prefix = `${set.metadata.name}-`;
  const rest = pod.metadata.name.startsWith(prefix) ? pod.metadata.name.slice(prefix.length) : '';
  return /^\d+$/.test(rest) ? Number(rest) : undefined;
}

function startOf(set: StatefulSet): number {
  return set.spec.ordinals?.start ?? 0;
}

function isOf(pod: Pod, revision: ControllerRevision): boolean {
  return pod.metadata.labels?.[REVISION_HASH] === revision.metadata.name;
}

function isEnded(pod: Pod): boolean {
  return pod.status.phase === 'Failed' || pod.status.phase === 'Succeeded';
}

function claimName(template: string, podName: string): string {
  return `${template}-${podName}`;
}

/** The template with the name's domain and the pod's own claims in place of volumes of the same name. */
function withIdentity(set: StatefulSet, template: PodTemplate, podName: string): PodTemplate {
  const claims = (set.spec.volumeClaimTemplates ?? []).map(({ metadata }) => ({
    name: metadata.name,
    persistentVolumeClaim: { claimName: claimName(metadata.name, podName) },
  }));
  const others = (template.spec.volumes ?? []).filter(({ name }) => !claims.some((claim) => claim.name === name));
  const volumes = [...claims, ...others];
  return {
    ...template,
    spec: {
      ...template.spec,
      ...(volumes.length > 0 ? { volumes } : {}),
      ...(set.spec.serviceName ? { subdomain: set.spec.serviceName } : {}),
    },
  };
}
