import { messages } from '../state/navigation.ts';
import type { LessonChanges } from '../state/session.ts';

interface AuthorNotesProps {
  changes: LessonChanges;
  onRestart(): void;
}

/** What has to be mended in a lesson's files. */
export function ProblemList({ problems }: Pick<LessonChanges, 'problems'>) {
  return (
    <ul>
      {problems.map(({ file, line, message }) => (
        <li key={`${file}:${line}:${message}`}>
          <code>
            {file}:{line}
          </code>{' '}
          {message}
        </li>
      ))}
    </ul>
  );
}

/** What an author who watches the page while writing has to know. Learners never see it: nothing is saved under them. */
export function AuthorNotes({ changes: { problems, stale }, onRestart }: AuthorNotesProps) {
  const t = messages.value.author;
  return (
    <div role="status" class="author-notes">
      {problems.length > 0 && (
        <div class="author-notes__problems">
          <strong>{t.problems(problems.length)}</strong>
          <ProblemList problems={problems} />
        </div>
      )}
      {stale && (
        <p class="author-notes__stale">
          {t.stale}{' '}
          <button type="button" class="button" onClick={onRestart}>
            {messages.value.header.restart}
          </button>
        </p>
      )}
    </div>
  );
}
