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
import { isRestartableInit, type Container, type ContainerState, type Pod } from '../../objects/kinds/pod-types.ts';
import { type ObjectStore } from '../../objects/store.ts';
import { timestamp } from '../../objects/timestamp.ts';
import { type ObjectWriter } from '../../objects/writer.ts';
import { type EventRecorder } from '../event-recorder.ts';
import { startWithImage, type ContainerImageDeps } from './container-image.ts';
import { startProbes } from './container-probes.ts';
import { type ImagePuller } from './image-puller.ts';
import { createPodContainer, isOver, restartsAfter, stopProbes, type PodContainer } from './pod-container.ts';
import { podStatus, type PodProgress } from './pod-status.ts';
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

export function createPodWorker(deps: PodWorkerDeps, pod: Pod, ip: string): PodWorker {
  const { store, writer, clock, events, runtime, images } = deps;
  const { namespace, name, uid = '' } = pod.metadata;
  const startTime = timestamp(clock.now());
  const initial: ContainerState = {
    waiting: { reason: pod.spec.initContainers?.length ? 'PodInitializing' : 'ContainerCreating' },
  };
  const inits = (pod.spec.initContainers ?? []).map((spec) => createPodContainer(spec, 'initContainers', initial));
  const mains = pod.spec.containers.map((spec) => createPodContainer(spec, 'containers', initial));
  const ephemerals: PodContainer[] = [];
  const all = [...inits, ...mains];
  let sandbox: PodSandbox | undefined;
  let initialized = false;
  let mountProblem: string | undefined;
  let terminating = false;
  let disposed = false;
  let statusDue: NodeJS.Immediate | undefined;
  let cancelTermination: () => void = () => {};

  const record = (type: 'Normal' | 'Warning', reason: string, message: string, container?: PodContainer) =>
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
      const added = createPodContainer(spec, 'ephemeralContainers', { waiting: { reason: 'ContainerCreating' } });
      ephemerals.push(added);
      all.push(added);
      prepare(added);
      writeStatusSoon();
    }
  }

  function setWaiting(one: PodContainer, reason: string, message?: string): void {
    one.state = { waiting: { ...(message ? { message } : {}), reason } };
    writeStatusSoon();
  }

  const imageDeps: ContainerImageDeps = {
    clock,
    images,
    record,
    setWaiting,
    isStopped: () => disposed || terminating,
    start,
  };
  const prepare = (one: PodContainer) => startWithImage(imageDeps, one);

  function start(one: PodContainer): void {
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
    startProbes(
      {
        clock,
        probed: { ip, dial: (port) => sandbox?.dialFromNode(port) ?? null },
        onChange: writeStatusSoon,
        onStarted() {
          if (one.place === 'initContainers') advance();
          writeStatusSoon();
        },
        onUnhealthy: (message) => record('Warning', 'Unhealthy', message, one),
        kill: (probe) => kill(one, running, probe),
      },
      one,
      running,
    );
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

  function kill(one: PodContainer, running: RunningContainer, probe: 'liveness' | 'startup'): void {
    if (one.running !== running) return;
    record('Normal', 'Killing', `Container ${one.spec.name} failed ${probe} probe, will be restarted`, one);
    running.stop(STOP_LIMIT_MS);
  }

  function exit(one: PodContainer, code: number, startedAt: number): void {
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
    if (!restartsAfter(one, code, pod)) {
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

  function nextBackOff(one: PodContainer): number {
    one.backOffMs = Math.min(one.backOffMs ? one.backOffMs * 2 : FIRST_BACK_OFF_MS, MAX_BACK_OFF_MS);
    return one.backOffMs;
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

  function writeStatusSoon(): void {
    if (!disposed) statusDue ??= setImmediate(writeStatus);
  }

  function writeStatus(): void {
    if (statusDue) clearImmediate(statusDue);
    statusDue = undefined;
    const current = store.get('pods', namespace, name) as Pod | undefined;
    if (disposed || !current || current.metadata.uid !== uid) return;
    const progress: PodProgress = {
      pod,
      inits,
      mains,
      ephemerals,
      ip,
      nodeIp: deps.nodeIp,
      startTime,
      hasSandbox: sandbox !== undefined,
      isInitialized: initialized,
      isTerminating: terminating,
    };
    const status = podStatus(progress, current, clock.now());
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
