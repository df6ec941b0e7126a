/**
 * Runs one pod: pulls, starts, probes, restarts and stops its containers, and writes its status.
 * Kubernetes 1.32, pkg/kubelet: kuberuntime_manager.go, status/generate.go, prober. One deliberate difference:
 * containers that do not stop on SIGTERM are killed after {@link STOP_LIMIT_MS} and not after their whole grace
 * period, because nobody learns anything from watching `Terminating` for half a minute.
 */
import { type Clock } from '../../clock.ts';
import {
  type ContainerLog,
  type ContainerRuntime,
  type PodSandbox,
  type RunningContainer,
} from '../../containers/runtime.ts';
import { equalJson } from '../../objects/json.ts';
import { POD } from '../../objects/kinds/pod.ts';
import {
  isRestartableInit,
  type Container,
  type ContainerState,
  type ContainerStatus,
  type Pod,
  type PodCondition,
  type PodStatus,
} from '../../objects/kinds/pod-types.ts';
import { type ObjectStore } from '../../objects/store.ts';
import { timestamp } from '../../objects/timestamp.ts';
import { type ObjectWriter } from '../../objects/writer.ts';
import { type EventRecorder } from '../event-recorder.ts';
import { fullImageName, howToAddImage, imageDigest, imageSize, type ImagePuller } from './image-puller.ts';
import { startProbe, type ProbeRun } from './prober.ts';
import { missingConfig, missingVolume } from './references.ts';

export interface PodWorkerDeps {
  store: ObjectStore;
  writer: ObjectWriter;
  clock: Clock;
  events: EventRecorder;
  runtime: ContainerRuntime;
  images: ImagePuller;
  nodeIp: string;
}

export interface PodWorker {
  /** The pod is to stop: SIGTERM, status, and then it is removed. */
  terminate(): void;
  /** Starts what was added to the pod since it was looked at last: ephemeral containers. */
  update(pod: Pod): void;
  /** A config map or a secret changed: what waited for one may go on. */
  retryReferences(): void;
  container(name: string): RunningContainer | undefined;
  /** What its containers run in; undefined before they do and when all have ended. */
  sandbox(): PodSandbox | undefined;
  log(name: string, previous: boolean): ContainerLog | undefined;
  /** The pod is gone from the store: ends everything at once. */
  dispose(): void;
}

export const STOP_LIMIT_MS = 1_000;
/** Much less than upstream's second, and more than a small command takes here. */
const NEXT_LOOK_MS = 200;
// A container that ends at once is started again at once, the first time.
const FIRST_RESTART_MS = 10;
const FIRST_BACK_OFF_MS = 10_000;
const MAX_BACK_OFF_MS = 300_000;
// One that ran this long has nothing to atone for (twice the largest back-off).
const BACK_OFF_RESET_MS = 600_000;
const FIRST_PULL_RETRY_MS = 10_000;
// Making a container takes a runtime about a second; long enough here for a watch to see ContainerCreating.
const START_MS = 30;
// How long ErrImagePull shows before it becomes ImagePullBackOff: upstream's next look at the pod.
const PULL_ERROR_SHOWN_MS = 2_000;

/** The lists of a pod's spec that hold containers. */
type Place = 'initContainers' | 'containers' | 'ephemeralContainers';

interface Worker {
  spec: Container;
  place: Place;
  running: RunningContainer | undefined;
  log: ContainerLog | undefined;
  previousLog: ContainerLog | undefined;
  containerId: string;
  state: ContainerState;
  lastState: ContainerState;
  restarts: number;
  backOffMs: number;
  pullRetryMs: number;
  ready: boolean;
  started: boolean;
  probes: ProbeRun[];
  /** Waits for a config map or secret. */
  waitsForConfig: boolean;
  cancel: () => void;
}

