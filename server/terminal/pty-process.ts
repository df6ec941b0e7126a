import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { spawn, type IPty } from 'node-pty';

export interface PtyOptions {
  /** Absolute path of the program. */
  file: string;
  args: string[];
  cwd: string;
  /** All of the environment; nothing of the server's own is added. */
  env: Record<string, string>;
  columns: number;
  rows: number;
}

export interface PtyListener {
  data(chunk: Uint8Array): void;
  /** The program has ended and all of its output was given. 128 + n when signal n ended it. */
  exit(code: number): void;
}

/** A program in a pty. */
export interface PtyProcess {
  readonly pid: number;
  write(data: string): void;
  resize(columns: number, rows: number): void;
  pause(): void;
  resume(): void;
  /** Hangs up: SIGHUP for the program and its jobs, then the pty is closed. No more calls to the listener. */
  dispose(): void;
}

/** What the typings of node-pty leave out. */
interface UnixPty extends IPty {
  readonly fd: number;
  readonly ptsName: string;
  destroy(): void;
}

/** First and longest wait before a full input queue is tried again. */
const RETRY_MS = { first: 2, longest: 50 };
/** Bytes of input that wait for a program to read them; further input is dropped, as a tty does that is full. */
const INPUT_LIMIT = 1024 * 1024;
/** How often a paused pty is asked whether its program still runs; must be well below node-pty's 200 ms. */
const EXIT_POLL_MS = 50;

export function openPty(options: PtyOptions, listener: PtyListener): PtyProcess {
  const { file, args, cwd, env, columns, rows } = options;
  const pty = spawn(file, args, { name: 'xterm-256color', cols: columns, rows, cwd, env, encoding: null }) as UnixPty;
  // While another end of the pty is open, the last output does not get lost with the hang-up: Node 20 and 22 drop
  // what they have not read by then (libuv#4992).
  let slave: number | null = openSlave(pty);
  const input = createInputQueue(pty.fd);
  let exitPoll: NodeJS.Timeout | null = null;
  let isOpen = true;

  pty.onData((chunk) => {
    // With `encoding: null` these are Buffers, whatever the typings say.
    if (isOpen) listener.data(chunk as unknown as Buffer);
  });
  pty.onExit(({ exitCode, signal }) => {
    if (!isOpen) return;
    close();
    listener.exit(signal ? 128 + signal : exitCode);
  });

  function close(): void {
    isOpen = false;
    input.dispose();
    if (exitPoll) clearInterval(exitPoll);
    exitPoll = null;
    if (slave !== null) closeSync(slave);
    slave = null;
  }

  function resume(): void {
    if (exitPoll) clearInterval(exitPoll);
    exitPoll = null;
    if (isOpen) pty.resume();
  }

  return {
    pid: pty.pid,
    write(data) {
      if (isOpen) input.write(data);
    },
    resize(newColumns, newRows) {
      if (isOpen) pty.resize(newColumns, newRows);
    },
    pause() {
      if (!isOpen || exitPoll) return;
      pty.pause();
      // node-pty closes its end 200 ms after the program has gone, read or not: read then, whoever is slow.
      exitPoll = setInterval(() => {
        if (!isRunning(pty.pid)) resume();
      }, EXIT_POLL_MS);
    },
    resume,
    dispose() {
      if (!isOpen) return;
      close();
      signalGroup(pty.pid, 'SIGHUP');
      // A stopped shell would not see the signal.
      signalGroup(pty.pid, 'SIGCONT');
      // Closes the pty, and with it the kernel hangs up the foreground job.
      pty.destroy();
    },
  };
}

/** @throws Error when there is no file descriptor left; the program is ended then. */
function openSlave(pty: UnixPty): number {
  try {
    return openSync(pty.ptsName, constants.O_RDWR | constants.O_NOCTTY);
  } catch (error) {
    pty.destroy();
    throw error;
  }
}

/**
 * Writes keys into the pty. The descriptor does not block, so a write is a copy in memory, in order and without the
 * detour through the thread pool; node-pty's own write spins when a program does not read.
 */
function createInputQueue(fd: number): { write(data: string): void; dispose(): void } {
  let queue: Buffer[] = [];
  let queued = 0;
  let timer: NodeJS.Timeout | null = null;
  let wait = RETRY_MS.first;

  function drain(): void {
    timer = null;
    while (queue.length > 0) {
      const written = tryWrite(fd, queue[0]!);
      queued -= written;
      if (written === queue[0]!.length) {
        queue.shift();
        wait = RETRY_MS.first;
        continue;
      }
      queue[0] = queue[0]!.subarray(written);
      wait = written > 0 ? RETRY_MS.first : Math.min(wait * 2, RETRY_MS.longest);
      timer = setTimeout(drain, wait);
      return;
    }
  }

  return {
    write(data) {
      const bytes = Buffer.from(data);
      if (queued + bytes.length > INPUT_LIMIT) return;
      queue.push(bytes);
      queued += bytes.length;
      if (!timer) drain();
    },
    dispose() {
      if (timer) clearTimeout(timer);
      queue = [];
    },
  };
}

/** @returns how many bytes went in; all of them when the other end is gone, where nobody misses them. */
function tryWrite(fd: number, bytes: Buffer): number {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EAGAIN') return 0;
    if (code === 'EIO' || code === 'EBADF') return bytes.length;
    throw error;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}
