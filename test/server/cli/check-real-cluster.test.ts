import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTempLesson } from '../session/temp-lesson.ts';
import { createSomebodysCluster, type SomebodysCluster } from '../session/somebodys-cluster.ts';

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
  let theirs: SomebodysCluster;
  let lesson: Awaited<ReturnType<typeof createTempLesson>>;

  beforeAll(async () => {
    theirs = await createSomebodysCluster();
    lesson = await createTempLesson(MARKDOWN, {}, 'environment: kubeconfig\n');
  });

  afterAll(async () => {
    await theirs.dispose();
    await lesson.dispose();
  });

  function check(...args: string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
    return new Promise((resolve) => {
      const child = spawn(process.execPath, [launch, 'check', lesson.directory, '--locale', 'en', ...args], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, KUBECONFIG: theirs.kubeconfig },
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
    expect(theirs.namespaces()).toHaveLength(4);
  });

  it('says on which it runs, and leaves nothing there', async () => {
    const { status, stdout, stderr } = await check('--cluster', 'lab-as-ann');

    expect(stdout).toContain(`on ${theirs.url} (context lab-as-ann, user ann)\n`);
    expect(stdout).toContain('    ok      check made\n');
    expect({ status, stderr: stderr.replace(/^.*this machine has no .*\n/gm, '') }).toEqual({ status: 0, stderr: '' });
    expect(theirs.namespaces()).toHaveLength(4);
  });

  it('refuses a context that the kubeconfig does not have', async () => {
    const { status, stderr } = await check('--cluster', 'prod');

    expect(status).toBe(1);
    expect(stderr).toContain(`has no context "prod". It has: lab-as-ann.\n`);
  });
});
