import type { Io } from './kubectl/io.ts';

/** Runs a bundled program with this process's streams, and ends with its exit code. */
export function start(program: (args: string[], io: Io) => Promise<number>): void {
  // `kubectl get … | head -1` closes our stdout early. As a Go program does, end without a stack.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(141); // 128 + SIGPIPE
  });

  const io = {
    // Getters, because making these streams takes time and most runs need only stdout.
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    get stderr() {
      return process.stderr;
    },
    env: process.env,
    cwd: process.cwd(),
    now: () => Date.now(),
  };

  void program(process.argv.slice(2), io).then((exitCode) => {
    // Output to a pipe may still be under way. Not waiting for the event loop to empty saves the idle time of
    // kept connections.
    process.stdout.write('', () => process.exit(exitCode));
  });
}
