/**
 * Turns a Deployment into ReplicaSets and moves pods from the old to the new one.
 * Kubernetes 1.32, pkg/controller/deployment: sync.go, rolling.go, recreate.go, progress.go.
 */
import { cloneJson, equalJson } from '../objects/json.ts';
import { DEPLOYMENT, REPLICA_SET } from '../objects/kinds/workloads.ts';
import { type Condition, type Deployment, type PodTemplate, type ReplicaSet } from '../objects/kinds/workload-types.ts';
import { matchesLabelSelectorObject } from '../objects/selector.ts';
import { timestamp } from '../objects/timestamp.ts';
import { type Controller, type ControllerDeps } from './controller.ts';
import { resolveIntOrPercent } from './int-or-percent.ts';
import { controllerOf, controllerReference } from './pod-readiness.ts';
import { templateHash } from './template-hash.ts';
import { createWorkQueue, queueKey, splitQueueKey } from './work-queue.ts';

const SOURCE = 'deployment-controller';
const RESOURCE = 'deployments.apps';
const HASH_LABEL = 'pod-template-hash';
const REVISION = 'deployment.kubernetes.io/revision';
const DESIRED = 'deployment.kubernetes.io/desired-replicas';
const MAXIMUM = 'deployment.kubernetes.io/max-replicas';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

