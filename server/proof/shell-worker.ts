import { runTestCommand, type RunTestResult } from '../session/run-test.ts';

/**
 * Starts shells for a large process, from a small one: to fork takes the longer the more memory a process has, and this
 * one has next to none. It ends with the connection to its parent.
 */
export type ShellRequest =
  | { type: 'run'; id: number; test: Parameters<typeof runTestCommand>[0]; cwd: string; env: Record<string, string> }
  | { type: 'abort'; id: number };
export type ShellAnswer = { id: number; result: RunTestResult } | { id: number; error: string };

const running = new Map<number, AbortController>();

process.on('message', (request: ShellRequest) => {
  const { id } = request;
  if (request.type === 'abort') return running.get(id)?.abort();
  const abort = new AbortController();
  running.set(id, abort);
  const answer = (message: ShellAnswer) => {
    running.delete(id);
    process.send!(message);
  };
  runTestCommand(request.test, { cwd: request.cwd, env: request.env, signal: abort.signal }).then(
    (result) => answer({ id, result }),
    (error: unknown) => answer({ id, error: (error as Error).message }),
  );
});
process.on('disconnect', () => process.exit(0));
