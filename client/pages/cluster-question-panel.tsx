import { messages } from '../state/navigation.ts';
import type { ClusterQuestion } from '../state/session.ts';

interface ClusterQuestionPanelProps {
  /** Null when there is nothing to ask. */
  question: ClusterQuestion | null;
  onAccept(): void;
}

/** Says on which cluster a lesson is about to work, and asks whether it may. */
export function ClusterQuestionPanel({ question, onAccept }: ClusterQuestionPanelProps) {
  const t = messages.value.realCluster;
  return (
    <div role="status" class="cluster-question">
      {question && (
        <section class="cluster-question__panel" aria-labelledby="cluster-question">
          <h2 id="cluster-question">{t.heading}</h2>
          {question.problem !== null && (
            <div class="cluster-question__problem">
              <p>{t.unusable}</p>
              <pre>{question.problem}</pre>
            </div>
          )}
          {question.cluster && (
            <>
              <p>{t.text}</p>
              <dl>
                <dt>{t.server}</dt>
                <dd>
                  <code>{question.cluster.server}</code>
                </dd>
                <dt>{t.context}</dt>
                <dd>
                  <code>{question.cluster.context}</code>
                </dd>
                <dt>{t.user}</dt>
                <dd>
                  <code>{question.cluster.user}</code>
                </dd>
              </dl>
              <p>{t.rights}</p>
            </>
          )}
          <button type="button" class="button button--main" onClick={onAccept}>
            {question.cluster ? t.confirm : t.tryAgain}
          </button>
        </section>
      )}
    </div>
  );
}