export function createDeploymentController(deps: ControllerDeps): Controller {
  const { store, writer, clock, events } = deps;
  const queue = createWorkQueue(clock, (key) => {
    const deployment = store.get(RESOURCE, ...splitQueueKey(key)) as Deployment | undefined;
    if (!deployment) return;
    const owned = claimReplicaSets(deployment);
    if (deployment.metadata.deletionTimestamp) return writeStatus(key, owned);
    if (deployment.spec.paused) {
      scale(deployment, owned);
    } else {
      const current = currentReplicaSet(deployment, owned);
      if (deployment.spec.strategy.type === 'Recreate') recreate(deployment, current, owned);
      else roll(deployment, current, owned);
      cleanUp(deployment);
    }
    writeStatus(key, claimReplicaSets(deployment));
  });

  function claimReplicaSets(deployment: Deployment): ReplicaSet[] {
    return store.list('replicasets.apps', deployment.metadata.namespace).flatMap((object) => {
      const owner = controllerOf(object);
      if (owner?.uid === deployment.metadata.uid) return [object as ReplicaSet];
      const adopts =
        !owner &&
        !deployment.metadata.deletionTimestamp &&
        matchesLabelSelectorObject(deployment.spec.selector, object.metadata.labels);
      if (!adopts) return [];
      const ownerReferences = [...(object.metadata.ownerReferences ?? []), controllerReference(deployment)];
      return [
        store.replace('replicasets.apps', {
          ...object,
          metadata: { ...object.metadata, ownerReferences },
        }) as ReplicaSet,
      ];
    });
  }

  function findCurrent(deployment: Deployment, owned: readonly ReplicaSet[]): ReplicaSet | undefined {
    return owned
      .toSorted((a, b) => ((a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? -1 : 1))
      .find((one) => equalJson(withoutHash(one.spec.template), withoutHash(deployment.spec.template)));
  }

  /** The ReplicaSet of the current template, made when there is none, with the latest revision. */
  function currentReplicaSet(deployment: Deployment, owned: readonly ReplicaSet[]): ReplicaSet {
    const found = findCurrent(deployment, owned);
    const highest = Math.max(0, ...owned.filter((one) => one !== found).map(revisionOf));
    const revision = String(highest + 1);
    const current = found
      ? keepAnnotations(deployment, found, revision)
      : createReplicaSet(deployment, owned, revision);
    if (deployment.metadata.annotations?.[REVISION] !== current.metadata.annotations?.[REVISION]) {
      annotate(deployment, current.metadata.annotations?.[REVISION] ?? revision);
    }
    return current;
  }

  function keepAnnotations(deployment: Deployment, found: ReplicaSet, lowest: string): ReplicaSet {
    const annotations = { ...found.metadata.annotations, ...copiedAnnotations(deployment) };
    const revision = revisionOf(found) < Number(lowest) ? lowest : String(revisionOf(found));
    if (annotations[REVISION] !== undefined && annotations[REVISION] !== revision) {
      const history = annotations['deployment.kubernetes.io/revision-history'];
      annotations['deployment.kubernetes.io/revision-history'] = history
        ? `${history},${annotations[REVISION]}`
        : String(annotations[REVISION]);
    }
    annotations[REVISION] = revision;
    annotations[DESIRED] = String(deployment.spec.replicas);
    annotations[MAXIMUM] = String(deployment.spec.replicas + surgeOf(deployment));
    if (equalJson(annotations, found.metadata.annotations)) return found;
    return writer.update(REPLICA_SET, { ...found, metadata: { ...found.metadata, annotations } }) as ReplicaSet;
  }

  function annotate(deployment: Deployment, revision: string): void {
    const current = store.get(RESOURCE, deployment.metadata.namespace, deployment.metadata.name);
    if (!current) return;
    const annotations = { ...current.metadata.annotations, [REVISION]: revision };
    writer.update(DEPLOYMENT, { ...current, metadata: { ...current.metadata, annotations } });
  }

  function createReplicaSet(deployment: Deployment, owned: readonly ReplicaSet[], revision: string): ReplicaSet {
    const { spec } = deployment;
    const hash = templateHash(spec.template, deployment.status?.collisionCount);
    const template = cloneJson(spec.template);
    template.metadata = { ...template.metadata, labels: { ...template.metadata?.labels, [HASH_LABEL]: hash } };
    const others = owned.reduce((sum, one) => sum + one.spec.replicas, 0);
    const replicas = spec.strategy.type === 'Recreate' ? spec.replicas : allowedNew(deployment, 0, others);
    const created = writer.create(REPLICA_SET, {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: `${deployment.metadata.name}-${hash}`,
        namespace: deployment.metadata.namespace ?? 'default',
        labels: { ...template.metadata.labels },
        annotations: {
          ...copiedAnnotations(deployment),
          [DESIRED]: String(spec.replicas),
          [MAXIMUM]: String(spec.replicas + surgeOf(deployment)),
          [REVISION]: revision,
        },
        ownerReferences: [controllerReference(deployment)],
      },
      spec: {
        replicas: spec.strategy.type === 'Recreate' && owned.some((one) => one.spec.replicas > 0) ? 0 : replicas,
        selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, [HASH_LABEL]: hash } },
        template,
        ...(spec.minReadySeconds ? { minReadySeconds: spec.minReadySeconds } : {}),
      },
    }) as ReplicaSet;
    if (created.spec.replicas > 0) recordScaling(deployment, created, 0, created.spec.replicas);
    return created;
  }

  function recordScaling(deployment: Deployment, replicaSet: ReplicaSet, from: number, to: number): void {
    events.record(SOURCE, deployment, {
      type: 'Normal',
      reason: 'ScalingReplicaSet',
      message: `Scaled ${to > from ? 'up' : 'down'} replica set ${replicaSet.metadata.name} from ${from} to ${to}`,
    });
  }

  function scaleTo(deployment: Deployment, replicaSet: ReplicaSet, replicas: number): void {
    const old = store.get('replicasets.apps', replicaSet.metadata.namespace, replicaSet.metadata.name) as
      | ReplicaSet
      | undefined;
    if (!old || old.spec.replicas === replicas) return;
    const annotations = {
      ...old.metadata.annotations,
      [DESIRED]: String(deployment.spec.replicas),
      [MAXIMUM]: String(deployment.spec.replicas + surgeOf(deployment)),
    };
    writer.update(REPLICA_SET, { ...old, metadata: { ...old.metadata, annotations }, spec: { ...old.spec, replicas } });
    recordScaling(deployment, replicaSet, old.spec.replicas, replicas);
  }

  /** How many pods the new ReplicaSet may have now. NewRSNewReplicas: never above maxSurge. */
  function allowedNew(deployment: Deployment, own: number, others: number): number {
    const most = deployment.spec.replicas + surgeOf(deployment);
    const room = Math.max(0, most - own - others);
    return own + Math.min(room, Math.max(0, deployment.spec.replicas - own));
  }

  function roll(deployment: Deployment, current: ReplicaSet, owned: readonly ReplicaSet[]): void {
    const old = owned.filter((one) => one.metadata.uid !== current.metadata.uid);
    const { replicas } = deployment.spec;
    const others = old.reduce((sum, one) => sum + one.spec.replicas, 0);
    const own = current.spec.replicas;
    if (own > replicas) return scaleTo(deployment, current, replicas);
    const wanted = allowedNew(deployment, own, others);
    if (wanted !== own) return scaleTo(deployment, current, wanted);
    scaleDownOld(deployment, current, old);
  }

  /** rolling.go, reconcileOldReplicaSets: first what is not available anyway, then as maxUnavailable allows. */
  function scaleDownOld(deployment: Deployment, current: ReplicaSet, old: readonly ReplicaSet[]): void {
    const active = old
      .filter((one) => one.spec.replicas > 0)
      .toSorted((a, b) => ((a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? -1 : 1));
    if (active.length === 0) return;
    const least = deployment.spec.replicas - unavailableOf(deployment);
    const currentUnavailable = current.spec.replicas - (current.status?.availableReplicas ?? 0);
    const total = current.spec.replicas + active.reduce((sum, one) => sum + one.spec.replicas, 0);
    let budget = total - least - currentUnavailable;
    if (budget <= 0) return;
    const sizes = new Map(active.map((one) => [one, one.spec.replicas]));
    for (const one of active) {
      const size = sizes.get(one) ?? 0;
      const unhealthy = Math.min(budget, size - Math.min(size, one.status?.availableReplicas ?? 0));
      sizes.set(one, size - unhealthy);
      budget -= unhealthy;
    }
    const available = [current, ...active].reduce((sum, one) => sum + (one.status?.availableReplicas ?? 0), 0);
    let spare = available - least;
    for (const one of active) {
      const size = sizes.get(one) ?? 0;
      const down = Math.max(0, Math.min(spare, size));
      sizes.set(one, size - down);
      spare -= down;
    }
    for (const [one, size] of sizes) scaleTo(deployment, one, size);
  }

  /** recreate.go: nothing new before everything old is gone. */
  function recreate(deployment: Deployment, current: ReplicaSet, owned: readonly ReplicaSet[]): void {
    const old = owned.filter((one) => one.metadata.uid !== current.metadata.uid);
    for (const one of old) if (one.spec.replicas > 0) scaleTo(deployment, one, 0);
    const remaining = store
      .list('pods', deployment.metadata.namespace)
      .filter((pod) => old.some((one) => one.metadata.uid === controllerOf(pod)?.uid));
    if (remaining.length === 0) scaleTo(deployment, current, deployment.spec.replicas);
  }

  /** While paused only a change of size is followed. */
  function scale(deployment: Deployment, owned: readonly ReplicaSet[]): void {
    const active = owned.filter((one) => one.spec.replicas > 0);
    const target = active.length === 1 ? active[0] : (findCurrent(deployment, owned) ?? active.at(-1));
    if (!target) return;
    const others = active.filter((one) => one !== target).reduce((sum, one) => sum + one.spec.replicas, 0);
    scaleTo(deployment, target, Math.max(0, deployment.spec.replicas - others));
  }

  /** Old ReplicaSets beyond revisionHistoryLimit go, once the rollout is complete. */
  function cleanUp(deployment: Deployment): void {
    const owned = claimReplicaSets(deployment);
    const current = findCurrent(deployment, owned);
    if (!current || !isComplete(deployment, current, owned)) return;
    const idle = owned
      .filter((one) => one !== current && one.spec.replicas === 0 && (one.status?.replicas ?? 0) === 0)
      .toSorted((a, b) => revisionOf(a) - revisionOf(b));
    const excess = idle.length - (deployment.spec.revisionHistoryLimit ?? 10);
    for (const one of idle.slice(0, Math.max(0, excess))) {
      writer.remove(REPLICA_SET, one.metadata.namespace, one.metadata.name, { propagationPolicy: 'Background' });
    }
  }

  function isComplete(deployment: Deployment, current: ReplicaSet, owned: readonly ReplicaSet[]): boolean {
    const sum = (field: 'replicas' | 'availableReplicas') =>
      owned.reduce((total, one) => total + (one.status?.[field] ?? 0), 0);
    const { replicas } = deployment.spec;
    return (
      (current.status?.replicas ?? 0) === replicas &&
      sum('replicas') === replicas &&
      sum('availableReplicas') === replicas
    );
  }

  function writeStatus(key: string, owned: readonly ReplicaSet[]): void {
    const deployment = store.get(RESOURCE, ...splitQueueKey(key)) as Deployment | undefined;
    if (!deployment) return;
    const current = findCurrent(deployment, owned);
    const sum = (field: 'replicas' | 'availableReplicas' | 'readyReplicas' | 'terminatingReplicas') =>
      owned.reduce((total, one) => total + (one.status?.[field] ?? 0), 0);
    const wanted = owned.reduce((total, one) => total + one.spec.replicas, 0);
    const status: NonNullable<Deployment['status']> = {
      observedGeneration: deployment.metadata.generation ?? 1,
      replicas: sum('replicas'),
      updatedReplicas: current?.status?.replicas ?? 0,
      readyReplicas: sum('readyReplicas'),
      availableReplicas: sum('availableReplicas'),
      unavailableReplicas: Math.max(0, wanted - sum('availableReplicas')),
      terminatingReplicas: sum('terminatingReplicas'),
    };
    for (const field of [
      'replicas',
      'updatedReplicas',
      'readyReplicas',
      'availableReplicas',
      'unavailableReplicas',
    ] as const) {
      if (status[field] === 0) delete status[field];
    }
    status.conditions = conditionsOf(key, deployment, current, owned, status);
    if (!equalJson(status, deployment.status))
      writer.update(DEPLOYMENT, { ...deployment, status }, { subresource: 'status' });
  }

  function conditionsOf(
    key: string,
    deployment: Deployment,
    current: ReplicaSet | undefined,
    owned: readonly ReplicaSet[],
    status: NonNullable<Deployment['status']>,
  ): Condition[] {
    const least = deployment.spec.replicas - unavailableOf(deployment);
    const available = (status.availableReplicas ?? 0) >= least;
    const old = deployment.status?.conditions ?? [];
    const conditions = [
      condition(
        old,
        'Available',
        available ? 'True' : 'False',
        available ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
        `Deployment ${available ? 'has' : 'does not have'} minimum availability.`,
      ),
    ];
    const progressing = progress(key, deployment, current, owned, status);
    return progressing ? [...conditions, progressing] : conditions;
  }

  /** progress.go, syncRolloutStatus: complete, progressing, or stuck for longer than progressDeadlineSeconds. */
  function progress(
    key: string,
    deployment: Deployment,
    current: ReplicaSet | undefined,
    owned: readonly ReplicaSet[],
    status: NonNullable<Deployment['status']>,
  ): Condition | undefined {
    const old = deployment.status?.conditions ?? [];
    const before = old.find(({ type }) => type === 'Progressing');
    if (deployment.spec.paused) {
      return condition(old, 'Progressing', 'Unknown', 'DeploymentPaused', 'Deployment is paused');
    }
    if (!current) return before;
    const name = current.metadata.name;
    if (isComplete(deployment, current, owned)) {
      // Nothing is left to wait for: an idle cluster has no timers.
      queue.cancelAfter(key);
      return condition(
        old,
        'Progressing',
        'True',
        'NewReplicaSetAvailable',
        `ReplicaSet "${name}" has successfully progressed.`,
      );
    }
    const previous = deployment.status ?? {};
    const moved =
      (status.updatedReplicas ?? 0) > (previous.updatedReplicas ?? 0) ||
      (status.readyReplicas ?? 0) > (previous.readyReplicas ?? 0) ||
      (status.availableReplicas ?? 0) > (previous.availableReplicas ?? 0);
    const isNew = !before || before.reason === 'NewReplicaSetAvailable' || before.reason === 'DeploymentPaused';
    const now = timestamp(clock.now());
    if (moved || isNew) {
      const reason =
        isNew && !moved && (status.updatedReplicas ?? 0) === 0 ? 'NewReplicaSetCreated' : 'ReplicaSetUpdated';
      const text =
        reason === 'NewReplicaSetCreated'
          ? `Created new replica set "${name}"`
          : `ReplicaSet "${name}" is progressing.`;
      watchDeadline(key, deployment, clock.now());
      return { ...condition(old, 'Progressing', 'True', reason, text), lastUpdateTime: now };
    }
    const since = Date.parse(before.lastUpdateTime ?? now);
    const deadline = since + (deployment.spec.progressDeadlineSeconds ?? 600) * 1000;
    if (before.reason !== 'ProgressDeadlineExceeded' && clock.now() >= deadline) {
      return condition(
        old,
        'Progressing',
        'False',
        'ProgressDeadlineExceeded',
        `ReplicaSet "${name}" has timed out progressing.`,
      );
    }
    if (before.reason !== 'ProgressDeadlineExceeded') watchDeadline(key, deployment, since);
    return before;
  }

  function watchDeadline(key: string, deployment: Deployment, since: number): void {
    const seconds = deployment.spec.progressDeadlineSeconds ?? 600;
    // Times in conditions have no fractions: a second more makes sure that the deadline has passed.
    queue.addAfter(key, Math.max(1, since + seconds * 1000 - clock.now()) + 1000);
  }

  function condition(
    old: readonly Condition[],
    type: string,
    status: Condition['status'],
    reason: string,
    message: string,
  ): Condition {
    const before = old.find((one) => one.type === type);
    const now = timestamp(clock.now());
    if (before && before.status === status && before.reason === reason && before.message === message) return before;
    return {
      lastTransitionTime: before?.status === status ? (before.lastTransitionTime ?? now) : now,
      lastUpdateTime: now,
      message,
      reason,
      status,
      type,
    };
  }

  const stops = [
    store.watch(RESOURCE, ({ object }) => queue.add(queueKey(object.metadata.namespace, object.metadata.name))),
    store.watch('replicasets.apps', ({ object }) => {
      const owner = controllerOf(object);
      if (owner?.kind === 'Deployment') queue.add(queueKey(object.metadata.namespace, owner.name));
    }),
    // Recreate waits for the last old pod.
    store.watch('pods', ({ type, object }) => {
      const owner = controllerOf(object);
      if (type !== 'DELETED' || owner?.kind !== 'ReplicaSet') return;
      const replicaSet = store.get('replicasets.apps', object.metadata.namespace, owner.name);
      const deployment = replicaSet && controllerOf(replicaSet);
      if (deployment) queue.add(queueKey(object.metadata.namespace, deployment.name));
    }),
  ];
  for (const one of store.list(RESOURCE)) queue.add(queueKey(one.metadata.namespace, one.metadata.name));
  return {
    dispose() {
      for (const stop of stops) stop();
      queue.dispose();
    },
  };
}

