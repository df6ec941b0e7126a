import type { BlockState, RunBlock } from '../../common/lesson.ts';
import type { TerminalState } from '../../common/protocol.ts';
import { createTerminal } from '../terminal/create-terminal.ts';
import { GREETING_VARIABLE } from '../terminal/shell-integration.ts';
import type { CommandEvent, Terminal } from '../terminal/terminal.ts';
import { createBlockRun, type BlockRun } from './block-run.ts';
import type { Environment } from './environment.ts';
import { TypedCommands } from './typed-commands.ts';

/** A terminal of a session: the shell, and the blocks that are recognised in what is typed there. */
export interface SessionTerminal {
  readonly number: number;
  readonly pty: Terminal;
  /** Number of the last input that the shell got; shared by all attachments, so a resent key is not typed twice. */
  readonly input: { seq: number };
  state(): TerminalState;
  /** What became of a block that runs here. */
  report(block: string, state: BlockState): void;
  /** Resolves when the shell has shown its first prompt, or has ended. */
  ready(): Promise<void>;
  dispose(): void;
}

export interface SessionTerminalOptions {
  number: number;
  input: { seq: number };
  environment: Environment;
  /** Those of the lesson as it is now. */
  blocks: () => readonly RunBlock[];
  /** Which of the blocks with this command is meant; undefined for none. */
  chooseBlock(candidates: readonly RunBlock[]): RunBlock | undefined;
  setBlock: (id: string, state: BlockState) => void;
  onState: (state: TerminalState) => void;
}

/** Until a page says how large it is. */
const DEFAULT_SIZE = { columns: 80, rows: 24 };

export function createSessionTerminal(options: SessionTerminalOptions): SessionTerminal {
  const { number, environment, input } = options;
  const pty = createTerminal({
    home: environment.home,
    env: {
      ...environment.shellEnv,
      ...(environment.greeting === undefined ? {} : { [GREETING_VARIABLE]: environment.greeting }),
    },
    integrationDir: environment.privateDirectory,
    ...DEFAULT_SIZE,
  });
  const state = (): TerminalState => ({
    terminal: number,
    activity: pty.state,
    exitCode: pty.exitCode,
    inputSeq: input.seq,
  });

  const commands = new TypedCommands();
  let typed: { command: number; earlierOutput: string; run: BlockRun } | undefined;
  const follow = (event: CommandEvent) => {
    if (event.fed) return;
    if (event.type === 'started') {
      const matches = commands.match(event.text, options.blocks());
      const block = options.chooseBlock(matches.map((match) => match.block));
      const match = matches.find((candidate) => candidate.block === block);
      if (!match) return;
      const run = createBlockRun(match.block, 'typed', (verdict) => options.setBlock(match.block.id, verdict));
      typed = { command: event.id, earlierOutput: match.earlierOutput, run };
      return;
    }
    const current = typed?.command === event.id ? typed : undefined;
    if (event.type === 'output') {
      current?.run.progress(current.earlierOutput + event.output);
      return;
    }
    commands.finished(event.text, event.output);
    current?.run.finish(current.earlierOutput + event.output, event.status);
    if (current) typed = undefined;
  };

  const stops = [
    pty.onCommand(follow),
    pty.onState(() => {
      options.onState(state());
      if (pty.state !== 'ended' || !typed) return;
      typed.run.settle({ status: 'failed', how: 'typed', failure: { reason: 'shell-ended' } });
      typed = undefined;
    }),
  ];
  return {
    number,
    pty,
    input,
    state,
    report: options.setBlock,
    ready() {
      if (pty.state !== 'starting') return Promise.resolve();
      return new Promise((resolve) => {
        const stop = pty.onState(() => {
          if (pty.state === 'starting') return;
          stop();
          resolve();
        });
      });
    },
    dispose() {
      for (const stop of stops) stop();
      typed?.run.dispose();
      pty.dispose();
    },
  };
}
