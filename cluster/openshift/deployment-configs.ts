/**
 * Rolls DeploymentConfigs out into ReplicationControllers: openshift-controller-manager/pkg/apps/deploymentconfig, and
 * the strategies of openshift/oc (pkg/cli/deployer). Left out: the pod of the deployer, whose work is done here; its
 * hooks; and image triggers, since there are no image streams: a config that has one waits for `oc rollout latest`.
 */
import { type Controller, type ControllerDeps } from '../controllers/controller.ts';
import { resolveIntOrPercent } from '../controllers/int-or-percent.ts';
import { controllerOf, controllerReference } from '../controllers/pod-readiness.ts';
import { createWorkQueue, queueKey, splitQueueKey } from '../controllers/work-queue.ts';
import { badRequest, notFound } from '../objects/api-error.ts';
import { cloneJson, equalJson } from '../objects/json.ts';
import { type ReplicationController, REPLICATION_CONTROLLER } from '../objects/kinds/replication-controller.ts';
import { type Condition } from '../objects/kinds/workload-types.ts';
import { type KubernetesObject } from '../objects/object.ts';
import { timestamp } from '../objects/timestamp.ts';
import { type DeploymentConfig, DEPLOYMENT_CONFIG } from './deployment-config.ts';

const SOURCE = 'deploymentconfig-controller';
const RESOURCE = 'deploymentconfigs.apps.openshift.io';
const RCS = 'replicationcontrollers';

const PHASE = 'openshift.io/deployment.phase';
const REASON = 'openshift.io/deployment.status-reason';
const CANCELLED = 'openshift.io/deployment.cancelled';
const VERSION = 'openshift.io/deployment-config.latest-version';
const CONFIG_NAME = 'openshift.io/deployment-config.name';
const DEPLOYMENT_NAME = 'openshift.io/deployment.name';
const ENCODED = 'openshift.io/encoded-deployment-config';
const DESIRED = 'kubectl.kubernetes.io/desired-replicas';
const STARTED = 'openshift.io/deployer-pod.started-at';
const COMPLETED = 'openshift.io/deployer-pod.completed-at';

type Phase = 'New' | 'Running' | 'Complete' | 'Failed';
type Status = NonNullable<DeploymentConfig['status']>;

const phaseOf = (rc: ReplicationController) => (rc.metadata.annotations?.[PHASE] ?? 'New') as Phase;
const versionOf = (rc: ReplicationController) => Number(rc.metadata.annotations?.[VERSION] ?? 0);
const isTerminated = (rc: ReplicationController) => ['Complete', 'Failed'].includes(phaseOf(rc));
const hasTrigger = (config: DeploymentConfig, type: string) => config.spec.triggers.some((one) => one.type === type);