function surgeOf({ spec }: Deployment): number {
  if (spec.strategy.type !== 'RollingUpdate') return 0;
  return resolveIntOrPercent(spec.strategy.rollingUpdate?.maxSurge, spec.replicas, 'up');
}

/** Zero for both would never move: upstream then allows one pod to be unavailable. */
function unavailableOf(deployment: Deployment): number {
  const { spec } = deployment;
  if (spec.strategy.type !== 'RollingUpdate') return 0;
  const count = resolveIntOrPercent(spec.strategy.rollingUpdate?.maxUnavailable, spec.replicas, 'down');
  const resolved = count === 0 && surgeOf(deployment) === 0 ? 1 : count;
  return Math.min(resolved, spec.replicas);
}

function revisionOf(replicaSet: ReplicaSet): number {
  return Number(replicaSet.metadata.annotations?.[REVISION] ?? 0);
}

function copiedAnnotations(deployment: Deployment): Record<string, string> {
  const skipped = [
    LAST_APPLIED,
    REVISION,
    'deployment.kubernetes.io/revision-history',
    DESIRED,
    MAXIMUM,
    'deprecated.deployment.rollback.to',
  ];
  return Object.fromEntries(
    Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => !skipped.includes(key)),
  );
}

function withoutHash(template: PodTemplate): PodTemplate {
  const { [HASH_LABEL]: _, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}
