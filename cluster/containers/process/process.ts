import type { Container } from '../container.ts';
import { BrokenPipeError, type Descriptor, nullFile, type OpenFile } from './open-file.ts';
import { SIGNALS, type SignalName } from './signals.ts';
import type { Tty } from './tty.ts';

/** A program: reads and writes through its process and returns the exit status, 0 to 255. */
export type Program = (process: Process) => Promise<number> | number;

/** Thrown from a wait of a process that was killed; unwinds the program. */
export class Killed extends Error {
  override name = 'Killed';
}

/** The container has no more of something to give; `message` is what the program says, status 2. */
export class ResourceLimit extends Error {
  override name = 'ResourceLimit';
}

/** Thrown to go on as another program, as execve does; `args` and `environment` are the new program's. */
export class ReplaceProgram extends Error {
  override name = 'ReplaceProgram';
  readonly program: Program;
  readonly args: readonly string[];
  readonly environment: ReadonlyMap<string, string>;
  constructor(program: Program, args: readonly string[], environment: ReadonlyMap<string, string>) {
    super('exec');
    this.program = program;
    this.args = args;
    this.environment = environment;
  }
}

export interface ProcessOptions {
  /** As in `argv`: the first is the name. */
  args: readonly string[];
  environment: ReadonlyMap<string, string>;
  workingDirectory: string;
  uid: number;
  /** Owned by the process from now on. */
  descriptors: Map<number, Descriptor>;
  parent: Process | null;
  tty: Tty | null;
}

/** Bytes that a program may hold of its input. */
const MAX_INPUT_BYTES = 16 * 1024 * 1024;

/** Bytes of one line. */
const MAX_LINE_BYTES = 1024 * 1024;

/** Lines that a program may look at before others get their turn. */
const BREATH_LINES = 1024;

/** What a program may hold back of its output, as stdio does for what is no terminal. UTF-16 units. */
const OUTPUT_BUFFER = 16_384;

/** Bytes that a program may produce before others get their turn. */
const BREATH_BYTES = 262_144;

/** A process in a container. Everything that waits goes through it, so that a signal ends it wherever it is. */
export class Process {
  readonly pid: number;
  readonly container: Container;
  args: readonly string[];
  environment: Map<string, string>;
  readonly uid: number;
  readonly parent: Process | null;
  readonly tty: Tty | null;
  readonly exited: Promise<number>;
  readonly startedAt: number;
  workingDirectory: string;
  /** Not reached by the terminal's Ctrl-C. */
  background = false;
  readonly descriptors: Map<number, Descriptor>;

  #exitStatus: number | null = null;
  #resolveExit!: (status: number) => void;
  #killed: Killed | null = null;
  #killStatus = 0;
  readonly #abandon = new Set<(reason: Error) => void>();
  readonly #handlers = new Map<SignalName, () => void>();
  readonly #children = new Set<Process>();
  #bytesSinceBreath = 0;
  #linesSinceBreath = 0;
  #heldOutput = '';

  constructor(container: Container, pid: number, options: ProcessOptions) {
    this.container = container;
    this.pid = pid;
    this.args = options.args;
    this.environment = new Map(options.environment);
    this.workingDirectory = options.workingDirectory;
    this.uid = options.uid;
    this.descriptors = options.descriptors;
    this.parent = options.parent;
    this.tty = options.tty;
    this.background = options.parent?.background ?? false;
    this.startedAt = container.clock.now();
    this.exited = new Promise((resolve) => {
      this.#resolveExit = resolve;
    });
    if (options.parent !== null) options.parent.#children.add(this);
  }

  /** The signal that ended it; null while it lives and when it ended by itself. */
  get killedBy(): SignalName | null {
    return this.#killed === null || this.isAlive ? null : (this.#killed.message as SignalName);
  }

  get exitStatus(): number | null {
    return this.#exitStatus;
  }

  get isAlive(): boolean {
    return this.#exitStatus === null;
  }

