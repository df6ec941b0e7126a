import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { createCluster, type Cluster } from '../../../cluster/index.ts';
import { systemClock } from '../../../server/clock.ts';
import { createTempLesson } from '../session/temp-lesson.ts';

const launch = fileURLToPath(new URL('../../../server/launch.mjs', import.meta.url));

const MARKDOWN = `## One

\`\`\`sh run
kubectl create configmap mine --from-literal=a=b
\`\`\`

\`\`\`check made
object: configmap mine
has:
  data.a: b
\`\`\`
`;

describe('taller check of a lesson on a real cluster', () => {
  let cluster: Cluster;
  let server: Server;
  let folder: string;
  let lesson: Awaited<ReturnType<typeof createTempLesson>>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'real-cluster-'));
    cluster = createCluster({ clock: systemClock, randomBytes: (length) => randomBytes(length), mesh: false });
    server = createServer((request, response) => cluster.handleRequest(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const config = {
      clusters: [{ name: 'lab', cluster: { server: address() } }],
      users: [{ name: 'ann', user: {} }],
      contexts: [{ name: 'lab-as-ann', context: { cluster: 'lab', user: 'ann' } }],
      'current-context': 'lab-as-ann',
    };
    await writeFile(join(folder, 'config'), stringify(config));
    lesson = await createTempLesson(MARKDOWN, {}, 'environment: kubeconfig\n');
  });

  afterAll(async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    cluster.dispose();
    await lesson.dispose();
    await rm(folder, { recursive: true });
  });

  const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const namespaces = () => cluster.list('namespaces').map(({ metadata }) => metadata.name);

  function check(...args: string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
    return new Promise((resolve) => {
      const child = spawn(process.execPath, [launch, 'check', lesson.directory, '--locale', 'en', ...args], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, KUBECONFIG: join(folder, 'config') },
      });
      let [stdout, stderr] = ['', ''];
      child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      child.once('close', (status) => resolve({ status, stdout, stderr }));
    });
  }

  it('touches none that was not named, although there is a current context', async () => {
    const { status, stdout } = await check();

    expect(status).toBe(1);
    expect(stdout).toContain(
      'lesson.yaml:1: this lesson runs on a cluster of a kubeconfig. Say on which with --cluster CONTEXT.\n',
    );
    expect(namespaces()).toHaveLength(4);
  });

  it('says on which it runs, and leaves nothing there', async () => {
    const { status, stdout, stderr } = await check('--cluster', 'lab-as-ann');

    expect(stdout).toContain(`on ${address()} (context lab-as-ann, user ann)\n`);
    expect(stdout).toContain('    ok      check made\n');
    expect({ status, stderr: stderr.replace(/^.*this machine has no .*\n/gm, '') }).toEqual({ status: 0, stderr: '' });
    expect(namespaces()).toHaveLength(4);
  });

  it('refuses a context that the kubeconfig does not have', async () => {
    const { status, stderr } = await check('--cluster', 'prod');

    expect(status).toBe(1);
    expect(stderr).toContain(`has no context "prod". It has: lab-as-ann.\n`);
  });
});
