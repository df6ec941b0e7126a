import { constants } from 'node:os';
import { UserError } from '../errors.ts';
import { didYouMean } from '../lessons/nearest.ts';
import { check } from './check.ts';
import { createLesson } from './new.ts';
import { record } from './record.ts';
import { run } from './run.ts';
import { serve } from './serve.ts';

const USAGE = `Taller: learn kubectl, oc and service meshes in a browser terminal.

Usage:
  taller serve [--watch] [--port N] [--host ADDRESS] [--allow-host NAME] [--lessons DIR]
      Serves the lessons. Default: http://127.0.0.1:3000 and the lessons of this package.
  taller check [PATH…] [--locale en,es] [--fix [--from LOCALE]] [--cluster CONTEXT] [--json FILE] [--junit FILE]
      Reads lessons, runs every block and check in a fresh session per language, and puts the checks to the test.
      --fix first writes into translations what they lack. Reports go to a file, or to standard output with "-".
      Lessons with environment: kubeconfig run on the cluster of that context of your KUBECONFIG.
  taller new PATH [--en TITLE] [--es TITLE] [--yes]
      Writes a small lesson that passes its check, to begin from.
  taller record LESSON [--all]
      Runs the commands of a lesson and writes what they print below them.
  taller run [--istio VERSION] [--openshift] [--setup DIR] -- COMMAND [ARGUMENT…]
      Runs a command with a fresh embedded cluster behind kubectl and KUBECONFIG.
  taller help | --help | --version
`;

const COMMANDS = ['serve', 'check', 'new', 'record', 'run'];

/** @returns the exit status of the process. */
async function main(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  switch (command) {
    case 'serve':
      return serve(rest);
    case 'check':
      endOnSignals();
      return check(rest);
    case 'new':
      return createLesson(rest);
    case 'record':
      endOnSignals();
      return record(rest);
    case 'run':
      return run(rest);
    case '--version':
    case 'version':
      process.stdout.write(`taller ${TALLER_VERSION}\n`);
      return 0;
    case 'help':
    case '--help':
    case '-h':
      process.stdout.write(USAGE);
      return 0;
    case undefined:
      process.stderr.write(USAGE);
      return 2;
    default:
      throw new UserError(
        'BAD_ARGUMENTS',
        `Unknown command "${command}". Use ${COMMANDS.join(', ')}; see taller --help.${didYouMean(command, COMMANDS)}`,
      );
  }
}

/** Ends as a signal does, but by way of `exit`, where the folder of this process is removed. */
function endOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
  }
}

/** Written into the bundle by `build.mjs`, from package.json. */
declare const TALLER_VERSION: string;

// Whoever reads no further, as `taller check | head`, has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(1);
});

main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    process.stderr.write(error instanceof UserError ? `taller: ${error.message}\n` : `${(error as Error).stack}\n`);
    process.exitCode = error instanceof UserError && error.code === 'BAD_ARGUMENTS' ? 2 : 1;
  },
);
