import { execFile } from 'node:child_process';

/** What a run of kubectl printed, and how it ended. */
export interface KubectlResult {
  stdout: string;
  stderr: string;
  exit: number;
}

/** An API server that does not answer is not waited for longer. */
const TIMEOUT_MS = 90_000;
const OUTPUT_LIMIT_BYTES = 16 * 1024 * 1024;

/**
 * Runs the kubectl that is first on the PATH of `env`, for the server alone. Through it the server speaks to a real
 * cluster: it knows certificates, tokens and versions.
 * @param input what it reads from standard input.
 */
export function runKubectl(args: readonly string[], env: Record<string, string>, input = ''): Promise<KubectlResult> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      'kubectl',
      args,
      { env, cwd: env.HOME, timeout: TIMEOUT_MS, maxBuffer: OUTPUT_LIMIT_BYTES },
      (error, stdout, stderr) => {
        if (error && typeof error.code !== 'number' && !error.killed) reject(error);
        else resolve({ stdout, stderr, exit: error ? Number(error.code ?? 1) : 0 });
      },
    );
    // It may end before it has read its input.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}
