import type { CheckBlock, CheckState, ClauseFailure } from '../../common/lesson.ts';
import { Icon } from '../controls/icon.tsx';
import { Sentence } from '../controls/sentence.tsx';
import { messages } from '../state/navigation.ts';
import { hintsFor } from './check-hints.ts';
import { Comparison } from './comparison.tsx';
import { firstWords } from './first-words.ts';
import { HintView } from './hint.tsx';
import { Outcome } from './outcome.tsx';
import { Why } from './why.tsx';

interface CheckBlockProps {
  block: CheckBlock;
  state: CheckState;
  /** Whether it has passed once, whatever became of it since. */
  done: boolean;
  /** False without a connection and while the server has not answered yet. */
  available: boolean;
  onCheck(): void;
}

/** What must be true at the end of a stage, and whether it is. */
export function CheckBlockView({ block, state, done, available, onCheck }: CheckBlockProps) {
  const t = messages.value.check;
  const ready = available && state.status !== 'running';
  const fresh = state.status === 'idle';
  const failures = 'failures' in state ? (state.failures ?? []) : [];
  const name = block.goal === null ? firstWords(block.subject) : block.goal.replaceAll('`', '');
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
        {block.goal === null ? (
          <code>{block.subject}</code>
        ) : (
          <span>
            <Sentence text={block.goal} />
          </span>
        )}
      </p>
      <div class="block__actions">
        <button
          type="button"
          class={fresh ? 'button button--main' : 'button'}
          aria-label={fresh ? t.checkSubject(name) : t.againSubject(name)}
          aria-disabled={!ready}
          onClick={() => ready && onCheck()}
        >
          <Icon name="search" />
          {fresh ? t.check : t.again}
        </button>
      </div>
      <CheckOutcome state={state} done={done} />
      {failures.map((failure) => failure.kind === 'lines' && <Comparison lines={failure.lines} />)}
      {'verdicts' in state && <Why verdicts={state.verdicts ?? []} open={state.status === 'failed'} />}
      {hintsFor(block, failures).map((html) => (
        <HintView key={html} html={html} open />
      ))}
      {block.goal !== null && (
        <details class="expected">
          <summary class="expected__summary">{t.how}</summary>
          <pre class="expected__text" tabIndex={0}>
            {block.subject}
          </pre>
        </details>
      )}
    </div>
  );
}

function CheckOutcome({ state, done }: { state: CheckState; done: boolean }) {
  const t = messages.value.check;
  switch (state.status) {
    case 'idle':
      return <Outcome status="idle" />;
    case 'running':
      return (
        <Outcome status="running">
          <p>{state.failures === undefined ? t.running : t.waiting}</p>
          <Clauses failures={state.failures ?? []} />
        </Outcome>
      );
    case 'passed':
      return <Outcome status="passed">{t.passed}</Outcome>;
    case 'failed':
      return (
        <Outcome status="failed">
          <p>{t.failed}</p>
          <Clauses failures={state.failures} />
          {done && <p>{t.doneBefore}</p>}
        </Outcome>
      );
  }
}

function Clauses({ failures }: { failures: readonly ClauseFailure[] }) {
  if (failures.length === 0) return null;
  return (
    <ul class="outcome__clauses">
      {failures.map((failure, index) => (
        <li key={index}>
          <Sentence text={messages.value.check.clause(failure)} />
        </li>
      ))}
    </ul>
  );
}
