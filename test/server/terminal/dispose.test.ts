import { existsSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openTerminal } from './open-terminal.ts';
import { pollFor } from './poll-for.ts';

/** Open ends of ptys. Other descriptors come and go with the test runner's own work. */
async function ptyCount(): Promise<number> {
  const links = (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ''));
  return (await Promise.all(links)).filter((link) => /^\/dev\/(ptmx|pts\/\d+)$/.test(link)).length;
}

/** Processes with this text in their environment. */
async function processesWith(text: string): Promise<number[]> {
  const found: number[] = [];
  for (const entry of await readdir('/proc')) {
    const environment = /^\d+$/.test(entry) ? await readFile(`/proc/${entry}/environ`, 'latin1').catch(() => '') : '';
    if (environment.includes(text)) found.push(Number(entry));
  }
  return found;
}

async function childCount(): Promise<number> {
  let count = 0;
  for (const entry of await readdir('/proc')) {
    const stat = /^\d+$/.test(entry) ? await readFile(`/proc/${entry}/stat`, 'latin1').catch(() => '') : '';
    if (stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] === String(process.pid)) count++;
  }
  return count;
}

describe.skipIf(!existsSync('/proc/self/fd'))('dispose (needs /proc)', () => {
  it('leaves no file descriptor and no process of 50 terminals', async () => {
    await openTerminal().then((shell) => shell.terminal.dispose());
    await pollFor(childCount, 0);
    await pollFor(ptyCount, 0);

    for (let round = 0; round < 5; round++) {
      const shells = await Promise.all(Array.from({ length: 10 }, () => openTerminal()));
      for (const [index, shell] of shells.entries()) {
        if (index % 3 === 0) shell.terminal.write('sleep 1000\r');
        if (index % 3 === 1) shell.terminal.pause();
      }
      for (const shell of shells) shell.terminal.dispose();
    }

    await pollFor(childCount, 0);
    await pollFor(ptyCount, 0);
  });

  it('leaves nothing of a shell that has ended by itself', async () => {
    const shell = await openTerminal();
    shell.terminal.write('exit\r');
    await pollFor(() => shell.terminal.state, 'ended');
    await pollFor(ptyCount, 0);

    shell.terminal.dispose();
    shell.terminal.dispose();
    shell.terminal.write('late');
    shell.terminal.resize(10, 10);
    shell.terminal.pause();
    shell.terminal.resume();

    expect(await ptyCount()).toBe(0);
    expect(await readdir(join(shell.home, 'private'))).toEqual([]);
  });

  it.each([
    ['a job in the background', 'sleep 1000 &'],
    ['a job that ignores the hang-up', 'nohup sleep 1000 >/dev/null 2>&1 &'],
    ['a program that ignores signals', `bash -c "trap '' HUP INT TERM; while :; do sleep 1000; done" &`],
    ['a stopped job', `bash -c 'kill -STOP $$' &`],
    ['a daemon in a session of its own', 'setsid sleep 1000 >/dev/null 2>&1 &'],
    ['a nested shell', 'bash'],
  ])('ends %s', async (_, command) => {
    const marker = `TALLER_TEST_RUN=${Math.random()}`;
    const shell = await openTerminal({ env: { TALLER_TEST_RUN: marker.split('=')[1]! } });
    await shell.type(`${command}\r`);
    await pollFor(async () => (await processesWith(marker)).length > 1, true);

    shell.terminal.dispose();

    await pollFor(() => processesWith(marker), []);
  });

  it('ends what is left of a shell that has ended by itself', async () => {
    const marker = `TALLER_TEST_RUN=${Math.random()}`;
    const shell = await openTerminal({ env: { TALLER_TEST_RUN: marker.split('=')[1]! } });

    shell.terminal.write('nohup sleep 1000 >/dev/null 2>&1 & exit\r');
    await pollFor(() => shell.terminal.state, 'ended');

    await pollFor(() => processesWith(marker), []);
  });

  it('calls no listener any more', async () => {
    const shell = await openTerminal();
    shell.terminal.write('echo one; sleep 1000\r');
    await pollFor(() => shell.output().includes('one\r\n'), true);
    const seen = shell.events.length;

    shell.terminal.dispose();
    await pollFor(childCount, 0);

    expect(shell.events.length).toBe(seen);
    await expect(shell.terminal.run('echo no')).rejects.toThrow('The shell has ended');
  });
});

it('does not spin while nobody reads the input', async () => {
  const shell = await openTerminal();
  shell.terminal.write('stty -icanon; sleep 1000\r');
  await pollFor(() => shell.terminal.state, 'running');

  shell.terminal.write('x'.repeat(500_000));
  const cpu = process.cpuUsage();
  const until = performance.now() + 300;
  await pollFor(() => performance.now() > until, true);
  const { user, system } = process.cpuUsage(cpu);

  expect((user + system) / 1000).toBeLessThan(200);
});
