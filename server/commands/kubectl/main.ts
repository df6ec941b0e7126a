import { runProgram } from './program.ts';

/**
 * `kubectl` and `oc`, bundled to one file. The name comes from TALLER_COMMAND, which the small programs on the
 * learner's PATH set, because a bundle started with `node FILE` has no other way to know what it was called.
 */
const program = process.env.TALLER_COMMAND === 'oc' ? 'oc' : 'kubectl';

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

// No top-level await: the bundle is CommonJS, which starts faster.
void runProgram(program, process.argv.slice(2), io).then((exitCode) => {
  // Output to a pipe may still be under way. Not waiting for the event loop to empty saves the idle time of
  // kept connections.
  process.stdout.write('', () => process.exit(exitCode));
});
