import type { Program } from '../process/process.ts';
import { toolName } from './options.ts';

const made = new Set<Program>();

/** A program that the image has and the simulation has not; says so, and what there is in its place. */
export function notSimulated(instead: string): Program {
  const program: Program = async (process) => {
    await process.printError(`${toolName(process)}: not simulated here. ${instead}\n`);
    return 1;
  };
  made.add(program);
  return program;
}

/** Whether a program only says that it is not simulated. */
export function isNotSimulated(program: Program): boolean {
  return made.has(program);
}
