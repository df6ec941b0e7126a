import { spawn } from 'node:child_process';

const TIMEOUT_MS = 5000;

/**
 * Whether bash can read `command`, without running it.
 * @returns null when it can, otherwise bash's own message. An unfinished here-document counts as an error: bash
 * would wait at the prompt for the rest of it.
 */
export function findSyntaxProblem(bash: string, command: string): Promise<string | null> {
  return new Promise((resolve, reject) => {
    // No BASH_ENV, or bash would run it. `extglob` is on when commands are completed, so it is the wider syntax.
    const child = spawn(bash, ['-O', 'extglob', '-n'], {
      argv0: 'bash',
      env: { LC_ALL: 'C.UTF-8' },
      stdio: ['pipe', 'ignore', 'pipe'],
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    let message = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (message += text));
    // bash may stop reading at the error; its message says enough.
    child.stdin.on('error', () => {});
    child.once('error', reject);
    child.once('close', (code) => resolve(code === 0 && message === '' ? null : message.trim() || null));
    child.stdin.end(`${command}\n`);
  });
}