export function createPodWorker(deps: PodWorkerDeps, pod: Pod, ip: string): PodWorker {
  const { store, writer, clock, events, runtime, images } = deps;
  const { namespace, name, uid = '' } = pod.metadata;
  const startTime = timestamp(clock.now());
  const initial: ContainerState = {
    waiting: { reason: pod.spec.initContainers?.length ? 'PodInitializing' : 'ContainerCreating' },
  };
  const make = (spec: Container, place: Place): Worker => ({
    spec,
    place,
    running: undefined,
    log: undefined,
    previousLog: undefined,
    containerId: '',
    state: initial,
    lastState: {},
    restarts: 0,
    backOffMs: 0,
    pullRetryMs: 0,
    ready: false,
    started: false,
    probes: [],
    waitsForConfig: false,
    cancel: () => {},
  });
  const inits = (pod.spec.initContainers ?? []).map((spec) => make(spec, 'initContainers'));
  const mains = pod.spec.containers.map((spec) => make(spec, 'containers'));
  const ephemerals: Worker[] = [];
  const all = [...inits, ...mains];
  let sandbox: PodSandbox | undefined;
  let initialized = false;
  let mountProblem: string | undefined;
  let terminating = false;
  let disposed = false;
  let statusDue: NodeJS.Immediate | undefined;
  let cancelTermination: () => void = () => {};

  const record = (type: 'Normal' | 'Warning', reason: string, message: string, container?: Worker) =>
    events.record('kubelet', store.get('pods', namespace, name) ?? pod, {
      type,
      reason,
      message,
      ...(container ? { fieldPath: `spec.${container.place}{${container.spec.name}}` } : {}),
    });

  function begin(): void {
    const problem = missingVolume(pod, store);
    if (problem) {
      if (problem !== mountProblem) record('Warning', 'FailedMount', problem);
      mountProblem = problem;
      return writeStatusSoon();
    }
    mountProblem = undefined;
    const current = (store.get('pods', namespace, name) ?? pod) as Pod;
    sandbox = runtime.createSandbox(current, ip);
    advance();
    update(current);
  }

  /** Starts what comes next: init containers one after the other, then all others. */
  function advance(): void {
    if (terminating || disposed) return;
    for (const one of inits) {
      const sidecar = isRestartableInit(one.spec);
      if (sidecar ? one.started : one.state.terminated?.exitCode === 0) continue;
      if (one.state.waiting && !one.running) prepare(one);
      return writeStatusSoon();
    }
    if (!initialized) {
      initialized = true;
      for (const one of mains) prepare(one);
    }
    writeStatusSoon();
  }

  function update({ spec: { ephemeralContainers = [] } }: Pod): void {
    if (terminating || disposed || !sandbox) return;
    for (const spec of ephemeralContainers) {
      if (ephemerals.some((one) => one.spec.name === spec.name)) continue;
      const added = { ...make(spec, 'ephemeralContainers'), state: { waiting: { reason: 'ContainerCreating' } } };
      ephemerals.push(added);
      all.push(added);
      prepare(added);
      writeStatusSoon();
    }
  }

  function setWaiting(one: Worker, reason: string, message?: string): void {
    one.state = { waiting: { ...(message ? { message } : {}), reason } };
    writeStatusSoon();
  }

  /** Pulls the image where it is needed, then starts the container. */
  function prepare(one: Worker): void {
    one.cancel();
    const image = one.spec.image ?? '';
    const present = images.isPresent(image);
    if (one.spec.imagePullPolicy === 'Never' && !present) {
      const text = `Container image ${JSON.stringify(image)} is not present with pull policy of Never`;
      record('Warning', 'ErrImageNeverPull', text, one);
      return setWaiting(one, 'ErrImageNeverPull', text);
    }
    if (present && one.spec.imagePullPolicy !== 'Always') {
      record(
        'Normal',
        'Pulled',
        `Container image ${JSON.stringify(image)} already present on machine and can be accessed by the pod`,
        one,
      );
      if (one.containerId) return start(one);
      one.cancel = clock.schedule(START_MS, () => start(one));
      return;
    }
    record('Normal', 'Pulling', `Pulling image ${JSON.stringify(image)}`, one);
    const begun = clock.now();
    one.cancel = images.pull(image, (failure) => {
      if (disposed || terminating) return;
      if (failure !== undefined) return failPull(one, failure);
      one.pullRetryMs = 0;
      const took = `${Math.max(1, clock.now() - begun)}ms`;
      record(
        'Normal',
        'Pulled',
        `Successfully pulled image ${JSON.stringify(image)} in ${took} (${took} including waiting). Image size: ${imageSize(image)} bytes.`,
        one,
      );
      start(one);
    });
  }

  function failPull(one: Worker, failure: string): void {
    const image = one.spec.image ?? '';
    record(
      'Warning',
      'Failed',
      `Failed to pull image ${JSON.stringify(image)}: ${failure.replace(/^failed to pull image "[^"]*": /, '')}`,
      one,
    );
    record('Warning', 'Failed', 'Error: ErrImagePull', one);
    if (!one.pullRetryMs) record('Warning', 'ImageNotSimulated', howToAddImage(image), one);
    setWaiting(one, 'ErrImagePull', failure);
    one.pullRetryMs = Math.min(one.pullRetryMs ? one.pullRetryMs * 2 : FIRST_PULL_RETRY_MS, MAX_BACK_OFF_MS);
    one.cancel = clock.schedule(PULL_ERROR_SHOWN_MS, () => {
      record('Normal', 'BackOff', `Back-off pulling image ${JSON.stringify(image)}`, one);
      record('Warning', 'Failed', 'Error: ImagePullBackOff', one);
      setWaiting(one, 'ImagePullBackOff', `Back-off pulling image ${JSON.stringify(image)}: ErrImagePull: ${failure}`);
      one.cancel = clock.schedule(one.pullRetryMs - PULL_ERROR_SHOWN_MS, () => prepare(one));
    });
  }

  function start(one: Worker): void {
    if (!sandbox) return;
    const problem = missingConfig(pod, one.spec, store);
    one.waitsForConfig = problem !== undefined;
    if (problem) {
      record('Warning', 'Failed', `Error: ${problem}`, one);
      return setWaiting(one, 'CreateContainerConfigError', problem);
    }
    const added = one.place === 'ephemeralContainers' ? withImage(one.spec) : undefined;
    const running = sandbox.start(one.spec.name, added);
    const startedAt = clock.now();
    one.running = running;
    one.previousLog = one.log;
    one.log = running.log;
    one.containerId = `containerd://${running.id}`;
    one.state = { running: { startedAt: timestamp(startedAt) } };
    record('Normal', 'Created', 'Container created', one);
    record('Normal', 'Started', 'Container started', one);
    startProbes(one, running);
    void running.exited.then((code) => {
      if (one.running === running && !disposed) exit(one, code, startedAt);
    });
    const init = one.place === 'initContainers';
    if (init && isRestartableInit(one.spec) && one.started) advance();
    if (init || pod.spec.restartPolicy === 'Always') return writeStatusSoon();
    // What has work to end is often over before a kubelet looks again, once a second (its PLEG): whoever waits for the
    // pod then finds it over and reads its log, and does not come too late to attach to it.
    one.cancel = clock.schedule(NEXT_LOOK_MS, writeStatusSoon);
  }

  function startProbes(one: Worker, running: RunningContainer): void {
    const { readinessProbe, livenessProbe, startupProbe } = one.spec;
    const probed = { ip, dial: (port: number) => sandbox?.dialFromNode(port) ?? null };
    one.ready = false;
    one.started = !startupProbe;
    const begin = () => {
      one.started = true;
      if (!readinessProbe) one.ready = true;
      else {
        one.probes.push(
          startProbe(clock, one.spec, readinessProbe, running, probed, {
            onChange(ok) {
              one.ready = ok;
              writeStatusSoon();
            },
            onFailure: (message) => record('Warning', 'Unhealthy', `Readiness probe failed: ${message}`, one),
          }),
        );
      }
      if (livenessProbe) {
        one.probes.push(
          startProbe(clock, one.spec, livenessProbe, running, probed, {
            onChange: (ok) => !ok && kill(one, running, 'liveness'),
            onFailure: (message) => record('Warning', 'Unhealthy', `Liveness probe failed: ${message}`, one),
          }),
        );
      }
    };
    if (!startupProbe) return begin();
    const startup = startProbe(clock, one.spec, startupProbe, running, probed, {
      onChange(ok) {
        startup.stop();
        if (!ok) return kill(one, running, 'startup');
        begin();
        if (one.place === 'initContainers') advance();
        writeStatusSoon();
      },
      onFailure: (message) => record('Warning', 'Unhealthy', `Startup probe failed: ${message}`, one),
    });
    one.probes.push(startup);
  }

  function kill(one: Worker, running: RunningContainer, probe: 'liveness' | 'startup'): void {
    if (one.running !== running) return;
    record('Normal', 'Killing', `Container ${one.spec.name} failed ${probe} probe, will be restarted`, one);
    running.stop(STOP_LIMIT_MS);
  }

  function stopProbes(one: Worker): void {
    for (const probe of one.probes) probe.stop();
    one.probes = [];
  }

  function exit(one: Worker, code: number, startedAt: number): void {
    stopProbes(one);
    one.running = undefined;
    one.ready = false;
    one.started = false;
    const terminated: ContainerState = {
      terminated: {
        containerID: one.containerId,
        exitCode: code,
        finishedAt: timestamp(clock.now()),
        reason: code === 0 ? 'Completed' : 'Error',
        startedAt: timestamp(startedAt),
      },
    };
    one.state = terminated;
    if (terminating) {
      writeStatusSoon();
      return finishTermination();
    }
    if (one.place === 'initContainers' && code === 0 && !isRestartableInit(one.spec)) {
      one.ready = true;
      return advance();
    }
    if (!restarts(one, code)) {
      stopSidecars();
      return writeStatusSoon();
    }
    if (clock.now() - startedAt >= BACK_OFF_RESET_MS) one.backOffMs = 0;
    one.lastState = terminated;
    const wait = one.restarts === 0 ? FIRST_RESTART_MS : nextBackOff(one);
    if (one.restarts > 0) {
      const seconds = wait >= 60_000 ? `${Math.floor(wait / 60_000)}m${(wait % 60_000) / 1000}s` : `${wait / 1000}s`;
      record(
        'Warning',
        'BackOff',
        `Back-off restarting failed container ${one.spec.name} in pod ${name}_${namespace}(${uid})`,
        one,
      );
      setWaiting(
        one,
        'CrashLoopBackOff',
        `back-off ${seconds} restarting failed container=${one.spec.name} pod=${name}_${namespace}(${uid})`,
      );
    }
    writeStatusSoon();
    one.cancel = clock.schedule(wait, () => {
      one.restarts += 1;
      prepare(one);
    });
  }

  function nextBackOff(one: Worker): number {
    one.backOffMs = Math.min(one.backOffMs ? one.backOffMs * 2 : FIRST_BACK_OFF_MS, MAX_BACK_OFF_MS);
    return one.backOffMs;
  }

  function restarts(one: Worker, code: number): boolean {
    if (terminating || one.place === 'ephemeralContainers') return false;
    const policy = one.spec.restartPolicy ?? pod.spec.restartPolicy ?? 'Always';
    if (one.place === 'initContainers' && policy !== 'Never') return true;
    return policy === 'Always' || (policy === 'OnFailure' && code !== 0);
  }

  /** Sidecars end with the last container that does the work. */
  function stopSidecars(): void {
    if (!mains.every(isOver)) return;
    for (const one of inits) {
      one.cancel();
      if (one.running) {
        one.spec = { ...one.spec, restartPolicy: 'Never' };
        one.running.stop(STOP_LIMIT_MS);
      }
    }
  }

  const isOver = (one: Worker) => one.state.terminated !== undefined && !one.running;

  function phase(): PodStatus['phase'] {
    const failedInit = inits.some(
      (one) => !isRestartableInit(one.spec) && isOver(one) && one.state.terminated?.exitCode !== 0 && !restarts(one, 1),
    );
    if (failedInit) return 'Failed';
    const over = mains.filter((one) => isOver(one) && !restarts(one, one.state.terminated?.exitCode ?? 0));
    if (mains.length > 0 && over.length === mains.length) {
      return over.every((one) => one.state.terminated?.exitCode === 0) ? 'Succeeded' : 'Failed';
    }
    // A container that has run at least once makes the pod Running, also while it waits for its next start.
    const begun = mains.every((one) => one.state.running || one.state.terminated || one.lastState.terminated);
    return begun && initialized ? 'Running' : 'Pending';
  }

  function statusOf(one: Worker): ContainerStatus {
    return {
      ...(one.containerId ? { containerID: one.containerId } : {}),
      image: one.containerId ? fullImageName(one.spec.image ?? '') : (one.spec.image ?? ''),
      imageID: one.containerId ? imageDigest(one.spec.image ?? '') : '',
      lastState: one.lastState,
      name: one.spec.name,
      ready: one.ready,
      ...(one.containerId ? { resources: one.spec.resources ?? {} } : {}),
      restartCount: one.restarts,
      started: one.started,
      state: one.state,
    };
  }

  /** They are never started again, and nothing asks them whether they are well. */
  function ephemeralStatusOf(one: Worker): ContainerStatus {
    const { started: _, ...status } = statusOf(one);
    return { ...status, ready: false };
  }

  function conditions(current: Pod, now: Pod['status']['phase']): PodCondition[] {
    const old = current.status.conditions ?? [];
    const unready = [...inits.filter((one) => isRestartableInit(one.spec)), ...mains].filter((one) => !one.ready);
    const unfinished = inits.filter((one) =>
      isRestartableInit(one.spec) ? !one.started : one.state.terminated?.exitCode !== 0,
    );
    const names = (list: readonly Worker[]) => `[${list.map((one) => one.spec.name).join(' ')}]`;
    const set = (type: string, ok: boolean, reason: string, message: string): PodCondition => {
      const before = old.find((one) => one.type === type);
      const status = ok ? 'True' : 'False';
      return {
        lastProbeTime: null,
        lastTransitionTime: before?.status === status ? before.lastTransitionTime : timestamp(clock.now()),
        observedGeneration: current.metadata.generation ?? 1,
        ...(ok && !(now === 'Succeeded' && type === 'Initialized')
          ? {}
          : { ...(message ? { message } : {}), ...(reason ? { reason } : {}) }),
        status,
        type,
      };
    };
    const done = now === 'Succeeded' || now === 'Failed';
    const why = done ? (now === 'Succeeded' ? 'PodCompleted' : 'PodFailed') : 'ContainersNotReady';
    const text = done ? '' : `containers with unready status: ${names(unready)}`;
    const ready = !done && unready.length === 0 && initialized;
    const result = [
      set(
        'PodReadyToStartContainers',
        sandbox !== undefined && !done && !(terminating && all.every((one) => !one.running)),
        '',
        '',
      ),
      set(
        'Initialized',
        unfinished.length === 0,
        now === 'Succeeded' ? 'PodCompleted' : 'ContainersNotInitialized',
        now === 'Succeeded' ? '' : `containers with incomplete status: ${names(unfinished)}`,
      ),
      set('Ready', ready, why, text),
      set('ContainersReady', ready, why, text),
    ];
    const scheduled = old.find(({ type }) => type === 'PodScheduled');
    return scheduled ? [...result, { observedGeneration: current.metadata.generation ?? 1, ...scheduled }] : result;
  }

  function writeStatusSoon(): void {
    if (!disposed) statusDue ??= setImmediate(writeStatus);
  }

  function writeStatus(): void {
    if (statusDue) clearImmediate(statusDue);
    statusDue = undefined;
    const current = store.get('pods', namespace, name) as Pod | undefined;
    if (disposed || !current || current.metadata.uid !== uid) return;
    const now = phase();
    const addressed = sandbox !== undefined;
    const status: PodStatus = {
      conditions: conditions(current, now),
      containerStatuses: mains.map(statusOf).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      ...(ephemerals.length > 0 ? { ephemeralContainerStatuses: ephemerals.map(ephemeralStatusOf) } : {}),
      hostIP: deps.nodeIp,
      hostIPs: [{ ip: deps.nodeIp }],
      ...(inits.length > 0 ? { initContainerStatuses: inits.map(statusOf) } : {}),
      observedGeneration: current.metadata.generation ?? 1,
      phase: now,
      ...(addressed ? { podIP: ip, podIPs: [{ ip }] } : {}),
      qosClass: current.status.qosClass,
      startTime,
    };
    if (!equalJson(status, current.status)) writer.update(POD, { ...current, status }, { subresource: 'status' });
  }

  function terminate(): void {
    if (terminating || disposed) return;
    terminating = true;
    const current = store.get('pods', namespace, name);
    const graceMs = Math.min((current?.metadata.deletionGracePeriodSeconds ?? 30) * 1000, STOP_LIMIT_MS);
    for (const one of all) {
      one.cancel();
      stopProbes(one);
      if (!one.running) continue;
      record('Normal', 'Killing', `Stopping container ${one.spec.name}`, one);
      one.running.stop(graceMs);
    }
    finishTermination();
  }

  /** Removes the pod once nothing of it runs. */
  function finishTermination(): void {
    if (all.some((one) => one.running)) return;
    writeStatus();
    sandbox?.dispose();
    // Later than the status, so that watches show the stopped containers first.
    cancelTermination = clock.schedule(0, () => {
      const current = store.get('pods', namespace, name);
      if (disposed || current?.metadata.uid !== uid) return;
      writer.remove(POD, namespace, name, { gracePeriodSeconds: 0, preconditions: { uid } });
    });
  }

  begin();
  return {
    terminate,
    update,
    retryReferences() {
      if (terminating || disposed) return;
      if (mountProblem) return begin();
      for (const one of all) if (one.waitsForConfig && !missingConfig(pod, one.spec, store)) prepare(one);
    },
    container: (wanted) => all.find((one) => one.spec.name === wanted)?.running,
    sandbox: () => (all.some((one) => one.running) ? sandbox : undefined),
    log(wanted, previous) {
      const one = all.find(({ spec }) => spec.name === wanted);
      return previous ? one?.previousLog : one?.log;
    },
    dispose() {
      disposed = true;
      cancelTermination();
      if (statusDue) clearImmediate(statusDue);
      for (const one of all) {
        one.cancel();
        stopProbes(one);
      }
      sandbox?.dispose();
    },
  };
}

/** Validation has seen to it that there is an image. */
function withImage(spec: Container): Container & { image: string } {
  return { ...spec, image: spec.image ?? '' };
}
