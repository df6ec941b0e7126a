import { execFile } from 'node:child_process';
import { access, readdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ServerMessage } from '../../../common/protocol.ts';
import { createWorkplace, type Workplace } from '../../../server/cli/workplace.ts';
import { createSession, type Session } from '../../../server/session/session.ts';
import { createTempLesson } from './temp-lesson.ts';

const kubectl = fileURLToPath(new URL('../../../dist/commands/kubectl.cjs', import.meta.url));
const logger = { info: () => undefined, error: () => undefined };

const LESSON = `Intro.

## First

\`\`\`sh run
echo hello
\`\`\`

\`\`\`output
hello
\`\`\`

\`\`\`sh run
cat greeting.txt
false
\`\`\`

\`\`\`output exit=1
hello from a file
\`\`\`

\`\`\`check made
run: test -e made
hints:
  exit: Make it.
\`\`\`

## Second

\`\`\`sh run
echo hello
\`\`\`

\`\`\`output
hello
\`\`\`

\`\`\`sh run timeout=60s
while sleep 0.05; do echo tick; done
\`\`\`

\`\`\`output
tick
...
\`\`\`

\`\`\`sh run interrupt
kubectl get namespaces -o name
\`\`\`

\`\`\`output
namespace/default
...
\`\`\`

\`\`\`check default
object: Namespace default
has:
  status.phase: Active
\`\`\`

\`\`\`check team
object: Namespace team-a
within: 60s
\`\`\`
`;