export function createDeploymentConfigController(deps: ControllerDeps): Controller {
  const { store, writer, clock, events } = deps;
  const queue = createWorkQueue(clock, (key) => {
    const config = store.get(RESOURCE, ...splitQueueKey(key)) as DeploymentConfig | undefined;
    if (config) handle(key, config);
  });

  function handle(key: string, config: DeploymentConfig): void {
    const { status } = config;
    if (!status) return;
    const owned = claim(config);
    const latest = owned.find((rc) => versionOf(rc) === status.latestVersion);
    if (config.metadata.deletionTimestamp || config.spec.paused) return writeStatus(key);
    const image = config.spec.template.spec.containers.find(({ image = '' }) => image.trim() === '');
    if (image) return writeStatus(key);
    if (isTriggered(config, latest)) {
      return startVersion(deps, config, { message: 'config change', causes: [{ type: 'ConfigChange' }] });
    }
    if (status.latestVersion === 0) return writeStatus(key);
    if (!latest) {
      cancelRunning(config, owned);
      createVersion(config);
    } else if (isTerminated(latest)) reconcile(config, claim(config));
    else deploy(key, config, latest);
    cleanUp(config);
    writeStatus(key);
  }

  /** triggerActivated: the first rollout at once, later ones when the template differs from the one rolled out. */
  function isTriggered(config: DeploymentConfig, latest: ReplicationController | undefined): boolean {
    if (!hasTrigger(config, 'ConfigChange')) return false;
    if (config.status?.latestVersion === 0) return !hasTrigger(config, 'ImageChange');
    if (!latest) return false;
    const encoded = JSON.parse(latest.metadata.annotations?.[ENCODED] ?? '{}') as Partial<DeploymentConfig>;
    return !equalJson(encoded.spec?.template, config.spec.template);
  }

  function claim(config: DeploymentConfig): ReplicationController[] {
    return (store.list(RCS, config.metadata.namespace) as ReplicationController[])
      .filter((rc) => controllerOf(rc)?.uid === config.metadata.uid)
      .toSorted((a, b) => versionOf(a) - versionOf(b));
  }

  function cancelRunning(config: DeploymentConfig, owned: readonly ReplicationController[]): void {
    for (const rc of owned) {
      if (isTerminated(rc)) continue;
      annotate(rc, { [CANCELLED]: 'true', [REASON]: 'newer deployment was found running', [PHASE]: 'Failed' });
      const message = `Cancelled deployment ${JSON.stringify(rc.metadata.name)} superceded by version ${config.status?.latestVersion}`;
      record(config, 'Normal', 'DeploymentCancelled', message);
    }
  }

  /** library-go/pkg/apps/appsutil, MakeDeployment: without pods until the deployer scales it. */
  function createVersion(config: DeploymentConfig): void {
    const version = config.status?.latestVersion ?? 0;
    const name = `${config.metadata.name}-${version}`;
    const template = cloneJson(config.spec.template);
    const podLabels = { deployment: name, deploymentconfig: config.metadata.name };
    const about = { [DEPLOYMENT_NAME]: name, [CONFIG_NAME]: config.metadata.name, [VERSION]: String(version) };
    template.metadata = {
      ...template.metadata,
      labels: { ...template.metadata?.labels, ...podLabels },
      annotations: { ...template.metadata?.annotations, ...about },
    };
    const created = writer.create(REPLICATION_CONTROLLER, {
      apiVersion: 'v1',
      kind: 'ReplicationController',
      metadata: {
        name,
        namespace: config.metadata.namespace ?? 'default',
        labels: { ...config.metadata.labels, 'openshift.io/deployment-config.name': config.metadata.name },
        annotations: {
          [CONFIG_NAME]: config.metadata.name,
          [VERSION]: String(version),
          [REASON]: config.status?.details?.message ?? 'manual change',
          [PHASE]: 'New',
          [ENCODED]: JSON.stringify(encode(config)),
        },
        ownerReferences: [controllerReference(config)],
      },
      spec: {
        replicas: 0,
        selector: { ...config.spec.selector, ...podLabels },
        template,
        ...(config.spec.minReadySeconds ? { minReadySeconds: config.spec.minReadySeconds } : {}),
      },
    });
    const message = `Created new replication controller ${JSON.stringify(created.metadata.name)} for version ${version}`;
    record(config, 'Normal', 'DeploymentCreated', message);
  }

  /** One look of the deployer at a rollout under way. */
  function deploy(key: string, config: DeploymentConfig, latest: ReplicationController): void {
    if (latest.metadata.annotations?.[CANCELLED] === 'true') return void annotate(latest, { [PHASE]: 'Failed' });
    if (phaseOf(latest) === 'New') {
      const started = {
        [PHASE]: 'Running',
        [STARTED]: timestamp(clock.now()),
        [DESIRED]: String(config.spec.replicas),
      };
      return void annotate(latest, started);
    }
    const { strategy } = config.spec;
    const timeout = (strategy.rollingParams ?? strategy.recreateParams)?.timeoutSeconds ?? 600;
    const due = Date.parse(latest.metadata.annotations?.[STARTED] ?? '') + timeout * 1000;
    if (clock.now() >= due) {
      annotate(latest, { [PHASE]: 'Failed', [COMPLETED]: timestamp(clock.now()) });
      return;
    }
    queue.addAfter(key, due - clock.now());
    const old = claim(config).filter((rc) => rc !== latest && rc.spec.replicas > 0);
    if (strategy.type === 'Recreate') recreate(config, latest, old);
    else roll(config, latest, old);
    const [now] = claim(config).filter(({ metadata }) => metadata.uid === latest.metadata.uid);
    const rest = claim(config).some((rc) => rc !== now && (rc.spec.replicas > 0 || (rc.status?.replicas ?? 0) > 0));
    const isThere = now?.spec.replicas === config.spec.replicas && availableOf(now) >= config.spec.replicas;
    if (now && isThere && !rest) annotate(now, { [PHASE]: 'Complete', [COMPLETED]: timestamp(clock.now()) });
  }

  /** Nothing new before everything old is gone. */
  function recreate(config: DeploymentConfig, latest: ReplicationController, old: ReplicationController[]): void {
    for (const rc of old) scale(rc, 0);
    const left = claim(config).some((rc) => rc.metadata.uid !== latest.metadata.uid && (rc.status?.replicas ?? 0) > 0);
    if (!left) scale(latest, config.spec.replicas);
  }

  /** kubernetes/pkg/kubectl/rolling_updater.go: up as maxSurge allows, then down as maxUnavailable allows. */
  function roll(config: DeploymentConfig, latest: ReplicationController, old: ReplicationController[]): void {
    const { replicas, strategy } = config.spec;
    const surge = resolveIntOrPercent(strategy.rollingParams?.maxSurge, replicas, 'up');
    const unavailable = resolveIntOrPercent(strategy.rollingParams?.maxUnavailable, replicas, 'down');
    const others = old.reduce((sum, rc) => sum + rc.spec.replicas, 0);
    const room = old.length === 0 ? replicas : replicas + surge - others;
    const wanted = Math.max(latest.spec.replicas, Math.min(replicas, room));
    if (wanted !== latest.spec.replicas) return scale(latest, wanted);
    // Without either the rollout could not move: upstream then allows one to be missing.
    const least = replicas - (surge === 0 && unavailable === 0 ? 1 : unavailable);
    let spare = availableOf(latest) + old.reduce((sum, rc) => sum + availableOf(rc), 0) - least;
    for (const rc of old) {
      const idle = rc.spec.replicas - availableOf(rc);
      const down = Math.min(availableOf(rc), Math.max(0, spare));
      spare -= down;
      if (idle + down > 0) scale(rc, rc.spec.replicas - idle - down);
    }
  }

  /** reconcileDeployments: the last one that succeeded has the pods, all others none. */
  function reconcile(config: DeploymentConfig, owned: readonly ReplicationController[]): void {
    const active = owned.filter((rc) => phaseOf(rc) === 'Complete').at(-1);
    for (const rc of owned) {
      const wanted = rc === active && !config.spec.test ? config.spec.replicas : 0;
      const before = rc.spec.replicas;
      if (before === wanted) continue;
      scale(rc, wanted);
      const message = `Scaled replication controller ${JSON.stringify(rc.metadata.name)} from ${before} to ${wanted}`;
      record(config, 'Normal', 'ReplicationControllerScaled', message);
    }
  }

  function cleanUp(config: DeploymentConfig): void {
    const owned = claim(config);
    const active = owned.filter((rc) => phaseOf(rc) === 'Complete').at(-1);
    const idle = owned.filter((rc) => rc !== active && isTerminated(rc) && rc.spec.replicas === 0);
    const excess = idle.filter((rc) => versionOf(rc) !== config.status?.latestVersion);
    const count = Math.max(0, excess.length - (config.spec.revisionHistoryLimit ?? 10));
    for (const { metadata } of excess.slice(0, count)) {
      writer.remove(REPLICATION_CONTROLLER, metadata.namespace, metadata.name, { propagationPolicy: 'Background' });
    }
  }

  function scale(rc: ReplicationController, replicas: number): void {
    if (rc.spec.replicas !== replicas)
      writer.update(REPLICATION_CONTROLLER, { ...fresh(rc), spec: { ...rc.spec, replicas } });
  }

  function annotate(rc: ReplicationController, annotations: Record<string, string>): void {
    const current = fresh(rc);
    writer.update(REPLICATION_CONTROLLER, {
      ...current,
      metadata: { ...current.metadata, annotations: { ...current.metadata.annotations, ...annotations } },
    });
  }

  function fresh(rc: ReplicationController): ReplicationController {
    return (store.get(RCS, rc.metadata.namespace, rc.metadata.name) ?? rc) as ReplicationController;
  }

  function record(config: DeploymentConfig, type: 'Normal' | 'Warning', reason: string, message: string): void {
    events.record(SOURCE, config, { type, reason, message });
  }

  function writeStatus(key: string): void {
    const config = store.get(RESOURCE, ...splitQueueKey(key)) as DeploymentConfig | undefined;
    if (!config?.status) return;
    const owned = claim(config);
    const latest = owned.find((rc) => versionOf(rc) === config.status?.latestVersion);
    const sum = (count: (rc: ReplicationController) => number) => owned.reduce((total, rc) => total + count(rc), 0);
    const available = sum((rc) => rc.status?.availableReplicas ?? 0);
    const ready = sum((rc) => rc.status?.readyReplicas ?? 0);
    const { latestVersion, details, conditions = [] } = config.status;
    const status: Status = {
      latestVersion,
      observedGeneration: config.metadata.generation ?? 1,
      replicas: sum((rc) => rc.status?.replicas ?? 0),
      updatedReplicas: latest?.status?.replicas ?? 0,
      availableReplicas: available,
      unavailableReplicas: Math.max(0, sum((rc) => rc.spec.replicas) - available),
      ...(details ? { details } : {}),
      ...(ready > 0 ? { readyReplicas: ready } : {}),
    };
    status.conditions = conditionsOf(config, latest, available, conditions);
    if (!equalJson(status, config.status)) {
      writer.update(DEPLOYMENT_CONFIG, { ...config, status }, { subresource: 'status' });
    }
  }

  function conditionsOf(
    config: DeploymentConfig,
    latest: ReplicationController | undefined,
    available: number,
    old: readonly Condition[],
  ): Condition[] {
    const { replicas, strategy } = config.spec;
    const missing = resolveIntOrPercent(strategy.rollingParams?.maxUnavailable, replicas, 'down');
    const isAvailable = available >= replicas - missing && available > 0;
    const next = [
      {
        type: 'Available',
        status: isAvailable ? 'True' : 'False',
        message: `Deployment config ${isAvailable ? 'has' : 'does not have'} minimum availability.`,
      },
      ...(latest ? [progressOf(latest)] : []),
    ] as Condition[];
    return next.map((condition) => withTimes(condition, old));
  }

  function withTimes(condition: Condition, old: readonly Condition[]): Condition {
    const before = old.find(({ type }) => type === condition.type);
    const now = timestamp(clock.now());
    if (before?.status === condition.status && before.reason === condition.reason) return before;
    const lastTransitionTime = before?.status === condition.status ? (before.lastTransitionTime ?? now) : now;
    return { ...condition, lastTransitionTime, lastUpdateTime: now };
  }

  const stops = [
    store.watch(RESOURCE, ({ object: { metadata } }) => queue.add(queueKey(metadata.namespace, metadata.name))),
    store.watch(RCS, ({ object }) => {
      const owner = controllerOf(object);
      if (owner?.kind === 'DeploymentConfig') queue.add(queueKey(object.metadata.namespace, owner.name));
    }),
  ];
  for (const { metadata } of store.list(RESOURCE)) queue.add(queueKey(metadata.namespace, metadata.name));
  return {
    dispose() {
      for (const stop of stops) stop();
      queue.dispose();
    },
  };
}

