import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listenWithCluster } from '../../cluster/listening-cluster.ts';

/** Another real one than this machine's may be named. */
const REAL = process.env.TALLER_REAL_KUBECTL ?? '/usr/bin/kubectl';
const LISTS = ['differential.commands.txt', 'differential.streams.txt', 'differential.daily.txt'];
const here = new URL('.', import.meta.url).pathname;

interface Line {
  command: string;
  /** Why it may differ; then it must. */
  reason: string | null;
  /** The reason counts only for a kubectl of a minor version before this one. */
  before: number;
}

interface Run {
  stdout: string;
  stderr: string;
  exit: number;
}

/** One kubectl with a cluster, a home and a kubeconfig of its own. */
interface Side {
  run(command: string): Promise<Run>;
  dispose(): Promise<void>;
}

describe.skipIf(!existsSync(REAL))('kubectl against the one of this machine', () => {
  let folder: string;
  let bundle: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'taller-differential-'));
    bundle = join(folder, 'kubectl.cjs');
    const entryPoints = [join(here, '../../../server/commands/kubectl/main.ts')];
    await build({ entryPoints, bundle: true, platform: 'node', format: 'cjs', outfile: bundle, logLevel: 'error' });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  // Both at once: much of their time is waiting for what a watch or a timeout brings.
  it.concurrent.each(LISTS)('prints and ends as upstream does: %s', { timeout: 1_200_000 }, async (list) => {
    const real = await createSide(join(folder, list, 'real'), `exec ${REAL} "$@"`);
    const ours = await createSide(join(folder, list, 'ours'), `exec '${process.execPath}' '${bundle}' "$@"`);
    try {
      const { problems, equal, count } = await compare(real, ours, await readFile(join(here, list), 'utf8'));

      process.stdout.write(`${list}: ${equal} of ${count} lines are equal to ${REAL} 1.${minorVersion()}\n`);
      expect(problems.join('\n\n')).toBe('');
    } finally {
      await Promise.all([real.dispose(), ours.dispose()]);
    }
  });
});

/** @returns what differs without a reason, or has a reason and does not differ. */
async function compare(real: Side, ours: Side, list: string) {
  const minor = minorVersion();
  const lines = parseLines(list);
  const problems: string[] = [];
  let equal = 0;
  for (const { command, reason: given, before } of lines) {
    const reason = minor < before ? given : null;
    const [expected, actual] = await Promise.all([real.run(command), ours.run(command)]);
    const same = JSON.stringify(mask(expected)) === JSON.stringify(mask(actual));
    equal += same ? 1 : 0;
    if (same && reason !== null) problems.push(`$ ${command}\nis equal, so its reason must go: ${reason}`);
    if (!same && reason === null) problems.push(explain(command, mask(expected), mask(actual)));
  }
  return { problems, equal, count: lines.length };
}

function minorVersion(): number {
  const text = execFileSync(REAL, ['version', '--client', '-o', 'json'], { encoding: 'utf8' });
  return Number.parseInt((JSON.parse(text) as { clientVersion: { minor: string } }).clientVersion.minor, 10);
}

function parseLines(text: string): Line[] {
  const lines: Line[] = [];
  let reason: string | null = null;
  let before = Infinity;
  for (const line of text.split('\n')) {
    const match = /^#!(?: before 1\.(\d+):)? (.*)$/.exec(line);
    if (match) {
      before = match[1] === undefined ? Infinity : Number(match[1]);
      reason = match[2] ?? '';
    } else if (line !== '' && !line.startsWith('#')) {
      lines.push({ command: line, reason, before });
      reason = null;
      before = Infinity;
    }
  }
  return lines;
}

