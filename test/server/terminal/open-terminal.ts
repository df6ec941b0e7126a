import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createTerminal, type TerminalOptions } from '../../../server/terminal/create-terminal.ts';
import type { CommandEvent, Terminal } from '../../../server/terminal/terminal.ts';
import { pollFor } from './poll-for.ts';

export interface TestTerminal {
  terminal: Terminal;
  home: string;
  /** All output so far, decoded. */
  output(): string;
  bytes(): Buffer;
  events: CommandEvent[];
  finished(): FinishedCommand[];
  /** Types keys and waits until `count` more commands have finished and the prompt is back. */
  type(keys: string, count?: number): Promise<FinishedCommand[]>;
  prompt(): Promise<void>;
}

export type FinishedCommand = Pick<Extract<CommandEvent, { type: 'finished' }>, 'text' | 'status' | 'output' | 'fed'>;

/** A real bash in a home of its own, at its first prompt; both are gone after the test. */
export async function openTerminal(options: Partial<TerminalOptions> = {}): Promise<TestTerminal> {
  const directory = await mkdtemp(join(tmpdir(), 'taller-terminal-'));
  const home = options.home ?? directory;
  const terminal = createTerminal({
    env: {},
    columns: 80,
    rows: 24,
    integrationDir: join(directory, 'private'),
    ...options,
    home,
  });
  onTestFinished(async () => {
    terminal.dispose();
    // A shell that is hung up still writes its history.
    await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
  });

  const chunks: Uint8Array[] = [];
  const events: CommandEvent[] = [];
  terminal.onOutput((data) => chunks.push(Uint8Array.from(data)));
  terminal.onCommand((event) => events.push(event));
  const prompt = () => pollFor(() => terminal.state, 'prompt');
  const finished = () =>
    events.flatMap((event) => {
      if (event.type !== 'finished') return [];
      const { text, status, output, fed } = event;
      return [{ text, status, output, fed }];
    });

  await prompt();
  return {
    terminal,
    home,
    events,
    finished,
    bytes: () => Buffer.concat(chunks),
    output: () => Buffer.concat(chunks).toString('utf8'),
    async type(keys, count = 1) {
      const before = finished().length;
      terminal.write(keys);
      await pollFor(() => finished().length - before, count);
      await prompt();
      return finished().slice(before);
    },
    prompt,
  };
}
