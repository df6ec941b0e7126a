import type { Clock, RandomBytes } from '../clock.ts';
import type { PodNetwork } from '../network/network.ts';
import { FileSystem, allows, resolvePath, FileError } from './files/file-system.ts';
import type { Image } from './images/image.ts';
import { Process, ResourceLimit, type ProcessOptions, type Program } from './process/process.ts';

export interface ContainerOptions {
  id: string;
  name: string;
  hostname: string;
  image: Image;
  network: PodNetwork;
  clock: Clock;
  randomBytes: RandomBytes;
  uid: number;
  environment: ReadonlyMap<string, string>;
  workingDirectory: string;
  /** Fills the file system; called once, when a file is first looked at. */
  populate: (files: FileSystem, container: Container) => void;
}

/** What a command line's first word leads to. */
export type Executable =
  | { kind: 'program'; path: string; program: Program }
  /** A text file; `interpreter` is what its first line names, empty for the shell. */
  | { kind: 'script'; path: string; interpreter: string[] }
  | { kind: 'missing' }
  | { kind: 'denied'; path: string };

/** Processes that one container may have at a time; a fork bomb ends here. */
const MAX_PROCESSES = 256;

/** The inside of one running container: its files, its processes and its place in the network. */
export class Container {
  readonly id: string;
  readonly name: string;
  readonly hostname: string;
  readonly image: Image;
  readonly network: PodNetwork;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly uid: number;
  readonly environment: ReadonlyMap<string, string>;
  readonly workingDirectory: string;
  readonly processes = new Map<number, Process>();
  readonly #populate: ContainerOptions['populate'];
  #files: FileSystem | null = null;
  #nextPid = 1;

  constructor(options: ContainerOptions) {
    this.id = options.id;
    this.name = options.name;
    this.hostname = options.hostname;
    this.image = options.image;
    this.network = options.network;
    this.clock = options.clock;
    this.randomBytes = options.randomBytes;
    this.uid = options.uid;
    this.environment = options.environment;
    this.workingDirectory = options.workingDirectory;
    this.#populate = options.populate;
  }

  get files(): FileSystem {
    if (this.#files === null) {
      this.#files = new FileSystem(() => this.clock.now());
      this.#populate(this.#files, this);
    }
    return this.#files;
  }

  /** As execvp does. */
  findExecutable(word: string, workingDirectory: string, searchPath: string | undefined, uid: number): Executable {
    const candidates = word.includes('/')
      ? [resolvePath(workingDirectory, word)]
      : (searchPath ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin')
          .split(':')
          .map((folder) => resolvePath(workingDirectory, `${folder === '' ? '.' : folder}/${word}`));
    let denied: string | null = null;
    for (const path of candidates) {
      let node;
      try {
        node = this.files.find(path, { uid });
      } catch (error) {
        if (!(error instanceof FileError)) throw error;
        if (error.code === 'EACCES') denied ??= path;
        continue;
      }
      if (node.kind !== 'file' || !(uid === 0 ? (node.mode & 0o111) !== 0 : allows(node, uid, 1))) {
        denied ??= path;
        continue;
      }
      if (node.program !== undefined) return { kind: 'program', path, program: node.program };
      const firstLine = /^#![ \t]*([^\n]*)/.exec(Buffer.from(node.content.subarray(0, 256)).toString('utf8'));
      return { kind: 'script', path, interpreter: firstLine?.[1]?.trim().split(/[ \t]+/) ?? [] };
    }
    return denied === null ? { kind: 'missing' } : { kind: 'denied', path: denied };
  }

  /** Starts a process; it runs until `exited`. @throws ResourceLimit when there are too many. */
  spawn(program: Program, options: ProcessOptions): Process {
    if (this.processes.size >= MAX_PROCESSES) {
      for (const descriptor of options.descriptors.values()) descriptor.close();
      throw new ResourceLimit("can't fork: Resource temporarily unavailable");
    }
    const process = new Process(this, this.#nextPid, options);
    this.#nextPid += 1;
    this.processes.set(process.pid, process);
    options.tty?.processes.add(process);
    void process.run(program).then(() => {
      this.processes.delete(process.pid);
      options.tty?.processes.delete(process);
    });
    return process;
  }

  /** SIGKILL for all. */
  killAll(): void {
    for (const process of this.processes.values()) process.signal('KILL');
  }
}
