import type { Descriptor } from '../../process/open-file.ts';
import type { Process } from '../../process/process.ts';
import type { SignalName } from '../../process/signals.ts';
import type { Shell } from '../shell.ts';
import { Interrupted } from './control-flow.ts';
import { patiently } from './traps.ts';

/** What a shell says when a signal has ended its command. */
const SPOKEN_ENDS: Readonly<Partial<Record<SignalName, string>>> = {
  HUP: 'Hangup',
  KILL: 'Killed',
  QUIT: 'Quit',
  TERM: 'Terminated',
};

/** Starts a process of this shell: its folder, user and terminal. */
export function spawnChild(
  shell: Shell,
  program: Parameters<Process['run']>[0],
  args: readonly string[],
  environment: ReadonlyMap<string, string>,
  descriptors: Map<number, Descriptor>,
  background: boolean,
): Process {
  const child = shell.process.container.spawn(program, {
    args,
    environment,
    workingDirectory: shell.process.workingDirectory,
    uid: shell.process.uid,
    descriptors,
    parent: shell.process,
    tty: shell.process.tty,
  });
  child.background = background;
  return child;
}

/** The status of a child that has ended; Ctrl-C brings an interactive shell back to its prompt. @throws Interrupted */
export async function waitFor(shell: Shell, child: Process): Promise<number> {
  const status = await patiently(() => shell.process.race(child.exited));
  const end = child.killedBy === null ? undefined : SPOKEN_ENDS[child.killedBy];
  if (end !== undefined) await shell.process.printError(`${end}\n`);
  if (shell.interactive && status === 130) {
    shell.interrupted = false;
    shell.lastStatus = 130;
    throw new Interrupted();
  }
  return status;
}
