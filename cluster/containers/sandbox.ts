import type { Readable, Writable } from 'node:stream';
import type { Clock, RandomBytes } from '../clock.ts';
import type { Mesh } from '../mesh/mesh.ts';
import type { Network, PodNetwork } from '../network/network.ts';
import type { ObjectReader } from '../objects/object.ts';
import type { ServiceAccountTokens } from '../service-account-tokens.ts';
import { ContainerLogBuffer } from './container-log.ts';
import { Container } from './container.ts';
import { containerEnvironment, expandReferences } from './environment.ts';
import { populateFiles } from './files/populate.ts';
import { createVolumeFolders, type NodeFolders, type VolumeFolders } from './files/volume-folders.ts';
import type { ImageCatalogue } from './images/catalogue.ts';
import type { ContainerSpec, PodObject } from './pod-spec.ts';
import { createMainStreams, terminalDescriptors, type MainStreams } from './main-streams.ts';
import { dialFromNode, dialLocal } from './pod-dial.ts';
import { readableFile, writableFile } from './process/node-streams.ts';
import { Descriptor, nullFile } from './process/open-file.ts';
import type { Process, Program } from './process/process.ts';
import { Tty } from './process/tty.ts';
import { resolveProgram } from './programs/resolve.ts';
import { ExecError, type PodSandbox, type ProcessIo, type RunningContainer, type RunningProcess } from './runtime.ts';

export interface SandboxDependencies {
  objects: ObjectReader;
  clock: Clock;
  randomBytes: RandomBytes;
  catalogue: ImageCatalogue;
  network: Network;
  mesh: Mesh;
  tokens: ServiceAccountTokens;
  nodeFolders: NodeFolders;
}

export function createSandbox(deps: SandboxDependencies, pod: PodObject, ip: string): PodSandbox {
  const network = deps.network.attach(pod, ip);
  const running = new Map<string, { container: Container; log: ContainerLogBuffer }>();
  const folders = createVolumeFolders(deps.objects, pod, deps.nodeFolders);
  const sidecar = deps.mesh.attach(pod, network, (line) => running.get('istio-proxy')?.log.append('stdout', line));

  return {
    ip,
    start(containerName, added) {
      const known = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
      const spec = added ?? known.find((candidate) => candidate.name === containerName);
      if (spec === undefined) {
        throw new Error(`pod ${pod.metadata.name} has no container "${containerName}": start one of its spec`);
      }
      const started = startContainer(deps, pod, spec, { ip, network, folders });
      running.get(containerName)?.container.killAll();
      running.set(containerName, started);
      return started.handle;
    },
    dialLocal: (port) => dialLocal(network, port),
    dialFromNode: (port) => dialFromNode(network, port, pod.status?.hostIP),
    dispose() {
      for (const { container } of running.values()) container.killAll();
      running.clear();
      sidecar?.dispose();
      network.dispose();
    },
  };
}