/** Pods that serve, of those that it is to keep. */
function availableOf(rc: ReplicationController): number {
  return Math.min(rc.spec.replicas, rc.status?.availableReplicas ?? 0);
}

function progressOf(latest: ReplicationController): Partial<Condition> {
  const name = JSON.stringify(latest.metadata.name);
  const progressing = (status: Condition['status'], reason: string | undefined, message: string) => ({
    type: 'Progressing',
    status,
    ...(reason ? { reason } : {}),
    message,
  });
  switch (phaseOf(latest)) {
    case 'New':
      return progressing(
        'True',
        'NewReplicationControllerCreated',
        `Created new replication controller ${name} for version ${versionOf(latest)}`,
      );
    case 'Running':
      return progressing('True', 'ReplicationControllerUpdated', `replication controller ${name} is progressing`);
    case 'Complete':
      return progressing(
        'True',
        'NewReplicationControllerAvailable',
        `replication controller ${name} successfully rolled out`,
      );
    case 'Failed':
      return latest.metadata.annotations?.[CANCELLED] === 'true'
        ? progressing('False', 'RolloutCancelled', `rollout of replication controller ${name} was cancelled`)
        : progressing('False', 'ProgressDeadlineExceeded', `replication controller ${name} has failed progressing`);
  }
}

