import { spawn, type IPty } from 'node-pty';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBench, type Bench } from './bundle.ts';

describe('kubectl in a terminal', () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await createBench();
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'box', namespace: 'default' } };
    bench.cluster.apply([
      { ...pod, spec: { containers: [{ name: 'box', image: 'busybox:1.36', command: ['sleep', '3600'] }] } },
    ]);
    const ready = start('wait', '--for=condition=Ready', 'pod/box', '--timeout=60s');
    expect(await ready.exit).toBe(0);
  });

  afterAll(() => bench.dispose());

  it('exec -it gives the keys to the shell in the pod and its exit status back', async () => {
    const terminal = start('exec', '-it', 'box', '--', 'sh');

    await terminal.until(/[$#] $/);
    terminal.pty.write('echo one-$((1 + 1))\r');
    await terminal.until(/one-2\r\n/);
    terminal.pty.write('exit 7\r');

    expect(await terminal.exit).toBe(7);
    expect(terminal.text()).toContain('command terminated with exit code 7');
  });

  it('exec -it passes Ctrl-C on instead of dying of it', async () => {
    const terminal = start('exec', '-it', 'box', '--', 'sh');

    await terminal.until(/[$#] $/);
    terminal.pty.write('sleep 1000\r');
    await terminal.until(/sleep 1000\r\n/);
    terminal.pty.write('\u0003');
    await terminal.until(/[$#] $/);
    terminal.pty.write('exit 0\r');

    expect(await terminal.exit).toBe(0);
  });

  it('get -w goes on until Ctrl-C', async () => {
    const terminal = start('get', 'pods', '-w');

    await terminal.until(/box +1\/1 +Running/);
    terminal.pty.write('\u0003');

    expect(await terminal.exit).toBe(-2); // ended by signal 2
  });

  /** An end by a signal counts as its negative number. */
  function start(...words: string[]): {
    pty: IPty;
    exit: Promise<number>;
    text(): string;
    until(pattern: RegExp): Promise<void>;
  } {
    const pty = spawn(process.execPath, [bench.bundle, ...words], { env: bench.env, cols: 80, rows: 24 });
    let text = '';
    pty.onData((data) => (text += data));
    const exit = new Promise<number>((resolve) =>
      pty.onExit(({ exitCode, signal }) => resolve(signal ? -signal : exitCode)),
    );
    let from = 0;
    return {
      pty,
      exit,
      text: () => text,
      async until(pattern) {
        await expect.poll(() => text.slice(from)).toMatch(pattern);
        from = text.length;
      },
    };
  }
});
