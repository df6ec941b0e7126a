import { close, createReadStream, openSync, readFileSync, readlinkSync, write } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { type Readable, Writable } from 'node:stream';
import { isatty } from 'node:tty';
import { runProgram } from './program.ts';

/**
 * Runs the command lines of many short processes in this one, for those who run hundreds and wait: starting Node takes
 * longer than most commands do. Each process says `TOKEN PID PROGRAM` on a connection and waits for the exit status, or
 * for `cold`, when it has to do the work itself: what it writes to cannot be opened a second time, as a socket.
 *
 * Its words, variables, folder and files are read from /proc, so this needs Linux. Its standard files are asked for as
 * 6, 7 and 8: while a shell writes to a connection, that stands in the place of its output.
 *
 * Prints its port when it listens and ends with its standard input. The token comes from TALLER_TOKEN.
 */
const token = process.env.TALLER_TOKEN;

const server = createServer((socket) => {
  let asked = '';
  socket.setEncoding('utf8');
  // A shell that was killed hangs up; its command has nobody to tell.
  socket.on('error', () => socket.destroy());
  const read = (chunk: string) => {
    asked += chunk;
    if (!asked.includes('\n')) return;
    socket.off('data', read);
    const [given, pid = '', program = ''] = asked.trim().split(' ');
    if (given !== token || !/^\d+$/.test(pid)) return void socket.destroy();
    runFor(Number(pid), program, socket).then(
      (answer) => socket.end(`${answer}\n`),
      (error: unknown) => {
        process.stderr.write(`${(error as Error).stack}\n`);
        socket.end('70\n');
      },
    );
  };
  socket.on('data', read);
});

/** @returns the answer. */
async function runFor(pid: number, program: string, socket: Socket): Promise<string> {
  const proc = `/proc/${pid}`;
  // bash, its script, then the words.
  const words = readList(`${proc}/cmdline`).slice(2);
  const env = Object.fromEntries(
    readList(`${proc}/environ`).map((line): [string, string] => {
      const equals = line.indexOf('=');
      return [line.slice(0, equals), line.slice(equals + 1)];
    }),
  );
  const output = new Output(() => socket.destroyed);
  if (!output.open(1, `${proc}/fd/7`) || !output.open(2, `${proc}/fd/8`)) {
    await output.end();
    return 'cold';
  }
  let stdin: Readable | undefined;
  const io = {
    get stdin() {
      stdin ??= createReadStream(`${proc}/fd/6`);
      return stdin;
    },
    stdout: output.stream(1),
    stderr: output.stream(2),
    env,
    cwd: readlinkSync(`${proc}/cwd`),
    now: () => Date.now(),
  };
  try {
    return String(await runProgram(program, words, io));
  } finally {
    stdin?.destroy();
    await output.end();
  }
}

function readList(file: string): string[] {
  return readFileSync(file, 'utf8').split('\0').slice(0, -1);
}

/** Writes to both streams of a process in the order of the calls, as writing to files and pipes at once would. */
class Output {
  readonly #isGone: () => boolean;
  readonly #files = new Map<number, number>();
  #last: Promise<void> = Promise.resolve();

  constructor(isGone: () => boolean) {
    this.#isGone = isGone;
  }

  /** @returns false when it cannot be opened. */
  open(fd: 1 | 2, path: string): boolean {
    try {
      // Opened for appending: a shell that goes on writing to the same file does not overwrite it.
      this.#files.set(fd, openSync(path, 'a'));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENXIO') return false;
      throw error;
    }
  }

  stream(fd: 1 | 2): Writable {
    const stream = new Writable({
      decodeStrings: true,
      write: (chunk: Buffer, _encoding, done) => {
        this.#last = this.#last.then(() => this.#write(fd, chunk));
        // At once, or the stream would keep the next chunk back behind one of the other stream.
        done();
      },
    });
    return Object.assign(stream, { isTTY: isatty(this.#files.get(fd)!) });
  }

  async #write(fd: 1 | 2, chunk: Buffer): Promise<void> {
    if (this.#isGone()) return;
    const file = this.#files.get(fd)!;
    for (let at = 0; at < chunk.length;) {
      const written = await new Promise<number>((resolve) => {
        // A reader that has enough closes the pipe: what is left to say is of no interest.
        write(file, chunk, at, (error, count) => resolve(error ? chunk.length : count));
      });
      at += written;
    }
  }

  async end(): Promise<void> {
    await this.#last;
    for (const file of this.#files.values()) close(file);
  }
}

process.stdin.on('end', () => process.exit(0)).resume();
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) process.stdout.write(`${address.port}\n`);
});
