import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createWorkplace, type Workplace } from '../../../server/cli/workplace.ts';
import { loadRealCluster, type RealCluster } from '../../../server/session/real-cluster.ts';
import { createSession, type Session } from '../../../server/session/session.ts';
import { pollFor } from '../terminal/poll-for.ts';
import { createTempLesson } from './temp-lesson.ts';
import { createSomebodysCluster, type SomebodysCluster } from './somebodys-cluster.ts';

const bundle = fileURLToPath(new URL('../../../dist/commands/kubectl.cjs', import.meta.url));

const MARKDOWN = `## One

\`\`\`sh run
kubectl create configmap mine --from-literal=a=b
\`\`\`

\`\`\`check made
object: configmap mine
has:
  data.a: b
\`\`\`

\`\`\`check elsewhere
object: configmap mine -n shop-other
absent: true
\`\`\`

\`\`\`check unknown
object: gizmo mine
\`\`\`

\`\`\`check counts
run: kubectl get configmap mine -o name
lines: configmap/mine
\`\`\`
`;

const SETUP = `apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { team: a } }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings, namespace: shop }
data: { color: green }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: far, namespace: shop-other }
`;

/** An embedded cluster in the place of somebody's own. */
describe('a lesson on the cluster of a kubeconfig', () => {
  let theirs: SomebodysCluster;
  let workplace: Workplace;
  let realCluster: RealCluster;
  const cleanups: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    theirs = await createSomebodysCluster();
    workplace = await createWorkplace(bundle);
    realCluster = await loadRealCluster({ KUBECONFIG: theirs.kubeconfig });
  });

  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  });

  afterAll(async () => {
    await workplace.dispose();
    await theirs.dispose();
  });

  const builtIn = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

  async function open(setup: string | null = SETUP): Promise<Session> {
    const files: Record<string, string> = setup === null ? {} : { 'setup/shop.yaml': setup };
    const config = `environment: kubeconfig\n${setup === null ? '' : 'setup: [shop.yaml]\n'}`;
    const lesson = await createTempLesson(MARKDOWN, files, config);
    cleanups.push(() => lesson.dispose());
    const logger = { info: () => undefined, error: () => undefined };
    const session = await createSession(await lesson.load(), { ...workplace, realCluster, logger });
    cleanups.push(() => session.dispose());
    return session;
  }

  it('works in namespaces of its own, which are gone when it ends', async () => {
    const session = await open();

    const during = theirs.namespaces();
    const start = await session.runBlock('1-1', { interrupt: false });
    const state = start.started ? await start.settled : start;
    const checks = await Promise.all(['made', 'elsewhere', 'counts'].map((name) => session.runCheck(name)));
    const made = theirs.cluster.get('configmaps', 'shop', 'mine');
    await session.dispose();

    expect(during).toEqual([...builtIn, 'shop', 'shop-other']);
    expect(state).toMatchObject({ status: 'passed' });
    expect(made?.data).toEqual({ a: 'b' });
    expect(checks).toEqual([{ status: 'passed' }, { status: 'passed' }, { status: 'passed' }]);
    expect(theirs.namespaces()).toEqual(builtIn);
  });

  it('applies its setup, and says in the terminal which cluster it is', async () => {
    const session = await open();
    const terminal = session.terminal(1);
    let output = '';
    terminal?.pty.onOutput((data) => void (output += Buffer.from(data).toString()));
    await terminal?.ready();

    expect(theirs.cluster.get('configmaps', 'shop', 'settings')?.data).toEqual({ color: 'green' });
    expect(theirs.cluster.get('namespaces', undefined, 'shop')?.metadata.labels).toMatchObject({
      team: 'a',
      'taller.dev/session': expect.stringMatching(/^[0-9a-f]{8}$/) as unknown,
    });
    const greeting = session.environment.greeting ?? '';
    expect(greeting).toBe(
      `This terminal works on a real cluster: ${theirs.url} (context lab-as-ann, user ann).\nNamespaces of this lesson, deleted at its end: shop, shop-other`,
    );
    expect(output.replaceAll('\r', '')).toContain(`${greeting}\n\n`);
    expect(await readFile(join(session.home, '.kube', 'config'), 'utf8')).toContain('namespace: shop\n');
  });

  it('has a namespace of its own when its setup names none', async () => {
    const session = await open(null);

    const own = theirs.namespaces().filter((name) => !builtIn.includes(name));
    await session.restart();
    const next = theirs.namespaces().filter((name) => !builtIn.includes(name));

    expect(own).toEqual([expect.stringMatching(/^taller-[0-9a-f]{8}$/)]);
    expect(next).toHaveLength(1);
    expect(next).not.toEqual(own);
  });

  it('starts over with the same namespaces made anew', async () => {
    const session = await open();
    const start = await session.runBlock('1-1', { interrupt: false });
    if (start.started) await start.settled;

    await session.restart();

    expect(theirs.cluster.get('configmaps', 'shop', 'mine')).toBeUndefined();
    expect(theirs.cluster.get('configmaps', 'shop', 'settings')).toBeDefined();
  });

  it('refuses a namespace that is there already, and leaves it as it is', async () => {
    theirs.cluster.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }]);

    await expect(open()).rejects.toThrow(
      'the cluster has a namespace "shop" already, and it is not Taller\'s. Choose another cluster, or rename it in the lesson.',
    );

    expect(theirs.cluster.get('namespaces', undefined, 'shop')?.metadata.deletionTimestamp).toBeUndefined();
    expect(theirs.namespaces()).toEqual([...builtIn, 'shop']);
    await fetch(`${theirs.url}/api/v1/namespaces/shop`, { method: 'DELETE' });
    await pollFor(() => theirs.namespaces(), builtIn);
  });

  it('refuses a namespace that another session has', async () => {
    await open();

    await expect(open()).rejects.toThrow(/^the namespace "shop" is in use by another session \([0-9a-f]{8}\)\./);

    expect(theirs.namespaces()).toEqual([...builtIn, 'shop', 'shop-other']);
  });

  it('refuses a setup with objects of the whole cluster, and says where', async () => {
    const role = `apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: { name: all }\n`;

    await expect(open(`${SETUP}---\n${role}`)).rejects.toThrow(
      /shop\.yaml:1[0-9]: the ClusterRole all belongs to the whole cluster, and this lesson shares it with others\./,
    );

    expect(theirs.namespaces()).toEqual(builtIn);
  });

  it('says of a check what kind the cluster does not have', async () => {
    const session = await open();

    expect(await session.runCheck('unknown')).toMatchObject({
      status: 'failed',
      failures: [{ kind: 'error', message: 'the server doesn\'t have a resource type "gizmo"' }],
    });
  });

  it('does not start without somebody having said on which cluster', async () => {
    const lesson = await createTempLesson(MARKDOWN, {}, 'environment: kubeconfig\n');
    cleanups.push(() => lesson.dispose());
    const logger = { info: () => undefined, error: () => undefined };

    await expect(createSession(await lesson.load(), { ...workplace, logger })).rejects.toThrow(
      'this lesson runs on a cluster of a kubeconfig. Say on which with --cluster CONTEXT.',
    );
    expect(theirs.namespaces()).toEqual(builtIn);
  });
});