async function createSide(folder: string, start: string): Promise<Side> {
  const { url, dispose } = await listenWithCluster();
  await mkdir(join(folder, 'bin'), { recursive: true });
  await writeFile(join(folder, 'bin', 'kubectl'), `#!/bin/sh\n${start}\n`);
  await chmod(join(folder, 'bin', 'kubectl'), 0o755);
  const kubeconfig = join(folder, 'config');
  await writeFile(kubeconfig, renderKubeconfig(url));
  const env = {
    PATH: `${join(folder, 'bin')}:/usr/bin:/bin`,
    HOME: folder,
    KUBECONFIG: kubeconfig,
    KUBECACHEDIR: join(folder, 'cache'),
    TZ: 'UTC',
  };
  return {
    run: (command) =>
      new Promise((resolve) => {
        const child = execFile(
          'bash',
          ['-c', command],
          { cwd: here, env, timeout: 60_000 },
          (error, stdout, stderr) => {
            const tidy = (text: string) => text.replaceAll(new URL(url).host, 'APISERVER').replaceAll(folder, 'FOLDER');
            resolve({ stdout: tidy(stdout), stderr: tidy(stderr), exit: error ? Number(error.code ?? 1) : 0 });
          },
        );
        child.stdin?.end();
      }),
    dispose,
  };
}

function renderKubeconfig(server: string): string {
  return `apiVersion: v1
clusters:
- cluster:
    server: ${server}
  name: taller
contexts:
- context:
    cluster: taller
    user: learner
  name: taller
current-context: taller
kind: Config
users:
- name: learner
  user: {}
`;
}

/** What differs between any two runs, and what kubectl 1.36, which ours follows, says otherwise than older ones. */
function mask({ stdout, stderr, exit }: Run): Run {
  const text = (value: string) =>
    value
      .replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'TIME')
      .replace(/\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000/g, 'TIME')
      .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, 'UID')
      .replace(/(resourceVersion"?: |Resource Version: +)"?\d+"?/g, '$1VERSION')
      .replace(/\b[0-9a-f]{8,10}-[a-z0-9]{5}\b/g, 'HASH-RANDOM')
      .replace(/\b(pod-template-hash[=:]|web-)[0-9a-f]{8,10}\b/g, '$1HASH')
      // Random: names of a job's pods, volumes of tokens, ids of containers.
      .replace(/\bj-[a-z0-9]{5}\b/g, 'j-RANDOM')
      .replace(/\bkube-api-access-[a-z0-9]{5}\b/g, 'kube-api-access-RANDOM')
      .replace(/\b[0-9a-f]{64}\b/g, 'ID')
      .replace(/("resourceVersion":|resourceVersion:)"?\d+"?/g, '$1VERSION')
      .replace(/\b(LIVE|MERGED)-\d+/g, '$1-NUMBER')
      .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ \+0000/g, 'TIME')
      .replace(/\b10\.\d+\.\d+\.\d+/g, 'IP')
      .replace(/\b\d+(ms|s|m|h|m\d+s)\b/g, 'AGE')
      // 1.36: `deleted from default namespace`; no `creationTimestamp: null`.
      .replace(/ from [\w-]+ namespace/g, '')
      .replace(/^preferences: \{\}\n/gm, '')
      .replace(/^ *creationTimestamp: null\n/gm, '')
      .replace(/,\n *"creationTimestamp": null/g, '')
      .replace(/^( *)metadata: \{\}\n/gm, '$1metadata:\n')
      // Some vendors' builds start errors of the command line with a capital, or through their log.
      .replace(/^Error: /gm, 'error: ')
      .replace(
        /^E\d{4} [\d:.]+ +\d+ run\.go:\d+\] "command failed" err="(.*)"$/gm,
        (_, message: string) => `error: ${message.replaceAll('\\"', '"')}`,
      )
      .replace(/^([EW])\d{4} [\d:.]+ +\d+ /gm, '$1LOG ')
      .replace(
        /^Error in configuration: context was not found for specified context: (.*)$/gm,
        'error: context "$1" does not exist',
      )
      .replace(/\n\n$/, '\n')
      .replace(/ +$/gm, '')
      .replace(/ {2,}/g, '  ');
  return { stdout: text(stdout), stderr: text(stderr), exit };
}

function explain(command: string, expected: Run, actual: Run): string {
  const show = ({ stdout, stderr, exit }: Run) => `${stdout}${stderr === '' ? '' : `[stderr] ${stderr}`}[exit ${exit}]`;
  return `$ ${command}\n--- upstream\n${show(expected)}\n--- ours\n${show(actual)}`;
}
