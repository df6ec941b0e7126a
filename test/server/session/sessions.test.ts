import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createWorkplace, type Workplace } from '../../../server/cli/workplace.ts';
import type { LessonDefinition } from '../../../server/lessons/definition.ts';
import { loadRealCluster } from '../../../server/session/real-cluster.ts';
import { createSessions, type Sessions, type SessionsOptions } from '../../../server/session/sessions.ts';
import { createSomebodysCluster, type SomebodysCluster } from './somebodys-cluster.ts';
import { createTempLesson } from './temp-lesson.ts';

const kubectl = fileURLToPath(new URL('../../../dist/commands/kubectl.cjs', import.meta.url));
const MARKDOWN = '## One\n\n```sh run\necho hello\n```\n';

describe('the sessions of a server', () => {
  let workplace: Workplace;
  let lesson: LessonDefinition;
  beforeAll(async () => {
    workplace = await createWorkplace(kubectl);
    const folder = await createTempLesson(MARKDOWN);
    lesson = await folder.load();
    await folder.dispose();
  });
  afterAll(() => workplace.dispose());

  function open(options: Partial<SessionsOptions> = {}): Sessions {
    const logger = { info: () => undefined, error: () => undefined };
    const sessions = createSessions({ ...workplace, logger, ...options });
    onTestFinished(() => sessions.dispose());
    return sessions;
  }

  it('are one for each learner and lesson, also for a learner who comes back', async () => {
    const sessions = open();

    const first = await sessions.acquire('ann', lesson);
    first.release();
    const [again, other] = await Promise.all([sessions.acquire('ann', lesson), sessions.acquire('bea', lesson)]);

    expect(again.session).toBe(first.session);
    expect(other.session).not.toBe(first.session);
    expect(sessions.size).toBe(2);
  });

  it('make room for a newcomer by the one without a page for longest, never by one with a page', async () => {
    const sessions = open({ maxSessions: 2 });
    const ann = await sessions.acquire('ann', lesson);
    const bea = await sessions.acquire('bea', lesson);
    await expect(sessions.acquire('cleo', lesson)).rejects.toMatchObject({ code: 'TOO_MANY_SESSIONS' });
    bea.release();
    ann.release();

    await sessions.acquire('cleo', lesson);

    expect((await sessions.acquire('ann', lesson)).session).toBe(ann.session);
    await expect(sessions.acquire('bea', lesson)).rejects.toMatchObject({ code: 'TOO_MANY_SESSIONS' });
  });

  it('end some time after their page has gone', async () => {
    const sessions = open({ idleMs: 1 });
    const held = await sessions.acquire('ann', lesson);
    const left = await sessions.acquire('bea', lesson);
    left.release();

    await expect.poll(() => sessions.size).toBe(1);
    expect((await sessions.acquire('ann', lesson)).session).toBe(held.session);
  });

  it('are made anew when one could not be restarted on the cluster of others', async () => {
    const sessions = open();
    const theirs: LessonDefinition = { ...lesson, config: { ...lesson.config, environment: 'kubeconfig' } };
    const acquireOn = async ({ kubeconfig }: SomebodysCluster) => {
      const realCluster = await loadRealCluster({ KUBECONFIG: kubeconfig });
      return sessions.acquire('ann', theirs, { realCluster });
    };
    const [gone, there] = [await createSomebodysCluster(), await createSomebodysCluster()];
    onTestFinished(() => there.dispose());
    const { session } = await acquireOn(gone);
    await gone.dispose();
    await expect(session.restart()).rejects.toMatchObject({ code: 'CLUSTER_UNREACHABLE' });

    const next = await acquireOn(there);

    expect(next.session).not.toBe(session);
    expect(there.namespaces()).toContainEqual(expect.stringMatching(/^taller-/));
    expect(sessions.size).toBe(1);
  });
});
