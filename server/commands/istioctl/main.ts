import { runProgram } from './program.ts';

/** `istioctl`, bundled to one file. */

// `istioctl pc … | head -1` closes our stdout early. As a Go program does, end without a stack.
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
void runProgram(process.argv.slice(2), io).then((exitCode) => {
  // Output to a pipe may still be under way.
  process.stdout.write('', () => process.exit(exitCode));
});
