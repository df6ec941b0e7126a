import { PassThrough, Writable } from 'node:stream';
import type { ContainerLogBuffer } from './container-log.ts';
import type { ContainerSpec } from './pod-spec.ts';
import { readableFile } from './process/node-streams.ts';
import { Descriptor, nullFile, type OpenFile } from './process/open-file.ts';
import { Tty } from './process/tty.ts';
import { Waiters } from './process/waiters.ts';
import type { Attachment, ProcessIo } from './runtime.ts';

/** What a terminal has before anyone looks at it. */
const FIRST_SIZE = { columns: 80, rows: 24 };

/** The standard streams of a container's main process: its log, and the clients that join and leave. */
export interface MainStreams {
  readonly descriptors: Map<number, Descriptor>;
  /** Null unless the container has `tty: true`. */
  readonly tty: Tty | null;
  attach(io: ProcessIo): Attachment;
  /** The main process has ended. */
  finish(): void;
}

type Output = 'stdout' | 'stderr';

/**
 * As containerd keeps them: with `stdin: true` the input stays open, and empty, until a client sends some; with
 * `stdinOnce` it ends with the first client's. Without, it is `/dev/null`. A client that does not read what it gets
 * holds the process up.
 */
export function createMainStreams(
  log: ContainerLogBuffer,
  { stdin = false, stdinOnce = false, tty = false }: Pick<ContainerSpec, 'stdin' | 'stdinOnce' | 'tty'>,
): MainStreams {
  const clients = new Set<ProcessIo>();
  const waiters = new Waiters();
  const input = stdin ? new PassThrough({ highWaterMark: 64 * 1024 }) : null;

  const output = (name: Output): OpenFile => {
    const stuck = (): boolean => [...clients].some((client) => client[name].writableNeedDrain);
    return {
      ...nullFile,
      tryWrite(bytes) {
        if (stuck()) return false;
        log[name].tryWrite(bytes);
        for (const client of clients) client[name].write(bytes);
        return true;
      },
      writable: () => (stuck() ? waiters.wait() : Promise.resolve()),
    };
  };

  const stdout = output('stdout');
  const terminal = tty ? new Tty(input, asStream(stdout), FIRST_SIZE) : null;

  function leave(client: ProcessIo): void {
    if (!clients.delete(client)) return;
    if (input && client.stdin) {
      client.stdin.unpipe(input);
      if (stdinOnce) input.end();
    }
    waiters.wake();
  }

  return {
    tty: terminal,
    descriptors: terminal ? terminalDescriptors(terminal) : plainDescriptors(input, stdout, output('stderr')),
    attach(client) {
      clients.add(client);
      if (client.terminal && terminal) terminal.size = client.terminal;
      if (client.stdin && input && !input.writableEnded) client.stdin.pipe(input, { end: stdinOnce });
      else client.stdin?.resume();
      const gone = (): void => leave(client);
      for (const stream of [client.stdout, client.stderr]) {
        stream.on('drain', () => waiters.wake());
        stream.on('close', gone);
        stream.on('error', gone);
      }
      return {
        resize(size) {
          if (terminal) terminal.size = size;
        },
        detach: gone,
      };
    },
    finish() {
      for (const client of clients) leave(client);
      input?.destroy();
    },
  };
}

/** For a terminal, which writes to a stream. */
function asStream(file: OpenFile): Writable {
  const write = (chunk: Buffer, done: () => void): void => {
    if (file.tryWrite(chunk)) done();
    else void file.writable().then(() => write(chunk, done));
  };
  return new Writable({ write: (chunk: Buffer, _encoding, done) => write(chunk, done) });
}

function plainDescriptors(input: PassThrough | null, stdout: OpenFile, stderr: OpenFile): Map<number, Descriptor> {
  return new Map([
    [0, new Descriptor(input ? readableFile(input) : nullFile)],
    [1, new Descriptor(stdout)],
    [2, new Descriptor(stderr)],
  ]);
}

/** Standard input, output and error of a process that has a terminal. */
export function terminalDescriptors(tty: Tty): Map<number, Descriptor> {
  const terminal = new Descriptor(tty.file);
  return new Map([
    [0, terminal],
    [1, terminal.duplicate()],
    [2, terminal.duplicate()],
  ]);
}
