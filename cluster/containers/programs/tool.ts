import { FileError, resolvePath } from '../files/file-system.ts';
import type { Process, Program } from '../process/process.ts';
import { UsageError, isGnu, toolName } from './options.ts';

/** A program whose usage errors are printed and become its exit status. */
export function tool(run: (process: Process) => Promise<number> | number): Program {
  return async (process) => {
    try {
      return await run(process);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      await process.printError(error.message);
      return error.status;
    }
  };
}

/** What the two families of tools say of a file that they cannot use: `cat: /x: …` or `cat: can't open '/x': …`. */
export async function complain(process: Process, action: string, path: string, error: unknown): Promise<void> {
  if (!(error instanceof FileError)) throw error;
  const name = toolName(process);
  const what = isGnu(process) || action === '' ? path : `can't ${action} '${path}'`;
  await process.printError(`${name}: ${what}: ${error.message}\n`);
}

/** The same for a filter's input, where most tools name the file and nothing more. */
async function complainOfInput(process: Process, path: string, error: unknown): Promise<void> {
  const name = toolName(process);
  if (isGnu(process) && (name === 'head' || name === 'tail') && error instanceof FileError) {
    await process.printError(`${name}: cannot open '${path}' for reading: ${error.message}\n`);
  } else if (isGnu(process) && name === 'sort' && error instanceof FileError) {
    await process.printError(`sort: cannot read: ${path}: ${error.message}\n`);
  } else await complain(process, name === 'tail' || name === 'uniq' ? 'open' : '', path, error);
}

/** The path as the process means it. */
export function pathOf(process: Process, path: string): string {
  return resolvePath(process.workingDirectory, path);
}

export function readFile(process: Process, path: string): Uint8Array {
  return process.container.files.read(pathOf(process, path), process.uid);
}

/**
 * The bytes of an operand as they come, null at the end; `-` is standard input.
 * @throws FileError when it cannot be opened
 */
export function openInput(process: Process, operand: string): () => Promise<Uint8Array | null> {
  if (operand === '-') return () => process.read();
  const next = process.container.files.open(pathOf(process, operand), process.uid);
  return async () => {
    const bytes = next();
    await process.account(bytes?.length ?? 0);
    return bytes;
  };
}

/**
 * The inputs of a filter, one after the other: the named files, `-` and nothing named being standard input.
 * Complains of those that cannot be read and goes on.
 * @returns whether all could be read
 */
export async function forEachInput(
  process: Process,
  operands: readonly string[],
  use: (lines: AsyncIterable<string>, name: string) => Promise<void>,
  silent = false,
): Promise<boolean> {
  return forEachSource(process, operands, (next, name) => use(process.linesOf(next), name), silent);
}

/** The same for those that look at bytes. */
export async function forEachSource(
  process: Process,
  operands: readonly string[],
  use: (next: () => Promise<Uint8Array | null>, name: string) => Promise<void>,
  silent = false,
): Promise<boolean> {
  let allRead = true;
  for (const operand of operands.length === 0 ? ['-'] : operands) {
    let next: () => Promise<Uint8Array | null>;
    try {
      next = openInput(process, operand);
    } catch (error) {
      if (!silent) await complainOfInput(process, operand, error);
      else if (!(error instanceof FileError)) throw error;
      allRead = false;
      continue;
    }
    await use(next, operand);
  }
  return allRead;
}