function startContainer(
  deps: SandboxDependencies,
  pod: PodObject,
  spec: ContainerSpec,
  { ip, network, folders }: { ip: string; network: PodNetwork; folders: VolumeFolders },
): { container: Container; log: ContainerLogBuffer; handle: RunningContainer } {
  const image = deps.catalogue.find(spec.image);
  if (image === undefined) throw new Error(`image "${spec.image}" is not in the catalogue: ask hasImage first`);
  const environment = containerEnvironment(deps.objects, pod, spec, ip, image.environment ?? {});
  const uid = spec.securityContext?.runAsUser ?? pod.spec?.securityContext?.runAsUser ?? image.user?.uid ?? 0;
  if (!environment.has('PATH')) {
    environment.set('PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin');
  }
  if (!environment.has('HOME')) {
    environment.set('HOME', uid === 0 ? '/root' : uid === image.user?.uid ? image.user.home : '/');
  }
  const id = Buffer.from(deps.randomBytes(32)).toString('hex');
  const log = new ContainerLogBuffer(() => deps.clock.now());
  const container = new Container({
    id,
    name: spec.name,
    hostname: pod.spec?.hostname ?? pod.metadata.name,
    image,
    network,
    clock: deps.clock,
    randomBytes: deps.randomBytes,
    uid,
    environment,
    workingDirectory: spec.workingDir ?? image.workingDirectory ?? '/',
    populate: (files, self) =>
      populateFiles(files, self, { objects: deps.objects, tokens: deps.tokens, folders, pod, spec, ip }),
  });

  const expand = (word: string): string => expandReferences(word, environment);
  const command = spec.command ?? image.entrypoint ?? [];
  // Kubernetes: `command` without `args` drops the image's CMD as well.
  const rest = spec.args ?? (spec.command === undefined ? (image.command ?? []) : []);
  const args = [...command, ...rest].map(expand);
  const streams = createMainStreams(log, spec);
  const main = spawnMain(container, args, streams);
  const exited = main.exited.then((status) => {
    log.finish();
    streams.finish();
    container.killAll();
    return status;
  });

  const handle: RunningContainer = {
    id,
    exited,
    log,
    exec: (commandLine, io) => exec(container, main, commandLine, io),
    attach: (io) => streams.attach(io),
    stop(graceMs) {
      main.signal('TERM');
      if (!main.isAlive) return;
      const cancel = deps.clock.schedule(graceMs, () => container.killAll());
      void main.exited.then(cancel);
    },
    listensOn: (port) => network.listensOn(port),
  };
  return { container, log, handle };
}

function spawnMain(container: Container, args: readonly string[], { descriptors, tty }: MainStreams): Process {
  let program: Program;
  let argv = args;
  try {
    ({ program, args: argv } = findProgram(container, args));
  } catch (error) {
    if (!(error instanceof ExecError)) throw error;
    // containerd: a container whose command cannot be started ends with 128.
    const { message } = error;
    program = async (process) => {
      await process.printError(`${message}\n`);
      return 128;
    };
  }
  const environment = new Map(container.environment);
  if (tty !== null) environment.set('TERM', 'xterm');
  return container.spawn(program, {
    args: argv,
    environment,
    workingDirectory: container.workingDirectory,
    uid: container.uid,
    descriptors,
    parent: null,
    tty,
  });
}

function findProgram(container: Container, args: readonly string[]): { program: Program; args: readonly string[] } {
  const [word = ''] = args;
  const found = resolveProgram(container, args, {
    workingDirectory: container.workingDirectory,
    searchPath: container.environment.get('PATH'),
    uid: container.uid,
  });
  if ('program' in found) return found;
  const prefix = 'OCI runtime exec failed: exec failed: unable to start container process: exec: ';
  if (found.failure === 'denied') {
    throw new ExecError(`${prefix}${JSON.stringify(word)}: permission denied: unknown`, 126);
  }
  const problem = word.includes('/') ? `stat ${word}: no such file or directory` : 'executable file not found in $PATH';
  throw new ExecError(`${prefix}${JSON.stringify(word)}: ${problem}: unknown`, 127);
}

function exec(container: Container, main: Process, command: readonly string[], io: ProcessIo): RunningProcess {
  if (!main.isAlive) {
    throw new ExecError('cannot exec in a stopped container: unknown', 126);
  }
  const { program, args } = findProgram(container, command);
  const tty = io.terminal === null ? null : new Tty(io.stdin, io.stdout, io.terminal);
  const descriptors = tty === null ? plainDescriptors(io.stdin, io.stdout, io.stderr) : terminalDescriptors(tty);
  const environment = new Map(container.environment);
  if (tty !== null) environment.set('TERM', 'xterm');
  const process = container.spawn(program, {
    args,
    environment,
    workingDirectory: container.workingDirectory,
    uid: container.uid,
    descriptors,
    parent: null,
    tty,
  });
  return {
    exited: process.exited,
    resize(size) {
      if (tty !== null) tty.size = size;
    },
    kill: () => process.killTree(),
  };
}

function plainDescriptors(stdin: Readable | null, stdout: Writable, stderr: Writable): Map<number, Descriptor> {
  return new Map([
    [0, new Descriptor(stdin === null ? nullFile : readableFile(stdin))],
    [1, new Descriptor(writableFile(stdout))],
    [2, new Descriptor(writableFile(stderr))],
  ]);
}
