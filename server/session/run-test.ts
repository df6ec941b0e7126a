import { spawn } from 'node:child_process';
import type { RunTest } from '../lessons/definition.ts';

/** What a command of a check printed. `output`: both streams as they came; `stdout` alone only when asked for. */
export interface RunTestResult {
  /** True when the command, or what it left in the background, had to be killed. */
  timedOut: boolean;
  exit: number;
  output: string;
  stdout: string;
}

/** How {@link runTestCommand} is called. */
export type RunCommand = typeof runTestCommand;

/** A learner waits for the verdict, so a command that has not ended by then has failed. */
export const COMMAND_TIMEOUT_MS = 30_000;
const OUTPUT_LIMIT_BYTES = 1024 * 1024;

/**
 * Runs a check's command in a clean bash: no rc files, aliases or functions of the learner, no terminal.
 * @param options.signal kills it when the session ends: a command that outlived the server would belong to nobody.
 * @param timeoutMs how long it and what it has started may take.
 */
export function runTestCommand(
  test: Pick<RunTest, 'command' | 'json'>,
  options: { cwd: string; env: Record<string, string>; signal?: AbortSignal },
  timeoutMs = COMMAND_TIMEOUT_MS,
): Promise<RunTestResult> {
  // Two pipes lose the order in which lines were written, so stderr joins stdout unless that is to be read as JSON.
  const script = test.json.length > 0 ? test.command : `exec 2>&1\n${test.command}`;
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['--noprofile', '--norc', '-c', script], {
      cwd: options.cwd,
      env: options.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // a group of its own, so that a time-out ends the whole pipeline
    });
    let timedOut = false;
    const kill = () => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch (error) {
        // The group may be gone already.
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
      // What left the group holds the pipes open; nobody waits for that.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const timer = setTimeout(() => {
      timedOut = true;
      kill();
    }, timeoutMs);

    const output: Buffer[] = [];
    const stdout: Buffer[] = [];
    let size = 0;
    const collect = (chunk: Buffer, fromStdout: boolean) => {
      size += chunk.length;
      if (size > OUTPUT_LIMIT_BYTES) return kill();
      output.push(chunk);
      if (fromStdout) stdout.push(chunk);
    };
    child.stdout.on('data', (chunk: Buffer) => collect(chunk, true));
    child.stderr.on('data', (chunk: Buffer) => collect(chunk, false));
    options.signal?.addEventListener('abort', kill);
    const stop = () => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', kill);
    };
    child.on('error', (error) => {
      stop();
      reject(error);
    });
    child.on('close', (code) => {
      stop();
      resolve({
        timedOut,
        exit: code ?? 137,
        output: Buffer.concat(output).toString('utf8'),
        stdout: Buffer.concat(stdout).toString('utf8'),
      });
    });
  });
}
