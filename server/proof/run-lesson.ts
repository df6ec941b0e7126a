import type { Block, Step } from '../../common/lesson.ts';
import type { Session } from '../session/session.ts';
import { describeBlockFailure, describeCheckFailure, describeRefusal } from './describe-failure.ts';
import { withVerdicts } from './describe-verdicts.ts';

/** What became of one block or check. */
export interface LessonResult {
  step: Step;
  block: Exclude<Block, { kind: 'hint' }>;
  /** The command's first line, or `check NAME`. */
  label: string;
  /** Null when it passed. */
  failure: string | null;
}

/**
 * Goes through a lesson as a learner who clicks every block and presses every check, in the order of the text.
 * @param steps of any language: commands and checks are the same in all.
 * @param checkOutput what the last command of a check printed.
 */
export async function* runLesson(
  session: Session,
  steps: readonly Step[],
  checkOutput: () => string,
): AsyncGenerator<LessonResult> {
  for (const step of steps) {
    session.showStep(step.id);
    for (const block of step.blocks) {
      if (block.kind !== 'hint') yield { step, block, ...(await runOne(session, block, checkOutput)) };
    }
  }
}

async function runOne(
  session: Session,
  block: Exclude<Block, { kind: 'hint' }>,
  checkOutput: () => string,
): Promise<{ label: string; failure: string | null }> {
  if (block.kind === 'check') {
    const state = await session.runCheck(block.name);
    return {
      label: `check ${block.name}`,
      failure: state?.status === 'failed' ? withVerdicts(describeCheckFailure(state, checkOutput()), state) : null,
    };
  }
  const [firstLine = ''] = block.command.split('\n');
  const label = firstLine === block.command ? firstLine : `${firstLine} …`;
  // The page would ask whether to interrupt a watch that still runs; the learner says yes.
  let printed = '';
  const stop = session.terminal(block.terminal)?.pty.onCommand((event) => {
    if (event.type === 'finished') printed += event.output;
  });
  try {
    const start = await session.runBlock(block.id, { interrupt: true });
    if (!start.started) return { label, failure: describeRefusal(start.reason) };
    const state = await start.settled;
    if (state.status !== 'failed') return { label, failure: null };
    return { label, failure: withVerdicts(describeBlockFailure(block, state.failure, printed), state) };
  } finally {
    stop?.();
  }
}
