import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorkplace, type Workplace } from '../../../server/cli/workplace.ts';
import { createSession } from '../../../server/session/session.ts';
import { createTempLesson } from './temp-lesson.ts';

const KUBECTL = fileURLToPath(new URL('../../../dist/commands/kubectl.cjs', import.meta.url));
const LAUNCH = fileURLToPath(new URL('../../../server/launch.mjs', import.meta.url));
const logger = { info: () => undefined, error: () => undefined };

const LESSON = `## Step

\`\`\`sh run
istioctl version
\`\`\`

\`\`\`output
client version: 1.4.10
control plane version: 1.4.10
data plane version: 1.4.10 (<int> proxies)
\`\`\`
`;

describe('istioctl in a session', () => {
  let workplace: Workplace;
  let lesson: Awaited<ReturnType<typeof createTempLesson>>;
  beforeEach(async () => {
    workplace = await createWorkplace(KUBECTL);
    lesson = await createTempLesson(LESSON, {}, 'istio: "1.4"\n');
  });
  afterEach(async () => {
    await lesson.dispose();
    await workplace.dispose();
  });

  it("stands on the learner's PATH as that of the lesson's Istio, and completes with Tab", async () => {
    const session = await createSession(await lesson.load(), { ...workplace, logger });
    try {
      const start = await session.runBlock('1-1', { interrupt: false });

      expect(start.started && (await start.settled)).toEqual({ status: 'passed', how: 'clicked', running: false });
      const terminal = session.terminal(1);
      let text = '';
      terminal?.pty.onOutput((data) => void (text += Buffer.from(data).toString()));
      await terminal?.ready();
      terminal?.pty.write('istioctl proxy-c\t');
      await expect.poll(() => text).toContain('istioctl proxy-config ');
      terminal?.pty.write('\u0003');
    } finally {
      await session.dispose();
    }
  });

  it('stands on the PATH of taller run', async () => {
    const args = [LAUNCH, 'run', '--istio', '1.6', '--', 'istioctl', 'version', '--remote=false'];

    expect((await promisify(execFile)(process.execPath, args)).stdout).toBe('1.6.5\n');
  });
});
