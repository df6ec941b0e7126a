import type { CheckBlock, CheckState } from '../../common/lesson.ts';
import { Icon } from '../controls/icon.tsx';
import { Sentence } from '../controls/sentence.tsx';
import { messages } from '../state/navigation.ts';
import { hintsFor } from './check-hints.ts';
import { Comparison } from './comparison.tsx';
import { HintView } from './hint.tsx';
import { Outcome } from './outcome.tsx';
import { Why } from './why.tsx';

interface CheckBlockProps {
  block: CheckBlock;
  state: CheckState;
  /** False without a connection and while the server has not answered yet. */
  available: boolean;
  onCheck(): void;
}

/** What must be true at the end of a stage, and whether it is. */
export function CheckBlockView({ block, state, available, onCheck }: CheckBlockProps) {
  const t = messages.value.check;
  const ready = available && state.status !== 'running';
  const fresh = state.status === 'idle';
  return (
    <div
      class="block block--check"
      role="group"
      aria-label={t.label}
      data-check={block.name}
      data-status={state.status}
    >
      <p class="block__subject">
        <span class="block__kind">{t.label}</span>
        <code>{block.subject}</code>
      </p>
      <div class="block__actions">
        <button
          type="button"
          class={fresh ? 'button button--main' : 'button'}
          aria-label={fresh ? t.checkSubject(block.subject) : t.againSubject(block.subject)}
          aria-disabled={!ready}
          onClick={() => ready && onCheck()}
        >
          <Icon name="search" />
          {fresh ? t.check : t.again}
        </button>
      </div>
      <CheckOutcome state={state} />
      {state.status === 'failed' &&
        state.failures.map((failure) => failure.kind === 'lines' && <Comparison lines={failure.lines} />)}
      {'verdicts' in state && <Why verdicts={state.verdicts ?? []} open={state.status === 'failed'} />}
      {state.status === 'failed' &&
        hintsFor(block, state.failures).map((html) => <HintView key={html} html={html} open />)}
    </div>
  );
}

function CheckOutcome({ state }: { state: CheckState }) {
  const t = messages.value.check;
  switch (state.status) {
    case 'idle':
      return <Outcome status="idle" />;
    case 'running':
      return <Outcome status="running">{t.running}</Outcome>;
    case 'passed':
      return <Outcome status="passed">{t.passed}</Outcome>;
    case 'failed':
      return (
        <Outcome status="failed">
          <p>{t.failed}</p>
          <ul class="outcome__clauses">
            {state.failures.map((failure, index) => (
              <li key={index}>
                <Sentence text={t.clause(failure)} />
              </li>
            ))}
          </ul>
        </Outcome>
      );
  }
}