/** The config as a ReplicationController keeps it: what it was rolled out from, and what undo goes back to. */
function encode(config: DeploymentConfig): KubernetesObject {
  const { managedFields: _, ...metadata } = config.metadata;
  return { ...config, metadata };
}

/**
 * Answers POST to deploymentconfigs/instantiate, which `oc rollout latest` sends: the next version from now.
 * openshift-apiserver/pkg/apps/apiserver/registry/instantiate/rest.go.
 * @throws ApiError
 */
export function instantiate(
  deps: Pick<ControllerDeps, 'store' | 'writer'>,
  namespace: string | undefined,
  name: string,
): KubernetesObject {
  const config = deps.store.get(RESOURCE, namespace, name) as DeploymentConfig | undefined;
  if (!config) throw notFound({ plural: 'deploymentconfigs', group: DEPLOYMENT_CONFIG.group }, name);
  if (config.spec.paused) throw badRequest('cannot deploy a paused deployment config');
  startVersion(deps, config, { message: 'manual change', causes: [{ type: 'Manual' }] });
  return deps.store.get(RESOURCE, namespace, name) ?? config;
}

function startVersion(
  { writer }: Pick<ControllerDeps, 'writer'>,
  config: DeploymentConfig,
  details: Status['details'],
): void {
  const { status } = config;
  if (!status) return;
  const next = { ...status, latestVersion: status.latestVersion + 1, ...(details ? { details } : {}) };
  writer.update(DEPLOYMENT_CONFIG, { ...config, status: next }, { subresource: 'status' });
}
