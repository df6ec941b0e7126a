import { start } from '../start.ts';
import { runProgram } from './program.ts';

/**
 * `kubectl` and `oc`, bundled to one file. The name comes from TALLER_COMMAND, which the small programs on the
 * learner's PATH set, because a bundle started with `node FILE` has no other way to know what it was called.
 */
const program = process.env.TALLER_COMMAND === 'oc' ? 'oc' : 'kubectl';

start((args, io) => runProgram(program, args, io));
