import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const launch = fileURLToPath(new URL('../../server/launch.mjs', import.meta.url));

/** `taller serve` as its user starts it, on a free port. `text` is all that it has printed. `stop` may be called twice. */
export function startTaller(
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<{ url: string; child: ChildProcess; text(): string; stop(): Promise<void> }> {
  const child = spawn(process.execPath, [launch, 'serve', '--port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let text = '';
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`taller serve ended with ${code}:\n${text}`)));
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const url = /http:\/\/\S+/.exec(text)?.[0];
      if (!url) return;
      resolve({
        url,
        child,
        text: () => text,
        stop: () =>
          new Promise((done) => {
            if (child.exitCode !== null) return done();
            child.once('exit', () => done());
            child.kill('SIGTERM');
          }),
      });
    });
  });
}
