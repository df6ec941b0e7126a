import { execFile } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { spawn } from 'node-pty';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../../../../cluster/index.ts';
import { createBench, type Bench } from '../bundle.ts';

describe('completion', () => {
  let bench: Bench;
  let env: Record<string, string>;

  beforeAll(async () => {
    bench = await createBench();
    const bin = join(bench.folder, 'bin');
    await mkdir(bin);
    for (const tool of ['kubectl', 'oc']) {
      const file = join(bin, tool);
      await writeFile(file, `#!/bin/sh\nTALLER_COMMAND=${tool} exec '${process.execPath}' '${bench.bundle}' "$@"\n`);
      await chmod(file, 0o755);
    }
    env = { ...bench.env, PATH: `${bin}:${bench.env.PATH}`, TERM: 'dumb' };
    bench.cluster.apply([
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'colours', namespace: 'default' } },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'sizes', namespace: 'default' } },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'elsewhere', namespace: 'kube-public' } },
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'two', namespace: 'default' },
        spec: { containers: ['app', 'proxy'].map((name) => ({ name, image: 'busybox:1.36' })) },
      } as KubernetesObject,
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'web', namespace: 'default' },
        spec: {
          selector: { matchLabels: { app: 'web' } },
          template: {
            metadata: { labels: { app: 'web' } },
            spec: { containers: [{ name: 'nginx', image: 'nginx:1.27' }] },
          },
        },
      } as KubernetesObject,
    ]);
  });

  afterAll(() => bench.dispose());

  it.each([
    ['a command', ['desc'], ['describe']],
    ['a command below a command', ['rollout', 'st'], ['status']],
    ['a flag', ['get', '--show-l'], ['--show-labels']],
    ['a kind', ['get', 'configm'], ['configmaps']],
    ['a name', ['get', 'cm', 'co'], ['colours']],
    ['a name behind its kind', ['get', 'cm/s'], ['cm/sizes']],
    ['a name in the namespace of the line', ['-n', 'kube-public', 'describe', 'cm', 'else'], ['elsewhere']],
    ['the namespace', ['get', 'pods', '-n', 'kube-p'], ['kube-public']],
    ['the value behind an equals sign', ['get', 'pods', '--namespace=kube-p'], ['--namespace=kube-public']],
    ['a container of a pod', ['logs', 'two', '-c', ''], ['app', 'proxy']],
    ['a container of a workload', ['exec', 'deploy/web', '--container=ng'], ['--container=nginx']],
    ['a pod', ['exec', 'tw'], ['two']],
    ['a context', ['config', 'use-context', ''], ['taller']],
    ['nothing behind a kind that is none', ['get', 'nosuch', ''], []],
  ])('offers %s', async (_, words, expected) => {
    const { stdout } = await promisify(execFile)('kubectl', ['__complete', ...words], { env });

    const lines = stdout.trimEnd().split('\n');
    expect(lines.at(-1)).toMatch(/^:\d$/);
    expect(lines.slice(0, -1).map((line) => line.split('\t')[0])).toEqual(expected);
  });

  it('offers nothing when the server cannot be reached', async () => {
    const { stdout, stderr } = await promisify(execFile)('kubectl', ['-s', 'http://127.0.0.1:1', '__complete', 'x'], {
      env,
    }).catch((error: { stdout: string; stderr: string }) => error);
    const asked = await promisify(execFile)('kubectl', ['__complete', '-s', 'http://127.0.0.1:1', 'get', 'pods', ''], {
      env,
    });

    expect(stdout).toBe('');
    expect(stderr).toContain('unknown command "__complete"');
    expect(asked).toMatchObject({ stdout: ':4\n', stderr: '' });
  });

  it('fills in the line of a bash at the Tab key', async () => {
    const shell = spawn('bash', ['--norc', '--noprofile'], { env: { ...env, PS1: '% ' }, cols: 120 });
    let text = '';
    shell.onData((data) => (text += data));
    const until = (wanted: string) => expect.poll(() => text).toContain(wanted);

    shell.write('. <(oc completion bash); echo re""ady\r');
    await until('ready\r\n');
    shell.write('oc get cm --namespace=kube-pu\t else\t; echo do""ne\r');
    await until('done\r\n');
    const exited = new Promise<void>((resolve) => shell.onExit(() => resolve()));
    shell.kill('SIGKILL');
    await exited;

    expect(text).toContain('oc get cm --namespace=kube-public  elsewhere');
    expect(text).toMatch(/elsewhere +0 /);
  });
});
