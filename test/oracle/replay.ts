import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { loadCommands, loadRecording, type Answer, type KubectlMinor } from './commands.ts';
import { maskAnswer, nameReplay, restartedBy } from './masks.ts';
import { createOracleCluster } from './oracle-cluster.ts';

export interface ReplayedLine {
  n: number;
  group: string;
  command: string;
  actual: Answer;
  /** Undefined where the answer was withheld. */
  expected: Answer | undefined;
  /** What was compared. */
  masked: { actual: Answer; expected: Answer | undefined };
  /** Undefined where the answer was withheld. */
  equal: boolean | undefined;
}

export interface ReplayOptions {
  /** Path of a kubectl, or of our own bundle (`.cjs`). */
  kubectl: string;
  /** Whose recorded answers count. */
  minor: KubectlMinor;
  /** Called after each command line. */
  onLine?: (line: ReplayedLine) => void;
  /** Stops after the last command line of this group. Lines before it always run, since state carries over. */
  untilGroup?: string;
}

// The recordings' longest line took 20 s; a kubectl that hangs must not hang the replay.
const LINE_TIMEOUT_MS = 40_000;

/** Replays all command lines against a fresh cluster. */
export async function replay(options: ReplayOptions): Promise<ReplayedLine[]> {
  const recording = loadRecording(options.minor);
  const oracle = await createOracleCluster(options.kubectl);
  const results: ReplayedLine[] = [];
  const restarted = new Set<string>();
  try {
    let reached = false;
    for (const line of loadCommands()) {
      if (line.type === 'pause') {
        await pause(line.seconds * 1000);
        continue;
      }
      const wanted = options.untilGroup === undefined || line.group === options.untilGroup;
      if (reached && !wanted) break;
      if (options.untilGroup !== undefined && wanted) reached = true;
      const raw = await runLine(line.command, oracle.directory, oracle.env);
      const actual = {
        stdout: nameReplay(raw.stdout, oracle.names),
        stderr: nameReplay(raw.stderr, oracle.names),
        exit: raw.exit,
      };
      const expected = recording.get(line.n);
      if (expected && expected.command !== line.command) throw new Error(`record ${line.n} is of another command`);
      const mask = (answer: Answer) => maskAnswer(line.command, answer, restarted);
      const masked = { actual: mask(actual), expected: expected && mask(expected) };
      const equal = masked.expected && isEqual(masked.actual, masked.expected);
      for (const name of restartedBy(line.command)) restarted.add(name);
      const result = { ...line, actual, expected, masked, equal };
      results.push(result);
      options.onLine?.(result);
    }
  } finally {
    await oracle.dispose();
  }
  return results;
}

function isEqual(one: Answer, other: Answer): boolean {
  return one.stdout === other.stdout && one.stderr === other.stderr && one.exit === other.exit;
}

function runLine(command: string, cwd: string, env: Record<string, string>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const shell = spawn('bash', ['-c', command], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const output = { stdout: '', stderr: '' };
    const timer = setTimeout(() => killGroup(shell.pid), LINE_TIMEOUT_MS);
    for (const name of ['stdout', 'stderr'] as const) {
      shell[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text));
    }
    shell.on('error', reject);
    shell.on('close', (code) => {
      clearTimeout(timer);
      resolve({ ...output, exit: code ?? 137 });
    });
  });
}

function killGroup(pid: number | undefined): void {
  if (pid !== undefined) process.kill(-pid, 'SIGKILL');
}
