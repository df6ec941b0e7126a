import { type ContainerLog, type PodSandbox, type RunningContainer } from '../containers/runtime.ts';

/** What the API needs of the node to serve logs, exec, attach, port-forward and proxy: the kubelet's own endpoints. */
export interface PodAccess {
  /** The container that runs now; undefined when it does not. */
  container(podUid: string, name: string): RunningContainer | undefined;
  /** The pod's place in the network, to dial into; undefined when nothing of it runs. */
  sandbox(podUid: string): PodSandbox | undefined;
  /** Log of the container's latest start, or of the one before. Undefined when there was none. */
  log(podUid: string, name: string, previous: boolean): ContainerLog | undefined;
}
