import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, chmod, cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunCommand } from '../session/run-test.ts';
import { startShellHost } from './shell-host.ts';

/** Tools of which each call is answered by a process that runs already. */
export interface WarmTools {
  /** Stands on PATH in place of the folder with the tools themselves. */
  directory: string;
  /**
   * Lets commands that the server runs with these variables use them: what Node gives a child to write to are sockets,
   * which no other process can open. Not for the shells of terminals.
   */
  prepare(env: Record<string, string>): void;
  /** Runs commands as `runTestCommand` does. */
  run: RunCommand;
  dispose(): void;
}

/** Words of what runs in a process of its own all the same: it starts others, or goes on until it is signalled. */
const COLD = ['edit', 'diff', 'port-forward', 'proxy', 'attach', 'plugin', 'logs', '-w', '--watch'];
/** The same, when they write to a terminal: they ask it for keys. */
const AT_TERMINAL = ['-i', '-t', '-it', '-ti', '--stdin', '--tty', 'run', 'rsh'];
const WARM = ['kubectl', 'oc'];

/**
 * Starts a process that runs kubectl and oc for others, a tenth of the work for each call.
 * @param directory made here.
 * @param tools the folder with the tools themselves.
 * @param dist the folder that everything is built into.
 * @returns null where this does not work: it needs /proc.
 */
export async function startWarmTools(directory: string, tools: string, dist: string): Promise<WarmTools | null> {
  const program = join(dist, 'commands', 'kubectl-server.cjs');
  if (!(await exists('/proc/self/fd'))) return null;
  const token = randomBytes(16).toString('hex');
  const child = spawn(process.execPath, [program], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { TALLER_TOKEN: token },
  });
  const port = await firstLine(child);
  const shells = startShellHost(join(dist, 'server', 'shell-worker.js'));
  await mkdir(directory, { recursive: true });
  // Those that are not warm are called as before.
  await cp(tools, directory, { recursive: true });
  for (const tool of WARM) {
    const file = join(directory, tool);
    await writeFile(
      file,
      `#!/bin/bash
for word; do
  case $word in
    --) break ;;
    ${COLD.join('|')}) exec '${join(tools, tool)}' "$@" ;;
    ${AT_TERMINAL.join('|')}) [ -t 1 ] && exec '${join(tools, tool)}' "$@" ;;
  esac
done
exec 6<&0 7>&1 8>&2 9<>/dev/tcp/127.0.0.1/${port} && echo "${token} $$ ${tool}" >&9 && read -r -u 9 status
[ "$status" = cold ] && exec '${join(tools, tool)}' "$@" 6<&- 7>&- 8>&- 9>&-
exit "\${status:-70}"
`,
    );
    await chmod(file, 0o755);
  }
  const bashEnv = join(directory, 'through-pipes.sh');
  await writeFile(bashEnv, 'unset BASH_ENV\nexec > >(exec cat) 2> >(exec cat >&2)\n');
  return {
    directory,
    prepare(env) {
      env.BASH_ENV = bashEnv;
    },
    run: shells.run,
    dispose() {
      shells.dispose();
      child.stdin?.end();
    },
  };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the process for warm tools ended with ${code}`)));
    child.stdout!.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('\n')) resolve(text.trim());
    });
  });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
