import { execFile } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBench, type Bench } from './bundle.ts';

/** The Istio that a session stands for, and the minor version of the kubectl of its time. */
const ERAS = [
  ['1.0', 11],
  ['1.4', 16],
  ['1.6', 18],
  ['current', 36],
] as const;

describe.each(ERAS)('kubectl at the time of Istio %s', (istio, minor) => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await createBench();
    bench.cluster.apply([
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'two', namespace: 'default' },
        spec: {
          containers: ['app', 'proxy'].map((name) => ({ name, image: 'busybox:1.36', command: ['sleep', '1000'] })),
        },
      } as never,
    ]);
    await kubectl('wait', '--for=condition=Ready', 'pod/two', '--timeout=60s');
  });
  afterAll(() => bench.dispose());

  function kubectl(...words: string[]): Promise<{ stdout: string; stderr: string; exit: number }> {
    return new Promise((resolve) => {
      const env = { ...bench.env, TALLER_ISTIO: istio };
      const child = execFile(process.execPath, [bench.bundle, ...words], { env }, (error, stdout, stderr) =>
        resolve({ stdout, stderr, exit: error ? Number(error.code) : 0 }),
      );
      child.stdin?.end();
    });
  }

  it('says of which version it is', async () => {
    const { stdout } = await kubectl('version', '--client');

    expect(stdout).toMatch(
      minor < 28
        ? new RegExp(
            `^Client Version: version\\.Info\\{Major:"1", Minor:"${minor}", GitVersion:"v1\\.${minor}\\.\\d+", `,
          )
        : /^Client Version: v1\.36\.\d+\nKustomize Version: /,
    );
  });

  it('says which container it has chosen', async () => {
    const { stdout, stderr } = await kubectl('exec', 'two', '--', 'echo', 'hello');

    expect(stdout).toBe('hello\n');
    expect(stderr).toBe(
      minor < 21
        ? "Defaulting container name to app.\nUse 'kubectl describe pod/two -n default' to see all of the containers in this pod.\n"
        : 'Defaulted container "app" out of: app, proxy\n',
    );
  });

  it('asks for a container of the log, or has chosen one', async () => {
    const { stderr, exit } = await kubectl('logs', 'two');

    if (minor < 21) {
      expect(stderr).toContain('a container name must be specified for pod two, choose one of: [app proxy]');
      expect(exit).toBe(1);
    } else {
      expect(stderr).toBe('Defaulted container "app" out of: app, proxy\n');
    }
  });

  it('makes of run what it made then', async () => {
    const { stdout, stderr } = await kubectl('run', 'web', '--image=nginx:1.27');
    const job = await kubectl('run', 'once', '--image=busybox:1.36', '--restart=OnFailure', '--', 'true');
    const pod = await kubectl('run', 'pod', '--image=busybox:1.36', '--restart=Never', '--', 'true');

    expect(stdout).toBe(minor < 18 ? 'deployment.apps/web created\n' : 'pod/web created\n');
    expect(stderr).toBe(
      minor >= 12 && minor < 18
        ? 'kubectl run --generator=deployment/apps.v1 is DEPRECATED and will be removed in a future version. Use kubectl run --generator=run-pod/v1 or kubectl create instead.\n'
        : '',
    );
    expect(job.stdout).toBe(minor < 18 ? 'job.batch/once created\n' : 'pod/once created\n');
    expect(pod).toMatchObject({ stdout: 'pod/pod created\n', stderr: '' });
  });

  it('runs replicas as long as it could', async () => {
    const { stdout, stderr } = await kubectl('run', 'many', '--image=nginx:1.27', '--replicas=2');
    const replicas = await kubectl('get', 'deploy', 'many', '-o', 'jsonpath={.spec.replicas}');

    if (minor < 18) expect(replicas.stdout).toBe('2');
    else expect([stdout, stderr]).toEqual(['', expect.stringContaining('unknown flag: --replicas')]);
  });

  it('joins a pod and takes it away', async () => {
    const line = 'run rogue --attach --rm --restart=Never --image=busybox:1.36 --timeout=10s -- sh -c';

    const { stdout, stderr, exit } = await kubectl(...line.split(' '), 'sleep 1; echo said; exit 56');

    const namespace = minor < 34 ? '' : ' from default namespace';
    expect(stdout).toBe(`said\npod "rogue" deleted${namespace}\n`);
    expect(stderr).toContain("If you don't see a command prompt, try pressing enter.\n");
    expect(stderr.includes('recorded in container logs')).toBe(minor >= 33);
    expect(stderr).toContain('pod default/rogue terminated (Error)\n');
    expect(exit).toBe(56);
  });

  it('takes --dry-run without a value, and warns when that has become old', async () => {
    const { stdout, stderr } = await kubectl('create', 'ns', 'dry', '--dry-run', '-o', 'name');

    expect(stdout).toBe('namespace/dry\n');
    expect(stderr.includes('--dry-run is deprecated and can be replaced with --dry-run=client.')).toBe(minor >= 18);
  });

  it('says that a list is empty', async () => {
    const { stderr } = await kubectl('get', 'cronjobs');

    expect(stderr).toBe(minor < 16 ? 'No resources found.\n' : 'No resources found in default namespace.\n');
  });
});
