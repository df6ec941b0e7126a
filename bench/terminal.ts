import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node-pty';
import { createTerminal } from '../server/terminal/create-terminal.ts';
import { median, type BenchRow } from './bench-row.ts';

const ROUNDS = 7;
const KEYS = 200;
const COMMANDS = 100;
const FILE_BYTES = 20 * 1024 * 1024;
const SIZE = { columns: 80, rows: 24 };
const PROMPT = '$ ';

/** A shell that shows its prompt, ours or a bare one. */
interface Shell {
  write(data: string): void;
  onData(listener: (data: Uint8Array) => void): () => void;
  close(): void;
}

/** A terminal with shell integration, history and batches beside a bash in a bare node-pty. */
export async function run(): Promise<BenchRow[]> {
  const home = mkdtempSync(join(tmpdir(), 'taller-bench-'));
  writeFileSync(join(home, 'big'), `${'x'.repeat(79)}\n`.repeat(FILE_BYTES / 80));
  const kinds = [() => openOurs(home), () => openBare(home)];
  const names = [
    'open to the first prompt',
    'echo of a key at the prompt',
    'echo of a key in cat',
    'an empty command',
    'cat of a file',
  ];
  const units = ['ms', 'ms', 'ms', 'ms', 'ms/MB'];
  const times = names.map(() => kinds.map((): number[] => []));

  for (let round = 0; round <= ROUNDS; round++) {
    for (const [kind, open] of kinds.entries()) {
      const started = performance.now();
      const shell = await open();
      const measured = [
        performance.now() - started,
        await timeKeys(shell),
        await timeKeysInCat(shell),
        await timeCommands(shell),
        await timeFile(shell),
      ];
      shell.close();
      if (round > 0) for (const [index, time] of measured.entries()) times[index]![kind]!.push(time);
    }
  }

  // Shells that are hung up still write their history.
  await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  return names.map((name, index) => ({
    name,
    value: median(times[index]![0]!),
    baseline: median(times[index]![1]!),
    unit: units[index]!,
  }));
}

async function openOurs(home: string): Promise<Shell> {
  const terminal = createTerminal({ home, env: {}, ...SIZE, integrationDir: join(home, 'private') });
  await new Promise<void>((resolve) => terminal.onState(() => terminal.state === 'prompt' && resolve()));
  return {
    write: (data) => terminal.write(data),
    onData: (listener) => terminal.onOutput(listener),
    close: () => terminal.dispose(),
  };
}

async function openBare(home: string): Promise<Shell> {
  const pty = spawn('/bin/bash', ['--norc'], {
    name: 'xterm-256color',
    cols: SIZE.columns,
    rows: SIZE.rows,
    cwd: home,
    env: { HOME: home, PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', PS1: PROMPT },
    encoding: null,
  });
  const shell: Shell = {
    write: (data) => pty.write(data),
    onData(listener) {
      const subscription = pty.onData((data) => listener(data as unknown as Buffer));
      return () => subscription.dispose();
    },
    close: () => pty.kill(),
  };
  await outputEnding(shell, PROMPT);
  return shell;
}

/** Resolves when output ends so. */
function outputEnding(shell: Shell, ending: string): Promise<void> {
  return new Promise((resolve) => {
    let last = '';
    const stop = shell.onData((data) => {
      last = (last + Buffer.from(data.subarray(-64)).toString('latin1')).slice(-64);
      if (!last.endsWith(ending)) return;
      stop();
      resolve();
    });
  });
}

/** Milliseconds from a key to its echo, the median of many. */
async function timeKeys(shell: Shell): Promise<number> {
  const times: number[] = [];
  for (let key = 0; key < KEYS; key++) {
    const echoed = outputEnding(shell, 'k');
    const started = performance.now();
    shell.write('k');
    await echoed;
    times.push(performance.now() - started);
    if (key % 50 === 49) {
      const cleared = outputEnding(shell, '\x1b[K');
      shell.write('\x15'); // Ctrl-U
      await cleared;
    }
  }
  return median(times);
}

async function timeKeysInCat(shell: Shell): Promise<number> {
  const running = outputEnding(shell, 'cat\r\n\x1b[?2004l\r');
  shell.write('cat\r');
  await running;
  const times: number[] = [];
  for (let key = 0; key < KEYS; key++) {
    const echoed = outputEnding(shell, 'k');
    const started = performance.now();
    shell.write('k');
    await echoed;
    times.push(performance.now() - started);
  }
  const prompt = outputEnding(shell, PROMPT);
  shell.write('\x03');
  await prompt;
  return median(times);
}

/** Milliseconds from the Enter key of `:` to the next prompt. */
async function timeCommands(shell: Shell): Promise<number> {
  const started = performance.now();
  for (let command = 0; command < COMMANDS; command++) {
    const prompt = outputEnding(shell, PROMPT);
    shell.write(':\r');
    await prompt;
  }
  return (performance.now() - started) / COMMANDS;
}

async function timeFile(shell: Shell): Promise<number> {
  const prompt = outputEnding(shell, PROMPT);
  const started = performance.now();
  shell.write('cat big\r');
  await prompt;
  return (performance.now() - started) / (FILE_BYTES / 1e6);
}