  /** Runs the program to its end. Called once, by the container. */
  async run(program: Program): Promise<number> {
    let status: number;
    try {
      status = await program(this);
      await this.flush();
      if (this.#killed !== null) status = this.#killStatus;
    } catch (error) {
      if (error instanceof ReplaceProgram) {
        this.args = error.args;
        this.environment = new Map(error.environment);
        this.#handlers.clear();
        return this.run(error.program);
      }
      if (error instanceof Killed) status = this.#killStatus;
      else if (error instanceof BrokenPipeError) status = 128 + SIGNALS.PIPE;
      else if (error instanceof ResourceLimit) {
        this.#complain(error.message);
        status = 2;
      } else {
        // A defect of the simulated program must not take other learners' processes with it; it looks like a crash.
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
        this.#complain(`internal error of the simulation: ${text}`);
        status = 139;
      }
    }
    this.#finish(status & 0xff);
    return status & 0xff;
  }

  /** Delivers a signal: its handler, or the default of ending with 128 + n. */
  signal(name: SignalName): void {
    if (this.#exitStatus !== null || this.#killed !== null) return;
    const handler = name === 'KILL' ? undefined : this.#handlers.get(name);
    if (handler !== undefined) {
      handler();
      return;
    }
    // pid_namespaces(7): the init process gets only signals that it has a handler for, and SIGKILL from outside.
    if (this.pid === 1 && name !== 'KILL') return;
    this.#killed = new Killed(name);
    this.#killStatus = 128 + SIGNALS[name];
    for (const reject of this.#abandon) reject(this.#killed);
    this.#abandon.clear();
  }

  /** SIGKILL for the process and everything that it started. */
  killTree(): void {
    for (const child of this.#children) child.killTree();
    this.signal('KILL');
  }

  /** What to do instead of dying; the returned function restores the default. */
  onSignal(name: SignalName, handler: () => void): () => void {
    this.#handlers.set(name, handler);
    return () => {
      if (this.#handlers.get(name) === handler) this.#handlers.delete(name);
    };
  }

  /** Back to the default. */
  resetSignal(name: SignalName): void {
    this.#handlers.delete(name);
  }

  /** Waits for `promise` unless the process is killed first. @throws Killed */
  race<T>(promise: Promise<T>): Promise<T> {
    if (this.#killed !== null) return Promise.reject(this.#killed);
    return new Promise<T>((resolve, reject) => {
      this.#abandon.add(reject);
      promise.then(
        (value) => {
          this.#abandon.delete(reject);
          resolve(value);
        },
        (error: unknown) => {
          this.#abandon.delete(reject);
          reject(error as Error);
        },
      );
    });
  }

  /** Makes every wait of the process fail with `reason`, though it lives on: Ctrl-C in an interactive shell. */
  interruptWaits(reason: Error): void {
    const waits = [...this.#abandon];
    this.#abandon.clear();
    for (const reject of waits) reject(reason);
  }

  /** Lets everybody else have a turn. Loops call it. @throws Killed */
  breathe(): Promise<void> {
    return this.race(new Promise((resolve) => setImmediate(resolve)));
  }

  /** @throws Killed */
  async sleep(milliseconds: number): Promise<void> {
    const timer: { cancel?: () => void } = {};
    try {
      await this.race(
        new Promise<void>((resolve) => {
          timer.cancel = this.container.clock.schedule(milliseconds, resolve);
        }),
      );
    } finally {
      timer.cancel?.();
    }
  }

  file(descriptor: number): OpenFile {
    return this.descriptors.get(descriptor)?.file ?? nullFile;
  }

  isTerminal(descriptor: number): boolean {
    return this.file(descriptor).isTerminal;
  }

  /** The next bytes from a descriptor, null at the end. @throws Killed */
  async read(descriptor = 0): Promise<Uint8Array | null> {
    if (this.#heldOutput !== '') await this.flush();
    const source = this.descriptors.get(descriptor);
    if (source === undefined) return null;
    for (;;) {
      if (this.#killed !== null) throw this.#killed;
      const bytes = source.tryRead();
      if (bytes !== undefined) {
        await this.account(bytes?.length ?? 0);
        return bytes;
      }
      await this.race(source.file.readable());
    }
  }

  /** Everything until the end, as bytes. @throws Killed; ResourceLimit when it is more than `limit` bytes. */
  async readAll(descriptor = 0, limit = MAX_INPUT_BYTES): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for (let chunk = await this.read(descriptor); chunk !== null; chunk = await this.read(descriptor)) {
      size += chunk.length;
      if (size > limit) throw new ResourceLimit('out of memory');
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  /** Lines of a descriptor without their newlines, as they come. @throws Killed; ResourceLimit for an endless one */
  lines(descriptor = 0): AsyncGenerator<string> {
    return this.linesOf(() => this.read(descriptor));
  }

  /** The same of what `next` gives, null being its end. */
  async *linesOf(next: () => Promise<Uint8Array | null>): AsyncGenerator<string> {
    let rest: Buffer = Buffer.alloc(0);
    for (let chunk = await next(); chunk !== null; chunk = await next()) {
      rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
      rest = yield* this.#linesIn(rest);
      if (rest.length > MAX_LINE_BYTES) throw new ResourceLimit('out of memory');
    }
    if (rest.length > 0) yield rest.toString('utf8');
  }

  /** Complete lines. @returns what is left */
  async *#linesIn(bytes: Buffer): AsyncGenerator<string, Buffer> {
    let start = 0;
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
      yield bytes.toString('utf8', start, end);
      start = end + 1;
      this.#linesSinceBreath += 1;
      if (this.#linesSinceBreath % BREATH_LINES === 0) await this.breathe();
    }
    return bytes.subarray(start);
  }

  /** @throws Killed, BrokenPipeError */
  async write(descriptor: number, data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    if (bytes.length === 0) return;
    const file = this.file(descriptor);
    for (;;) {
      if (this.#killed !== null) throw this.#killed;
      if (file.tryWrite(bytes)) break;
      await this.race(file.writable());
    }
    await this.account(bytes.length);
  }

  async print(text: string | Uint8Array): Promise<void> {
    if (this.#heldOutput !== '') await this.flush();
    return this.write(1, text);
  }

  /** Prints at the latest when more input is asked for or the program ends: for many short lines. @throws Killed */
  async printLater(text: string): Promise<void> {
    this.#heldOutput += text;
    if (this.#heldOutput.length >= OUTPUT_BUFFER) await this.flush();
  }

  /** Prints what was held back. @throws Killed, BrokenPipeError */
  async flush(): Promise<void> {
    const text = this.#heldOutput;
    this.#heldOutput = '';
    await this.write(1, text);
  }

  printError(text: string): Promise<void> {
    return this.write(2, text);
  }

  /** Says how many bytes were worked on: after some, everybody else gets a turn. @throws Killed */
  async account(bytes: number): Promise<void> {
    // A small cost per call too, or a loop that writes nothing much would never let go.
    this.#bytesSinceBreath += bytes + 512;
    if (this.#bytesSinceBreath < BREATH_BYTES) return;
    this.#bytesSinceBreath = 0;
    await this.breathe();
  }

  #complain(text: string): void {
    try {
      // What came before the mishap, as far as it can be written without waiting.
      if (this.#heldOutput !== '') this.file(1).tryWrite(Buffer.from(this.#heldOutput));
      this.file(2).tryWrite(Buffer.from(`${this.args[0] ?? ''}: ${text}\n`));
    } catch (writeError) {
      if (!(writeError instanceof BrokenPipeError)) throw writeError;
    }
  }

  #finish(status: number): void {
    this.#exitStatus = status;
    for (const descriptor of this.descriptors.values()) descriptor.close();
    this.descriptors.clear();
    if (this.parent !== null) this.parent.#children.delete(this);
    this.#resolveExit(status);
  }
}
