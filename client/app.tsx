import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useSignalEffect } from '@preact/signals';
import type { Lesson } from '../common/lesson.ts';
import type { LessonProblem } from '../common/protocol.ts';
import { ProblemList } from './pages/author-notes.tsx';
import type { LessonPageProps } from './pages/lesson-page.tsx';
import { HomePage } from './pages/home-page.tsx';
import { LoadingPage, ProblemPage } from './pages/problem-page.tsx';
import { loadLesson } from './state/lessons.ts';
import { locale, messages, route } from './state/navigation.ts';
import { useLoaded } from './state/use-loaded.ts';

/** The whole page, by its address. */
export function App() {
  useSignalEffect(() => {
    document.documentElement.lang = locale.value;
  });
  const shown = route.value;
  const t = messages.value;
  switch (shown.page) {
    case 'home':
      return <HomePage />;
    case 'lesson':
      return <LessonRoute key={shown.lesson} id={shown.lesson} />;
    case 'not-found':
      return <ProblemPage heading={t.problem.pageNotFound} text={t.problem.pageNotFoundText} />;
  }
}

/** How soon the page sees that its author has mended the lesson; it has no connection that would tell. */
const UNREADABLE_RETRY_MS = 1_000;

/** A lesson that its author has not got to work yet. */
function UnreadablePage({
  id,
  problems,
  onRetry,
}: {
  id: string;
  problems: readonly LessonProblem[];
  onRetry(): void;
}) {
  useEffect(() => {
    const timer = setTimeout(onRetry, UNREADABLE_RETRY_MS);
    return () => clearTimeout(timer);
  });
  return (
    <ProblemPage heading={id} text={messages.value.author.unreadable(problems.length)}>
      <ProblemList problems={problems} />
    </ProblemPage>
  );
}

/** Loads the lesson and, at the same time, the part of the page that holds the terminal. */
function LessonRoute({ id }: { id: string }) {
  const [lesson, retry] = useLoaded<Lesson>((signal) => loadLesson(id, locale.value, signal), [id, locale.value]);
  const [Page, setPage] = useState<ComponentType<LessonPageProps> | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  useEffect(() => {
    import('./pages/lesson-page.tsx').then(
      (module) => setPage(() => module.LessonPage),
      (error: unknown) => setFailure(String(error)),
    );
  }, []);

  const t = messages.value.problem;
  if (lesson.status === 'missing') {
    if (lesson.problems.length > 0) return <UnreadablePage id={id} problems={lesson.problems} onRetry={retry} />;
    return <ProblemPage heading={t.lessonNotFound} text={t.lessonNotFoundText(id)} />;
  }
  if (failure !== null || lesson.status === 'failed') {
    const reason = lesson.status === 'failed' ? lesson.reason : (failure ?? '');
    const again = failure === null ? retry : () => location.reload();
    return <ProblemPage heading={t.loadFailed} text={t.loadFailedText(reason)} onRetry={again} />;
  }
  if (lesson.status === 'loading' || Page === null) return <LoadingPage />;
  return <Page lesson={lesson.value} onChanged={retry} />;
}
