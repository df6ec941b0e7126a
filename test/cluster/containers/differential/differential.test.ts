import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { TestCluster } from '../test-cluster.ts';
import { FIXTURES } from './fixtures.ts';
import { parseScripts, type Script, type ShellName } from './scripts.ts';

interface Run {
  stdout: string;
  stderr: string;
  status: number;
}

/** The releases that the lists were written against, since others say things in other words. */
const SHELLS: Readonly<Record<ShellName, { command: string[]; release: RegExp; image: string; lists: string[] }>> = {
  ash: {
    command: ['busybox'],
    release: /^BusyBox v1\.35\./,
    image: 'busybox',
    lists: ['shell.txt', 'programs.txt'],
  },
  dash: {
    command: ['dpkg-query', '-W', 'dash', 'coreutils'],
    release: /\t9\.1-[^]*\t0\.5\.12-/,
    image: 'nginx',
    lists: ['shell.txt'],
  },
  bash: {
    command: ['dpkg-query', '-W', 'bash', 'coreutils', 'grep', 'mawk'],
    release: /\t5\.2\.15-[^]*\t9\.1-[^]*\t3\.8-[^]*\t1\.3\.4\./,
    image: 'nginx',
    lists: ['shell.txt', 'programs.txt'],
  },
};
/** A script may take this long, on either side. */
const PATIENCE_MS = 60_000;
const AT_A_TIME = 4;
/** All of the scripts take half a minute of a processor, so every fourth is run unless all are asked for. */
const EVERY = process.env['ALL_SCRIPTS'] === undefined ? 4 : 1;

const here = new URL('.', import.meta.url).pathname;
const root = mkdtempSync(join(tmpdir(), 'differential-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function isHere(shell: ShellName): boolean {
  const { command, release } = SHELLS[shell];
  const [file = '', ...args] = command;
  try {
    return release.test(execFileSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  } catch {
    return false;
  }
}

describe.each(['ash', 'dash', 'bash'] as const)('%s', (shell) => {
  const { image, lists } = SHELLS[shell];
  const present = isHere(shell);
  if (!present) console.warn(`${shell}: not compared, since this machine has not the release that the lists speak of`);

  test.skipIf(!present).each(lists)('prints and ends as the real one: %s', { timeout: 600_000 }, async (list) => {
    const scripts = parseScripts(readFileSync(join(here, list), 'utf8')).filter(({ shells }) => shells.includes(shell));
    const real = realShell(shell, join(root, shell, list));
    const cluster = new TestCluster();
    const pod = cluster.pod({ image, command: ['sleep', 'infinity'] });
    const ours = async ({ text }: Script, index: number): Promise<Run> => {
      const folder = `/tmp/${shell}-${index}`;
      const files = Object.entries(FIXTURES).map(([name, content]) => `cat >'${name}' <<'E@E'\n${content}E@E\n`);
      const setup = `mkdir ${folder}; cd ${folder}; export HOME=${folder}\n${files.join('')}`;
      const start = `${setup}exec ${shell === 'bash' ? 'bash' : 'sh'} -c "$1"`;
      return mask(await pod.exec(['sh', '-c', start, 'sh', text], { stdin: '' }), folder);
    };
    const problems: string[] = [];
    const queue = [...scripts.entries()].filter(([index]) => index % EVERY === 0);
    const work = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const [index, script] = next;
        const [expected, actual] = await Promise.all([real(script, index), patiently(ours(script, index))]);
        problems.push(...judge(script, shell, expected, actual));
      }
    };
    try {
      await Promise.all(Array.from({ length: AT_A_TIME }, work));

      expect(problems.join('\n\n')).toBe('');
    } finally {
      cluster.dispose();
    }
  });
});

/** One that never ends is told with its script, not by the end of the whole test. */
async function patiently(run: Promise<Run>): Promise<Run> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Run>((resolve) => {
    timer = setTimeout(() => resolve({ stdout: '', stderr: 'it has not ended', status: -1 }), PATIENCE_MS);
  });
  try {
    return await Promise.race([run, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What differs without a reason, or has a reason and does not differ. */
function judge(script: Script, shell: ShellName, expected: Run, actual: Run): string[] {
  const reason = script.reasons.get(shell);
  const isSame = JSON.stringify(expected) === JSON.stringify(actual);
  if (isSame) return reason === undefined ? [] : [`$ ${script.text}\nis equal, so its reason must go: ${reason}`];
  if (reason !== undefined) return [];
  const show = ({ stdout, stderr, status }: Run): string =>
    `${stdout}${stderr === '' ? '' : `[stderr] ${stderr}`}[status ${status}]`;
  return [`$ ${script.text}\n--- real\n${show(expected)}\n--- ours\n${show(actual)}`];
}

/** A real shell whose programs are its family's alone. */
function realShell(shell: ShellName, folder: string): (script: Script, index: number) => Promise<Run> {
  const programs = join(folder, 'bin');
  mkdirSync(programs, { recursive: true });
  if (shell === 'ash') {
    const busybox = execFileSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).trim();
    const names = execFileSync(busybox, ['--list'], { encoding: 'utf8' }).trim().split('\n');
    for (const name of names) symlinkSync(busybox, join(programs, name));
  } else symlinkSync('/usr/bin/dash', join(programs, 'sh'));
  const path = shell === 'ash' ? programs : `${programs}:/usr/bin:/bin`;
  const file = shell === 'bash' ? '/bin/bash' : join(programs, 'sh');
  return ({ text }, index) =>
    new Promise((resolve, reject) => {
      const cwd = join(folder, String(index));
      mkdirSync(cwd);
      for (const [name, content] of Object.entries(FIXTURES)) writeFileSync(join(cwd, name), content);
      const child = spawn(file, ['-c', text], {
        argv0: shell === 'bash' ? 'bash' : 'sh',
        cwd,
        env: { PATH: path, HOME: cwd },
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: PATIENCE_MS,
      });
      let [stdout, stderr] = ['', ''];
      child.stdout.setEncoding('utf8').on('data', (piece: string) => (stdout += piece));
      child.stderr.setEncoding('utf8').on('data', (piece: string) => (stderr += piece));
      child.on('error', reject);
      child.on('close', (code, signal) => {
        resolve(mask({ stdout, stderr, status: code ?? (signal === 'SIGTERM' ? 143 : 137) }, cwd));
      });
    });
}

function mask({ stdout, stderr, status }: Run, folder: string): Run {
  const text = (value: string): string =>
    value.replaceAll(folder, 'FOLDER').replace(/^BusyBox v.*multi-call binary\.$/gm, 'BusyBox');
  return { stdout: text(stdout), stderr: text(stderr), status };
}
