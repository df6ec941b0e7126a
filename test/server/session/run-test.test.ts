import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runTestCommand } from '../../../server/session/run-test.ts';

let cwd: string;
const env = { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' };
const run = (command: string, json: { path: string; operator: '=='; value: unknown }[] = []) =>
  runTestCommand({ command, json }, { cwd, env });

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'taller-test-'));
});
afterAll(() => rm(cwd, { recursive: true }));

describe('runTestCommand', () => {
  it('keeps the order of both streams', async () => {
    const result = await run('for i in 1 2 3; do echo out $i; echo err $i >&2; done; exit 56');

    expect(result).toEqual({
      timedOut: false,
      exit: 56,
      output: 'out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\n',
      stdout: 'out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\n',
    });
  });

  it('keeps stdout apart when it is to be read as JSON', async () => {
    const result = await run('echo warning >&2; echo "{}"', [{ path: 'a', operator: '==', value: 1 }]);

    expect(result.stdout).toBe('{}\n');
    expect(result.output).toContain('warning');
  });

  it('ends with its session', async () => {
    const session = new AbortController();
    const running = runTestCommand({ command: 'sleep 60; true', json: [] }, { cwd, env, signal: session.signal });

    session.abort();

    expect(await running).toMatchObject({ timedOut: false, exit: 137 });
  });

  it('passes on no variable but the given ones', async () => {
    process.env.TALLER_CANARY = 'secret';

    const { output } = await run('env; type canary; alias');

    delete process.env.TALLER_CANARY;
    expect(output).not.toContain('secret');
    expect(output).toContain('PATH=/usr/bin:/bin');
  });

  it('ends a command that prints without end', async () => {
    const { exit, output } = await run('yes | cat');

    expect(exit).not.toBe(0);
    expect(output.length).toBeLessThanOrEqual(1024 * 1024);
  });

  it.each(['sleep 600 & echo started', 'setsid sleep 600 & echo started'])(
    'does not wait for what stays in the background: %s',
    async (command) => {
      const result = await runTestCommand({ command, json: [] }, { cwd, env }, 500);

      expect(result).toMatchObject({ timedOut: true, exit: 0, output: 'started\n' });
    },
  );

  it('rejects when bash cannot start', async () => {
    await expect(runTestCommand({ command: 'true', json: [] }, { cwd: join(cwd, 'gone'), env })).rejects.toThrow(
      'ENOENT',
    );
  });
});