describe('a session', () => {
  let workplace: Workplace;
  let lesson: Awaited<ReturnType<typeof createTempLesson>>;
  let session: Session;
  let messages: ServerMessage[];
  beforeAll(async () => {
    workplace = await createWorkplace(kubectl);
    lesson = await createTempLesson(LESSON, { 'files/greeting.txt': 'hello from a file\n' });
  });
  afterEach(() => session.dispose());
  afterAll(async () => {
    await lesson.dispose();
    await workplace.dispose();
  });

  const open = async () => {
    session = await createSession(await lesson.load(), { ...workplace, logger });
    messages = [];
    session.onMessage((message) => messages.push(message));
  };
  const run = async (id: string, interrupt = false) => {
    const start = await session.runBlock(id, { interrupt });
    if (!start.started) throw new Error(start.reason);
    return start.settled;
  };
  const blockState = (id: string) => session.state().blocks[id];
  /** Types as a learner does: when the shell waits for it. */
  const type = async (text: string) => {
    const terminal = session.terminal(1);
    await terminal?.ready();
    terminal?.pty.write(text);
  };

  it('runs blocks in the home, with the lesson’s files, and judges output and exit status', async () => {
    await open();

    expect(await run('1-1')).toEqual({ status: 'passed', how: 'clicked', running: false });
    expect(await run('1-2')).toEqual({ status: 'passed', how: 'clicked', running: false });
    expect(messages.filter((message) => message.type === 'block-state' && message.block === '1-1')).toEqual([
      { type: 'block-state', block: '1-1', state: { status: 'running' } },
      { type: 'block-state', block: '1-1', state: { status: 'passed', how: 'clicked', running: false } },
    ]);
  });

  it('counts a typed command as the block with the same words, on the step that is shown', async () => {
    await open();
    session.showStep('step-2');

    await type('echo   hello\r');

    await expect.poll(() => blockState('2-1')).toEqual({ status: 'passed', how: 'typed', running: false });
    expect(blockState('1-1')).toBeUndefined();
  });

  it('counts the lines of a block typed one after the other', async () => {
    await open();

    const ended = vi.fn();
    session.terminal(1)?.pty.onCommand(({ type }) => type === 'finished' && ended());
    await type('cat greeting.txt\r');
    await expect.poll(() => ended).toHaveBeenCalled();
    await expect.poll(() => session.terminal(1)?.state().activity).toBe('prompt');
    await type('false\r');

    await expect.poll(() => blockState('1-2')).toEqual({ status: 'passed', how: 'typed', running: false });
  });

  it('keeps a block done that fails when it runs again', async () => {
    await open();
    await run('1-2');
    await type('rm greeting.txt\r');
    const exists = () =>
      access(join(session.home, 'greeting.txt')).then(
        () => true,
        () => false,
      );
    await expect.poll(exists).toBe(false);

    expect(await run('1-2', true)).toMatchObject({ status: 'failed' });

    expect(session.state().done).toEqual(['1-2']);
  });

  it('says what differs', async () => {
    await open();
    await type('echo gone > greeting.txt\r');
    await expect.poll(() => readFile(join(session.home, 'greeting.txt'), 'utf8')).toBe('gone\n');

    const state = await run('1-2', true);

    expect(state).toMatchObject({
      status: 'failed',
      failure: {
        reason: 'different',
        exit: null,
        lines: [{ kind: 'different', expected: 'hello from a file', actual: 'gone' }],
      },
    });
  });

  it('passes a command that never ends while it runs, and interrupts it for the block that asks for that', async () => {
    await open();

    expect(await run('2-2')).toEqual({ status: 'passed', how: 'clicked', running: true });
    expect(await session.runBlock('1-1', { interrupt: false })).toEqual({ started: false, reason: 'busy' });
    expect(await run('2-3')).toMatchObject({ status: 'passed' });

    expect(blockState('2-2')).toEqual({ status: 'passed', how: 'clicked', running: false });
  });

  it('says when a command can not be interrupted', async () => {
    await open();
    await type("trap '' INT; bash -c 'sleep 20'\r");
    await expect.poll(() => session.terminal(1)?.state().activity).toBe('running');

    expect(await session.runBlock('1-1', { interrupt: true })).toEqual({ started: false, reason: 'not-interruptible' });
  });

  it('runs the checks of a step by itself once its commands have passed', async () => {
    await open();
    await run('1-1');
    await run('1-2');

    await expect.poll(() => session.state().checks.made?.status).toBe('failed');

    await type('touch made\r');
    await expect
      .poll(() =>
        access(join(session.home, 'made')).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    expect(await session.runCheck('made')).toEqual({ status: 'passed' });
  });

  it('reads objects from the cluster, not from what the shell prints, and waits for them as long as it should', async () => {
    await open();
    expect(await session.runCheck('default')).toEqual({ status: 'passed' });

    const waiting = session.runCheck('team');
    await expect
      .poll(() => session.state().checks.team)
      .toEqual({
        status: 'running',
        failures: [{ kind: 'object-missing', clause: 'missing', subject: 'Namespace team-a' }],
      });
    await type("alias kubectl='echo faked'; \\kubectl create namespace team-a\r");

    expect(await waiting).toEqual({ status: 'passed' });
    expect(session.state().done).toContain('check:team');
    for (const name of ['nosuch', 'constructor', '__proto__']) expect(await session.runCheck(name)).toBeNull();
  });

  it('starts anew with another home and another cluster', async () => {
    await open();
    await run('1-1');
    const before = session.home;

    await session.restart();

    expect(session.state()).toMatchObject({ blocks: {}, checks: {}, done: [], terminals: [] });
    expect(messages.at(-1)).toEqual({
      type: 'session-restarted',
      ingress: expect.stringMatching(/^[0-9a-f]{20}$/) as string,
    });
    await session.terminal(1)?.ready();
    expect(session.home).not.toBe(before);
    await expect(access(before)).rejects.toThrow('ENOENT');
    expect(await run('1-1')).toMatchObject({ status: 'passed' });
  });

  it('starts anew once, however often it is asked meanwhile', async () => {
    await open();

    await Promise.all([session.restart(), session.restart()]);

    const folders = (await readdir(workplace.root)).filter((name) => name.startsWith('session-'));
    expect(folders).toEqual([basename(dirname(session.home))]);
    expect(messages.filter((message) => message.type === 'session-restarted')).toHaveLength(1);
  });

  it('leaves nothing behind when its files cannot be copied', async () => {
    await open();
    await session.dispose();
    const sound = await lesson.load();
    const pipe = join(lesson.directory, 'files', 'pipe');
    await promisify(execFile)('mkfifo', [pipe]);

    const opening = createSession(sound, { ...workplace, logger });

    await expect(opening).rejects.toMatchObject({ code: 'FILES_UNREADABLE' });
    await rm(pipe);
    expect((await readdir(workplace.root)).filter((name) => name.startsWith('session-'))).toEqual([]);
  });

  it('reports the end of a shell and starts a new one', async () => {
    await open();
    await type('exit 3\r');
    await expect.poll(() => session.terminal(1)?.state()).toMatchObject({ activity: 'ended', exitCode: 3 });

    expect(await session.runBlock('1-1', { interrupt: true })).toEqual({ started: false, reason: 'shell-ended' });
    expect(session.restartTerminal(1)).toBe(true);

    expect(await run('1-1')).toMatchObject({ status: 'passed' });
    expect(session.restartTerminal(1)).toBe(false);
  });

  it('gives the shell nothing of the server’s environment', async () => {
    process.env.TALLER_CANARY = 'secret-of-the-server';
    await open();

    await type('env > seen; echo do"ne"\r');

    await expect.poll(() => readFile(join(session.home, 'seen'), 'utf8').catch(() => '')).toContain('KUBECONFIG=');
    delete process.env.TALLER_CANARY;
    expect(await readFile(join(session.home, 'seen'), 'utf8')).not.toContain('secret-of-the-server');
  });
});
