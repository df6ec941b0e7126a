import { useRef } from 'preact/hooks';
import type { BlockState, RunBlock } from '../../common/lesson.ts';
import { CopyButton } from '../controls/copy-button.tsx';
import { Icon } from '../controls/icon.tsx';
import { Sentence } from '../controls/sentence.tsx';
import { messages } from '../state/navigation.ts';
import type { Refusal } from '../state/session.ts';
import { Comparison } from './comparison.tsx';
import { ExpectedOutputView } from './expected-output.tsx';
import { firstWords } from './first-words.ts';
import { HintView } from './hint.tsx';
import { Outcome } from './outcome.tsx';
import { Why } from './why.tsx';

interface RunBlockProps {
  block: RunBlock;
  state: BlockState;
  /** Whether it has passed once, whatever became of it since. */
  done: boolean;
  refusal: Refusal | null;
  /** False without a connection and while the server has not answered yet. */
  available: boolean;
  showTerminal: boolean;
  /** `interrupt`: the learner agreed to end the command that still runs. */
  onRun(interrupt: boolean): void;
  onDismiss(): void;
  onStop(): void;
}

/** A command, the buttons that run and copy it, and what became of it. */
export function RunBlockView(props: RunBlockProps) {
  const { block, state, done, refusal, available, showTerminal, onRun, onDismiss, onStop } = props;
  const runButton = useRef<HTMLButtonElement>(null);
  const t = messages.value.run;
  const words = firstWords(block.command);
  const fresh = state.status === 'idle';
  const underWay = state.status === 'running' || (state.status === 'passed' && state.running);
  const ready = available && state.status !== 'running';
  // A button that goes away would drop the focus to the top of the page.
  const keepFocus = (): void => runButton.current?.focus();

  return (
    <div
      class="block"
      role="group"
      aria-label={t.command(showTerminal ? block.terminal : null)}
      data-block={block.id}
      data-status={state.status}
    >
      <pre class="block__command">
        <code>{block.command}</code>
      </pre>
      <div class="block__actions">
        <button
          ref={runButton}
          type="button"
          class={fresh ? 'button button--main' : 'button'}
          aria-label={fresh ? t.runCommand(words) : t.againCommand(words)}
          aria-disabled={!ready}
          onClick={() => ready && onRun(block.interrupt)}
        >
          <Icon name={fresh ? 'play' : 'restart'} />
          {fresh ? t.run : t.again}
        </button>
        {underWay && (
          <button
            type="button"
            class="button button--stop"
            onClick={() => {
              onStop();
              keepFocus();
            }}
          >
            <Icon name="stop" />
            {t.stop}
          </button>
        )}
        <CopyButton text={block.command} name={t.copyCommand(words)} />
        {showTerminal && <span class="block__terminal">{messages.value.terminal.name(block.terminal)}</span>}
      </div>
      <RunOutcome state={state} done={done} refusal={refusal} />
      {refusal === 'busy' && (
        <div class="block__actions">
          <button
            type="button"
            class="button button--main"
            onClick={() => {
              onRun(true);
              keepFocus();
            }}
          >
            {t.busyYes}
          </button>
          <button
            type="button"
            class="button"
            onClick={() => {
              onDismiss();
              keepFocus();
            }}
          >
            {t.busyNo}
          </button>
        </div>
      )}
      {state.status === 'failed' && 'lines' in state.failure && <Comparison lines={state.failure.lines} />}
      {'verdicts' in state && <Why verdicts={state.verdicts ?? []} open={state.status === 'failed'} />}
      <ExpectedOutputView block={block} />
      {block.hintHtml !== null && <HintView html={block.hintHtml} open={state.status === 'failed'} />}
    </div>
  );
}

function RunOutcome({ state, done, refusal }: { state: BlockState; done: boolean; refusal: Refusal | null }) {
  const t = messages.value.run;
  if (refusal !== null) {
    const text = { busy: t.busy, 'shell-ended': t.shellEnded, 'not-interruptible': t.notInterruptible }[refusal];
    return <Outcome status="asking">{text}</Outcome>;
  }
  switch (state.status) {
    case 'idle':
      return <Outcome status="idle" />;
    case 'running':
      return <Outcome status="running">{t.running}</Outcome>;
    case 'passed':
      return <Outcome status="passed">{state.running ? t.passedRunning : t.passed[state.how]}</Outcome>;
    case 'failed': {
      const { failure } = state;
      return (
        <Outcome status="failed">
          <p>
            <Sentence text={t.failed(failure)} />
          </p>
          {failure.reason === 'different' && failure.exit !== null && (
            <p>
              <Sentence text={t.exitDiffers(failure.exit.expected, failure.exit.actual)} />
            </p>
          )}
          {done && <p>{t.doneBefore}</p>}
        </Outcome>
      );
    }
  }
}
