import { start } from '../start.ts';
import { runProgram } from './program.ts';

/** `istioctl`, bundled to one file. */
start(runProgram);
