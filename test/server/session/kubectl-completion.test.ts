import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorkplace, type Workplace } from '../../../server/cli/workplace.ts';
import { createSession, type Session } from '../../../server/session/session.ts';
import { createTempLesson } from './temp-lesson.ts';

const KUBECTL = fileURLToPath(new URL('../../../dist/commands/kubectl.cjs', import.meta.url));
const logger = { info: () => undefined, error: () => undefined };

describe("the Tab key in a learner's shell", () => {
  let workplace: Workplace;
  let lesson: Awaited<ReturnType<typeof createTempLesson>>;
  let session: Session;
  let text = '';

  beforeAll(async () => {
    workplace = await createWorkplace(KUBECTL);
    lesson = await createTempLesson('## Step\n\n```sh run\ntrue\n```\n', {});
    session = await createSession(await lesson.load(), { ...workplace, logger });
    const terminal = session.terminal(1);
    terminal?.pty.onOutput((data) => void (text += Buffer.from(data).toString()));
    await terminal?.ready();
  });
  afterAll(async () => {
    await session.dispose();
    await lesson.dispose();
    await workplace.dispose();
  });

  it.each([
    ['a command', 'kubectl desc', 'kubectl describe '],
    ['a kind', 'kubectl get configm', 'kubectl get configmaps '],
    ['a kind that the mesh has', 'kubectl get peera', 'kubectl get peerauthentications '],
    ['an object', 'kubectl get cm kube-r', 'kubectl get cm kube-root-ca.crt '],
    ['a namespace', 'kubectl get pods -n kube-p', 'kubectl get pods -n kube-public '],
    ['a flag', 'kubectl get pods --show-l', 'kubectl get pods --show-labels '],
    ['the same for oc', 'oc descr', 'oc describe '],
  ])('completes %s', async (_, typed, line) => {
    const terminal = session.terminal(1);
    text = '';

    terminal?.pty.write(`${typed}\t`);

    await expect.poll(() => text).toContain(line);
    text = '';
    terminal?.pty.write('\u0003');
    await expect.poll(() => text).toContain(' $ ');
  });
});
