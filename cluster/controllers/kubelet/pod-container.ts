import { type ContainerLog, type RunningContainer } from '../../containers/runtime.ts';
import { type Container, type ContainerState, type Pod } from '../../objects/kinds/pod-types.ts';
import { type ProbeRun } from './prober.ts';

/** The lists of a pod's spec that hold containers. */
export type Place = 'initContainers' | 'containers' | 'ephemeralContainers';

/** What is known of one container of a pod, from before its first start on. */
export interface PodContainer {
  spec: Container;
  place: Place;
  running: RunningContainer | undefined;
  log: ContainerLog | undefined;
  previousLog: ContainerLog | undefined;
  /** With `containerd://`; empty before the first start. */
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
  /** Ends what it waits for: a pull, a back-off. */
  cancel: () => void;
}

/** A container that has not been started, in the state that its pod shows first. */
export function createPodContainer(spec: Container, place: Place, state: ContainerState): PodContainer {
  return {
    spec,
    place,
    running: undefined,
    log: undefined,
    previousLog: undefined,
    containerId: '',
    state,
    lastState: {},
    restarts: 0,
    backOffMs: 0,
    pullRetryMs: 0,
    ready: false,
    started: false,
    probes: [],
    waitsForConfig: false,
    cancel: () => {},
  };
}

export function stopProbes(one: PodContainer): void {
  for (const probe of one.probes) probe.stop();
  one.probes = [];
}

/** It has ended and nothing of it runs. */
export function isOver({ state, running }: PodContainer): boolean {
  return state.terminated !== undefined && !running;
}

/** Whether one that ends with this code is started again while its pod lives. */
export function restartsAfter(one: PodContainer, code: number, pod: Pod): boolean {
  if (one.place === 'ephemeralContainers') return false;
  const policy = one.spec.restartPolicy ?? pod.spec.restartPolicy ?? 'Always';
  if (one.place === 'initContainers' && policy !== 'Never') return true;
  return policy === 'Always' || (policy === 'OnFailure' && code !== 0);
}
