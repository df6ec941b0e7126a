import type { Container } from '../container.ts';
import type { Program } from '../process/process.ts';

export interface ResolveContext {
  workingDirectory: string;
  searchPath: string | undefined;
  uid: number;
}

export type Resolved = { program: Program; args: readonly string[] } | { failure: 'missing' | 'denied' };

/** The program that a command line starts; a script starts its interpreter. */
export function resolveProgram(
  container: Container,
  args: readonly string[],
  context: ResolveContext,
  depth = 0,
): Resolved {
  const found = container.findExecutable(args[0] ?? '', context.workingDirectory, context.searchPath, context.uid);
  switch (found.kind) {
    case 'program':
      return { program: found.program, args };
    case 'script': {
      const interpreter = found.interpreter.length > 0 ? found.interpreter : ['/bin/sh'];
      // Linux allows a script as an interpreter, 4 levels deep.
      if (depth >= 4) return { failure: 'missing' };
      return resolveProgram(
        container,
        [...interpreter, args[0]?.includes('/') === true ? args[0] : found.path, ...args.slice(1)],
        context,
        depth + 1,
      );
    }
    case 'missing':
    case 'denied':
      return { failure: found.kind };
    default: {
      const never: never = found;
      return never;
    }
  }
}
