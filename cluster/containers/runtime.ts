import type { Duplex, Readable, Writable } from 'node:stream';
import type { KubernetesObject } from '../objects/object.ts';
import type { ContainerSpec } from './pod-spec.ts';

/**
 * The container runtime as the kubelet sees it (the role of CRI). The kubelet (`controllers/kubelet.ts`) decides
 * when containers start and restart and writes pod status; the runtime makes them exist.
 */
export interface ContainerRuntime {
  /** Whether the image can be pulled. */
  hasImage(image: string): boolean;
  /** What a registry tells of the image without pulling it. Undefined when there is none. */
  inspectImage(image: string): { exposes: readonly number[]; uid: number } | undefined;
  /**
   * The pod's network identity: from now on connections to `ip` reach what its containers listen on, and those
   * from its containers pass through its sidecar, if the pod has one (a container named `istio-proxy`).
   */
  createSandbox(pod: KubernetesObject, ip: string): PodSandbox;
}

export interface PodSandbox {
  readonly ip: string;
  /**
   * Starts the container with this name of the pod's spec, afresh on each call.
   * @param added one that came into the pod since the sandbox was made: an ephemeral container
   */
  start(containerName: string, added?: ContainerSpec): RunningContainer;
  /** Connects to 127.0.0.1 inside of the pod, past its sidecar, as forwarded ports do. Null when nothing listens. */
  dialLocal(port: number): Duplex | null;
  /** Connects to the pod's address from its node; the sidecar takes it, if there is one. Null when nothing listens. */
  dialFromNode(port: number): Duplex | null;
  /** Ends everything in the pod: connections are reset, processes killed. */
  dispose(): void;
}

export interface RunningContainer {
  readonly id: string;
  /** Resolves once, when the main process has ended. Exit status 0 to 255. */
  readonly exited: Promise<number>;
  /** Everything the main process wrote since the start, at most the last 1 MiB. */
  readonly log: ContainerLog;
  /** A further process in the container. @throws ExecError when the command cannot be started. */
  exec(command: readonly string[], io: ProcessIo): RunningProcess;
  /** Joins the main process: its output from now on, and its input if the container has `stdin: true`. */
  attach(io: ProcessIo): Attachment;
  /** SIGTERM, and SIGKILL after `graceMs`. */
  stop(graceMs: number): void;
  /** Whether something accepts connections on this port; for probes. */
  listensOn(port: number): boolean;
}

/** What a process reads and writes. `terminal` is its size in cells, null without a TTY (stderr is then apart). */
export interface ProcessIo {
  stdin: Readable | null;
  stdout: Writable;
  stderr: Writable;
  terminal: TerminalSize | null;
}

export interface TerminalSize {
  columns: number;
  rows: number;
}

export interface RunningProcess {
  /** Exit status 0 to 255; 128 + n when a signal n ended it. */
  readonly exited: Promise<number>;
  resize(size: TerminalSize): void;
  /** SIGKILL; also when the client of an exec goes away. */
  kill(): void;
}

/** A client at a container's main process. */
export interface Attachment {
  resize(size: TerminalSize): void;
  /** The client leaves; the process goes on, unless `stdinOnce` ends its input. Safe to call twice. */
  detach(): void;
}

export interface ContainerLog {
  /** Whole lines with the time of their end. */
  lines(): readonly LogLine[];
  /** Calls back for each new line. @returns stops it. */
  follow(listener: (line: LogLine) => void): () => void;
}

export interface LogLine {
  /** Milliseconds since 1970. */
  time: number;
  stream: 'stdout' | 'stderr';
  /** Without the newline. */
  text: string;
}

/**
 * The command is not in the container. `message` is what the runtime says, for example
 * `OCI runtime exec failed: exec failed: unable to start container process: exec: "foo": executable file not found
 * in $PATH: unknown`.
 */
export class ExecError extends Error {
  override name = 'ExecError';
  readonly exitCode: number;
  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}
