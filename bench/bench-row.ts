import { spawn } from 'node:child_process';

/** One measurement beside what it is compared with, taken in the same run. `run.mjs` prints `value / baseline`. */
export interface BenchRow {
  name: string;
  value: number;
  baseline: number;
  unit: string;
}

/** The middle of the values; of two middles the upper. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Milliseconds from the start of a process to its end. */
export function measureProcess(program: string, args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const started = performance.now();
  const child = spawn(program, args, { env, stdio: 'ignore' });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => {
      if (code === 0) resolve(performance.now() - started);
      else reject(new Error(`${program} ${args.join(' ')} ended with ${code}`));
    });
  });
}
