import { fork } from 'node:child_process';
import type { RunCommand, RunTestResult } from '../session/run-test.ts';
import type { ShellAnswer, ShellRequest } from './shell-worker.ts';

/** Runs commands as `runTestCommand` does, from a process of its own. */
export interface ShellHost {
  run: RunCommand;
  dispose(): void;
}

/** @param program the bundle of `shell-worker.ts`. */
export function startShellHost(program: string): ShellHost {
  const child = fork(program, { stdio: 'inherit' });
  const waiting = new Map<number, { resolve(result: RunTestResult): void; reject(error: Error): void }>();
  let count = 0;
  child.on('message', (answer: ShellAnswer) => {
    const asked = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ('result' in answer) asked?.resolve(answer.result);
    else asked?.reject(new Error(answer.error));
  });
  child.on('exit', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`the process that starts shells ended with ${code}`));
    waiting.clear();
  });
  const send = (request: ShellRequest) => void child.send(request);

  return {
    run(test, { cwd, env, signal }) {
      const id = count++;
      send({ type: 'run', id, test: { command: test.command, json: test.json }, cwd, env });
      const abort = () => send({ type: 'abort', id });
      signal?.addEventListener('abort', abort);
      return new Promise<RunTestResult>((resolve, reject) => waiting.set(id, { resolve, reject })).finally(() => {
        signal?.removeEventListener('abort', abort);
      });
    },
    dispose() {
      if (child.connected) child.disconnect();
    },
  };
}
