import { PassThrough } from 'node:stream';
import type { Clock } from '../../../cluster/clock.ts';
import { createContainerRuntime, type SimulatedRuntime } from '../../../cluster/containers/create-runtime.ts';
import type { AuthorImage } from '../../../cluster/containers/images/author-image.ts';
import type { PodSandbox, RunningContainer, TerminalSize } from '../../../cluster/containers/runtime.ts';
import type { IstioVersion } from '../../../cluster/index.ts';
import { eraOf, type Era } from '../../../cluster/mesh/era.ts';
import { injectSidecar } from '../../../cluster/mesh/injection.ts';
import type { KubernetesObject, ObjectReader, StoreEvent } from '../../../cluster/objects/object.ts';

/** Objects in a map, enough for what the data plane reads. */
export class ObjectTable implements ObjectReader {
  readonly #objects = new Map<string, KubernetesObject>();
  readonly #listeners = new Map<string, Set<(event: StoreEvent) => void>>();

  put(resource: string, object: KubernetesObject): void {
    const key = keyOf(resource, object.metadata.namespace, object.metadata.name);
    const type = this.#objects.has(key) ? 'MODIFIED' : 'ADDED';
    this.#objects.set(key, object);
    for (const listener of this.#listeners.get(resource) ?? []) listener({ type, object });
  }

  remove(resource: string, namespace: string | undefined, name: string): void {
    const key = keyOf(resource, namespace, name);
    const object = this.#objects.get(key);
    if (object === undefined) return;
    this.#objects.delete(key);
    for (const listener of this.#listeners.get(resource) ?? []) listener({ type: 'DELETED', object });
  }

  get(resource: string, namespace: string | undefined, name: string): KubernetesObject | undefined {
    return this.#objects.get(keyOf(resource, namespace, name));
  }

  list(resource: string, namespace?: string): readonly KubernetesObject[] {
    return [...this.#objects]
      .filter(
        ([key, object]) =>
          key.startsWith(`${resource} `) && (namespace === undefined || object.metadata.namespace === namespace),
      )
      .map(([, object]) => object);
  }

  watch(resource: string, listener: (event: StoreEvent) => void): () => void {
    const listeners = this.#listeners.get(resource) ?? new Set();
    this.#listeners.set(resource, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }
}

function keyOf(resource: string, namespace: string | undefined, name: string): string {
  return `${resource} ${namespace ?? ''}/${name}`;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  schedule(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

export interface PodOptions {
  namespace?: string;
  name?: string;
  image?: string;
  command?: string[];
  args?: string[];
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  sidecar?: boolean;
  serviceAccount?: string;
  /** Further fields of the container. */
  container?: Record<string, unknown>;
  /** Further fields of the pod's spec. */
  spec?: Record<string, unknown>;
}

export interface ExecResult {
  status: number;
  stdout: string;
  stderr: string;
}

export interface TestPod {
  sandbox: PodSandbox;
  object: KubernetesObject;
  ip: string;
  containers: Map<string, RunningContainer>;
  /** Runs a command to its end. */
  exec(command: readonly string[], options?: { container?: string; stdin?: string }): Promise<ExecResult>;
  sh(script: string, options?: { container?: string; stdin?: string }): Promise<ExecResult>;
  /** A command on a terminal. */
  terminal(command: readonly string[], size?: TerminalSize): TestTerminal;
}

export interface TestTerminal {
  type(text: string): void;
  /** Everything on the screen so far, as it was sent. */
  output(): string;
  until(text: string | RegExp): Promise<string>;
  exited: Promise<number>;
  resize(size: TerminalSize): void;
}

/** A cluster of pods without an API: what the container runtime needs, and nothing else. */
export class TestCluster {
  readonly objects = new ObjectTable();
  readonly runtime: SimulatedRuntime;
  #nextIp = 1;
  readonly #pods: TestPod[] = [];

  readonly #era: Era;

  constructor(clock: Clock = systemClock, images: readonly AuthorImage[] = [], istio: IstioVersion = 'current') {
    this.#era = eraOf(istio);
    let seed = 1;
    this.runtime = createContainerRuntime({
      objects: this.objects,
      clock,
      images,
      istio,
      randomBytes: (length) =>
        Uint8Array.from({ length }, () => (seed = (seed * 1_103_515_245 + 12_345) & 0x7fff_ffff) >> 16),
    });
  }

  pod(options: PodOptions = {}): TestPod {
    const { namespace = 'default', name = `pod-${this.#nextIp}`, image = 'busybox' } = options;
    const plain: KubernetesObject = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, labels: { ...options.labels }, annotations: { ...options.annotations } },
      spec: {
        serviceAccountName: options.serviceAccount ?? 'default',
        containers: [
          {
            name: 'app',
            image,
            ...(options.command === undefined ? {} : { command: options.command }),
            ...(options.args === undefined ? {} : { args: options.args }),
            ...options.container,
          },
        ],
        ...options.spec,
      },
    };
    const wanted = options.sidecar === true;
    if (wanted) plain.metadata.annotations = { ...options.annotations, 'sidecar.istio.io/inject': 'true' };
    const labels: Record<string, string> = wanted ? { 'istio-injection': 'enabled' } : {};
    const home = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } };
    const object = injectSidecar(plain, home, this.#era);
    const ip = `10.244.0.${this.#nextIp++}`;
    this.objects.put('pods', { ...object, status: { podIP: ip } });
    const sandbox = this.runtime.createSandbox(object, ip);
    const spec = object['spec'] as { containers: { name: string }[] };
    const containers = new Map(spec.containers.map((container) => [container.name, sandbox.start(container.name)]));
    const pod = testPod(sandbox, object, ip, containers);
    this.#pods.push(pod);
    return pod;
  }

  /** A Service in front of pods. `targetPort` as a number. */
  service(
    name: string,
    {
      namespace = 'default',
      ports,
      pods,
      clusterIP = `10.96.0.${this.#nextIp++}`,
      selector = { app: name },
    }: {
      namespace?: string;
      ports: { name?: string; port: number; targetPort: number; appProtocol?: string }[];
      pods: readonly TestPod[];
      clusterIP?: string;
      selector?: Record<string, string>;
    },
  ): void {
    this.objects.put('services', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace },
      spec: { clusterIP, selector, ports },
    });
    this.objects.put('endpointslices.discovery.k8s.io', {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: `${name}-abcde`, namespace, labels: { 'kubernetes.io/service-name': name } },
      endpoints: pods.map((pod) => ({ addresses: [pod.ip], conditions: { ready: true } })),
      ports: ports.map((port) => ({ name: port.name ?? '', port: port.targetPort })),
    });
  }

