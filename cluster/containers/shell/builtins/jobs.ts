import { SIGNALS } from '../../process/signals.ts';
import { killProcesses } from '../../programs/basic.ts';
import { TrapPending } from '../running/control-flow.ts';
import type { Shell } from '../shell.ts';
import type { Builtin } from './builtin.ts';
import { complain } from './complaints.ts';

/** `jobs` */
export const jobs: Builtin = async (shell) => {
  let index = 0;
  for (const job of shell.jobs) {
    index += 1;
    if (job.isAlive) await shell.process.print(`[${index}]+  Running                 ${job.args.join(' ')} &\n`);
  }
  return 0;
};

/** `kill` */
export const kill: Builtin = async (shell, words) => {
  // `%1` and `$!` mean children of the shell; the program knows process ids.
  const jobs = [...shell.jobs];
  const translated = words.map((word) =>
    word.startsWith('%') ? String(jobs[Number(word.slice(1)) - 1]?.pid ?? word) : word,
  );
  const args = translated.slice(1);
  if (args.length === 0) {
    const usage = {
      ash: 'sh: you need to specify whom to kill\n',
      dash: 'Usage: kill [-s sigspec | -signum | -sigspec] [pid | job]... or\nkill -l [exitstatus]\n',
      bash: 'kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]\n',
    };
    await shell.process.printError(usage[shell.dialect]);
    return shell.dialect === 'ash' ? 1 : 2;
  }
  const complainOf = (text: string): Promise<void> =>
    shell.dialect === 'ash' ? shell.process.printError(`${shell.name}: ${text}\n`) : complain(shell, 'kill', text);
  const status = await killProcesses(
    shell.process,
    args,
    shell.dialect === 'ash' ? 'busybox' : shell.dialect,
    complainOf,
  );
  // A signal to itself comes before the next command.
  await shell.process.breathe();
  return status;
};

/** `wait` */
export async function wait(shell: Shell, words: readonly string[]): Promise<number> {
  const pids = words.slice(1).map(Number);
  const jobs = [...shell.jobs].filter((job) => pids.length === 0 || pids.includes(job.pid));
  let status = 0;
  for (const job of jobs) {
    try {
      status = await shell.process.race(job.exited);
    } catch (error) {
      if (!(error instanceof TrapPending)) throw error;
      return 128 + SIGNALS.TERM;
    }
    shell.jobs.delete(job);
  }
  if (pids.length > 0 && jobs.length === 0 && shell.dialect === 'bash') {
    await complain(shell, 'wait', `pid ${pids[0] ?? ''} is not a child of this shell`);
  }
  return pids.length === 0 ? 0 : jobs.length === 0 ? 127 : status;
}
