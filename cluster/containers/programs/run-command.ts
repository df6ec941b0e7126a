import type { Process } from '../process/process.ts';
import { toolName, isGnu } from './options.ts';
import { resolveProgram } from './resolve.ts';

/** Runs another command in place of the process, as `env` and `timeout` do. 127 when there is none. */
export async function runCommand(
  process: Process,
  args: readonly string[],
  environment: ReadonlyMap<string, string> = process.environment,
): Promise<number> {
  const resolved = resolveProgram(process.container, args, {
    workingDirectory: process.workingDirectory,
    searchPath: environment.get('PATH'),
    uid: process.uid,
  });
  if ('failure' in resolved) {
    const denied = resolved.failure === 'denied';
    const reason = denied ? 'Permission denied' : 'No such file or directory';
    const word = args[0] ?? '';
    await process.printError(
      toolName(process) === 'xargs'
        ? `xargs: ${word}: ${reason}\n`
        : isGnu(process)
          ? `${toolName(process)}: '${word}': ${reason}\n`
          : `${toolName(process)}: can't execute '${word}': ${reason}\n`,
    );
    return denied ? 126 : 127;
  }
  const child = process.container.spawn(resolved.program, {
    args: resolved.args,
    environment,
    workingDirectory: process.workingDirectory,
    uid: process.uid,
    descriptors: new Map([...process.descriptors].map(([number, descriptor]) => [number, descriptor.duplicate()])),
    parent: process,
    tty: process.tty,
  });
  return process.race(child.exited);
}