  dispose(): void {
    for (const pod of this.#pods) pod.sandbox.dispose();
    this.runtime.dispose();
  }
}

function testPod(
  sandbox: PodSandbox,
  object: KubernetesObject,
  ip: string,
  containers: Map<string, RunningContainer>,
): TestPod {
  const exec: TestPod['exec'] = async (command, { container = 'app', stdin } = {}) => {
    const [input, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
    const read = { stdout: collect(stdout), stderr: collect(stderr) };
    const running = containers.get(container);
    if (running === undefined) throw new Error(`no container ${container}`);
    const process = running.exec(command, {
      stdin: stdin === undefined ? null : input,
      stdout,
      stderr,
      terminal: null,
    });
    if (stdin !== undefined) input.end(stdin);
    const status = await process.exited;
    stdout.end();
    stderr.end();
    return { status, stdout: await read.stdout, stderr: await read.stderr };
  };
  return {
    sandbox,
    object,
    ip,
    containers,
    exec,
    sh: (script, options) => exec(['sh', '-c', script], options),
    terminal(command, size = { columns: 80, rows: 24 }) {
      const [stdin, stdout] = [new PassThrough(), new PassThrough()];
      let text = '';
      stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString('utf8');
      });
      const running = containers.get('app');
      if (running === undefined) throw new Error('no container app');
      const process = running.exec(command, { stdin, stdout, stderr: stdout, terminal: size });
      return {
        type: (keys) => void stdin.write(keys),
        output: () => text,
        exited: process.exited,
        resize: (next) => process.resize(next),
        async until(wanted) {
          const deadline = Date.now() + 30_000;
          while (typeof wanted === 'string' ? !text.includes(wanted) : !wanted.test(text)) {
            if (Date.now() > deadline) throw new Error(`waited for ${String(wanted)}, got ${JSON.stringify(text)}`);
            await new Promise((resolve) => setTimeout(resolve, 2));
          }
          return text;
        },
      };
    },
  };
}

async function collect(stream: PassThrough): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
