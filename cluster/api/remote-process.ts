import { createHash } from 'node:crypto';
import { PassThrough, Writable } from 'node:stream';
import {
  type ContainerLog,
  ExecError,
  type RunningContainer,
  type RunningProcess,
  type TerminalSize,
} from '../containers/runtime.ts';
import { exitStatus, failureStatus } from './exec-status.ts';

/** One connection that carries a process: WebSocket channels or SPDY streams. */
export interface RemoteStreams {
  /** Sends output. `drained` is called when more may come. */
  send(stream: 'stdout' | 'stderr', data: Buffer, drained: () => void): void;
  /** Sends the final status on the error stream, after all output, and closes. */
  finish(status: object): void;
}

export interface RemoteProcess {
  input(data: Buffer): void;
  endInput(): void;
  resize(size: TerminalSize): void;
  /** The client is gone. */
  abort(): void;
}

export interface RemoteOptions {
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
  tty: boolean;
}

// A client that sends faster than the process reads: more than this waits nowhere.
const MAX_UNREAD_INPUT_BYTES = 8 * 1024 * 1024;
const DEFAULT_SIZE: TerminalSize = { columns: 80, rows: 24 };

function outputTo(streams: RemoteStreams, name: 'stdout' | 'stderr', wanted: boolean): Writable {
  const output = new Writable({
    highWaterMark: 64 * 1024,
    write(chunk: Buffer, _encoding, done) {
      if (wanted) streams.send(name, chunk, () => done());
      else done();
    },
  });
  // A process may write after its client has gone: nobody is left to tell.
  output.on('error', () => {});
  return output;
}

// containerd names each exec by 64 random digits; these are a function of what was asked.
function execId(container: RunningContainer, command: readonly string[]): string {
  return createHash('sha256')
    .update([container.id, ...command].join('\0'))
    .digest('hex');
}

/** Runs a command in a container for a remote client. */
export function startRemoteExec(
  container: RunningContainer,
  command: readonly string[],
  options: RemoteOptions,
  streams: RemoteStreams,
): RemoteProcess {
  const stdin = options.stdin ? new PassThrough({ highWaterMark: 64 * 1024 }) : null;
  stdin?.on('error', () => {});
  const stdout = outputTo(streams, 'stdout', options.stdout);
  const stderr = options.tty ? stdout : outputTo(streams, 'stderr', options.stderr);
  let process: RunningProcess | undefined;
  let over = false;
  const finish = (status: object) => {
    if (over) return;
    over = true;
    streams.finish(status);
  };
  try {
    process = container.exec(command, { stdin, stdout, stderr, terminal: options.tty ? DEFAULT_SIZE : null });
    process.exited.then(
      async (code) => {
        await flushed(stdout);
        if (stderr !== stdout) await flushed(stderr);
        finish(exitStatus(code));
      },
      (error: unknown) => finish(failureStatus(String(error))),
    );
  } catch (error) {
    if (!(error instanceof ExecError)) throw error;
    const status =
      error.exitCode === 126 || error.exitCode === 127
        ? failureStatus(
            `Internal error occurred: error executing command in container: failed to exec in container: failed to start exec ${JSON.stringify(execId(container, command))}: ${error.message}`,
          )
        : failureStatus(error.message);
    // After the caller has set its streams up.
    setImmediate(() => finish(status));
  }
  return {
    input(data) {
      if (!stdin || stdin.writableEnded) return;
      if (stdin.writableLength + data.length > MAX_UNREAD_INPUT_BYTES) stdin.destroy();
      else stdin.write(data);
    },
    endInput: () => void stdin?.end(),
    resize: (size) => process?.resize(size),
    abort() {
      if (over) return;
      over = true;
      stdin?.destroy();
      process?.kill();
    },
  };
}

/** Shows the output of a container's main process from now on. Its standard input is not connected. */
export function startRemoteAttach(
  container: RunningContainer,
  log: ContainerLog,
  streams: RemoteStreams,
): RemoteProcess {
  let over = false;
  const stop = log.follow((line) => {
    if (!over) streams.send(line.stream, Buffer.from(`${line.text}\n`), () => {});
  });
  void container.exited.then((code) =>
    setImmediate(() => {
      if (over) return;
      over = true;
      stop();
      streams.finish(exitStatus(code));
    }),
  );
  return {
    input: () => {},
    endInput: () => {},
    resize: () => {},
    abort() {
      over = true;
      stop();
    },
  };
}

function flushed(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.writableFinished || stream.destroyed) return resolve();
    stream.end(() => resolve());
    stream.on('close', () => resolve());
  });
}
