import { readdir, readFile } from 'node:fs/promises';

/** How long the programs of a closed terminal have to end by themselves after SIGHUP. */
const GRACE_MS = 300;

/** What the processes of one terminal have in common. */
interface Remains {
  /** Session id: the process id of the shell. */
  session: number;
  /** An entry of the environment that no process outside of the terminal has; finds what left the session. */
  variable: string;
}

let waiting: Remains[] = [];

/**
 * SIGKILL, after a grace time, for every process of a terminal whose shell was hung up: jobs that ignore SIGHUP,
 * daemons. One sweep over /proc serves all terminals that close at about the same time. Where there is no /proc,
 * nothing more than the hang-up happens.
 */
export function sweepSession(session: number, variable: string): void {
  waiting.push({ session, variable });
  // The timer keeps the server alive until then, or a server that stops would leave orphans.
  if (waiting.length === 1) setTimeout(() => void sweep(), GRACE_MS);
}

async function sweep(): Promise<void> {
  const remains = waiting;
  waiting = [];
  const entries = await readdir('/proc').catch(() => []);
  for (const entry of entries) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    if (await belongsTo(pid, remains)) kill(pid);
  }
}

async function belongsTo(pid: number, remains: Remains[]): Promise<boolean> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in parentheses, which may hold anything; then come state, parent,
    // process group and session.
    const session = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]);
    if (remains.some((remain) => remain.session === session)) return true;
    const environment = `\0${await readFile(`/proc/${pid}/environ`, 'latin1')}`;
    return remains.some((remain) => environment.includes(`\0${remain.variable}\0`));
  } catch {
    // It has ended meanwhile, or belongs to someone else.
    return false;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
