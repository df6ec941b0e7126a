import type { BlockState, RunBlock } from '../../common/lesson.ts';
import type { Logger } from '../logger.ts';
import { BusyError } from '../terminal/terminal.ts';
import { createBlockRun, type BlockRun } from './block-run.ts';
import type { SessionTerminal } from './session-terminal.ts';

/** Feeds the block to the shell. Resolves with its first verdict: a watch passes before it ends. */
export function runInTerminal(block: RunBlock, terminal: SessionTerminal, logger: Logger): Promise<BlockState> {
  return new Promise((resolve) => {
    const run: BlockRun = createBlockRun(block, 'clicked', (state) => {
      terminal.report(block.id, state);
      if (state.status !== 'running' && state.status !== 'idle') resolve(state);
    });
    const failed = (failure: Extract<BlockState, { status: 'failed' }>['failure']) =>
      run.settle({ status: 'failed', how: 'clicked', failure });
    terminal.pty
      .run(block.command, ({ output }) => run.progress(output))
      .then((result) => {
        if (result.outcome === 'finished') run.finish(result.output, result.status);
        else if (result.outcome === 'interrupted') run.finish(result.output, 130);
        else if (result.outcome === 'syntax') failed({ reason: 'syntax', message: result.message });
        else failed({ reason: 'shell-ended' });
      })
      .catch((error: unknown) => {
        // The terminal was taken between our look and the first line: the shell goes on with something else.
        failed({ reason: 'interrupted' });
        if (!(error instanceof BusyError)) logger.error(`cannot type block ${block.id}`, error);
      });
  });
}
