/** exec and attach: a process of a container with a client at its standard streams, whatever carries these. */
import { createHash } from 'node:crypto';
import { type Readable, Writable } from 'node:stream';
import {
  ExecError,
  type ProcessIo,
  type RunningContainer,
  type RunningProcess,
  type TerminalSize,
} from '../containers/runtime.ts';
import { exitStatus, failureStatus } from './exec-status.ts';
import { onExit } from './on-exit.ts';

/** What the request asked to be connected. */
export interface RemoteOptions {
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
  tty: boolean;
}

/** One connection that carries a process: WebSocket channels or SPDY streams. Null for what was not asked for. */
export interface RemoteStreams {
  stdin: Readable | null;
  stdout: Writable | null;
  stderr: Writable | null;
  /** Sends the final status on the error stream, and closes. Called once, after all output is on its way. */
  finish(status: object): void;
}

export interface RemoteProcess {
  resize(size: TerminalSize): void;
  /** The client is gone. */
  abort(): void;
}

/** Starts what the request asked for, once its streams are there. */
export type StartRemote = (streams: RemoteStreams) => RemoteProcess;

const FIRST_SIZE: TerminalSize = { columns: 80, rows: 24 };

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
  const io = ioOf(streams, options);
  let process: RunningProcess | undefined;
  let over = false;
  const finish = (status: object) => {
    if (over) return;
    over = true;
    streams.finish(status);
  };
  try {
    process = container.exec(command, io);
    process.exited.then(
      async (code) => {
        await flush(io);
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
    setImmediate(() => void flush(io).then(() => finish(status)));
  }
  return {
    resize: (size) => process?.resize(size),
    abort() {
      if (over) return;
      over = true;
      io.stdin?.destroy();
      process?.kill();
    },
  };
}

/** Joins a container's main process until it ends or the client leaves. Its exit status is the pod's to tell. */
export function startRemoteAttach(
  container: RunningContainer,
  options: RemoteOptions,
  streams: RemoteStreams,
): RemoteProcess {
  const io = ioOf(streams, options);
  const attachment = container.attach(io);
  let over = false;
  const forget = onExit(container, () => {
    void flush(io).then(() => {
      if (over) return;
      over = true;
      streams.finish(exitStatus(0));
    });
  });
  return {
    resize: (size) => attachment.resize(size),
    abort() {
      if (over) return;
      over = true;
      forget();
      attachment.detach();
    },
  };
}

function ioOf({ stdin, stdout, stderr }: RemoteStreams, { tty }: RemoteOptions): ProcessIo {
  const out = stdout ?? nowhere();
  return { stdin, stdout: out, stderr: tty ? out : (stderr ?? nowhere()), terminal: tty ? FIRST_SIZE : null };
}

function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}

/** Resolves when all output has been sent, or will never be. */
async function flush({ stdout, stderr }: ProcessIo): Promise<void> {
  await flushed(stdout);
  if (stderr !== stdout) await flushed(stderr);
}

function flushed(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.writableFinished || stream.destroyed) return resolve();
    stream.on('close', () => resolve());
    stream.end(() => resolve());
  });
}
