import { useEffect } from 'preact/hooks';
import type { ListedLesson } from '../../common/lesson.ts';
import { Icon } from '../controls/icon.tsx';
import { Link } from '../controls/link.tsx';
import { loadLessons } from '../state/lessons.ts';
import { focusOnArrival, locale, messages } from '../state/navigation.ts';
import { type Remembered, rememberedProgress } from '../state/remembered-progress.ts';
import { lessonPath } from '../state/route.ts';
import { useLoaded } from '../state/use-loaded.ts';
import { Header } from './header.tsx';
import { LoadingPage, ProblemPage } from './problem-page.tsx';

/** The lessons there are, in the order of their courses, with what the learner has done of them. */
export function HomePage() {
  const t = messages.value;
  const [lessons, retry] = useLoaded((signal) => loadLessons(locale.value, signal), [locale.value]);
  useEffect(() => {
    document.title = t.app.title([t.home.heading]);
  }, [t]);

  if (lessons.status === 'loading') return <LoadingPage />;
  if (lessons.status !== 'ready') {
    const reason = lessons.status === 'failed' ? lessons.reason : '404';
    return <ProblemPage heading={t.problem.loadFailed} text={t.problem.loadFailedText(reason)} onRetry={retry} />;
  }
  const remembered = rememberedProgress();
  return (
    <div class="page">
      <Header />
      <main class="page__main home">
        <h1 ref={focusOnArrival} class="home__heading" tabIndex={-1}>
          {t.home.heading}
        </h1>
        <p class="home__intro">{t.home.intro}</p>
        {lessons.value.length === 0 && <p class="home__empty">{t.home.empty}</p>}
        <ol class="home__lessons">
          {lessons.value.map((lesson) => (
            <LessonCard key={lesson.id} lesson={lesson} remembered={remembered[lesson.id]} />
          ))}
        </ol>
      </main>
    </div>
  );
}

function LessonCard({ lesson, remembered }: { lesson: ListedLesson; remembered: Remembered | undefined }) {
  const t = messages.value.home;
  const state = remembered === undefined ? 'new' : remembered.done === remembered.total ? 'done' : 'started';
  // A lesson that is done is read from its beginning.
  const place = state === 'started' && remembered?.step !== undefined ? `#${remembered.step}` : '';
  return (
    <li class="card" data-state={state}>
      {lesson.position !== null && (
        <p class="card__position">
          {state === 'done' && <Icon name="check" />}
          <span class="visually-hidden">{t.position(lesson.position)}</span>
          {state !== 'done' && <span aria-hidden="true">{lesson.position}</span>}
        </p>
      )}
      <div class="card__body">
        <h2 class="card__title">
          <Link href={lessonPath(locale.value, lesson.id) + place} class="card__link">
            {lesson.title}
          </Link>
        </h2>
        <p class="card__summary">{lesson.summary}</p>
        {remembered !== undefined && (
          <p class="card__progress">
            <progress
              class="lesson-progress__bar card__bar"
              max={remembered.total}
              value={remembered.done}
              aria-label={t.tasks(remembered.done, remembered.total)}
            />
            <span aria-hidden={state !== 'done'}>
              {state === 'done' ? t.done : t.tasks(remembered.done, remembered.total)}
            </span>
          </p>
        )}
        <p class="card__facts">
          <span class="card__fact">{t.level[lesson.level]}</span>
          <span class="card__fact">{t.minutes(lesson.minutes)}</span>
          <span class="card__fact">{t.steps(lesson.stepCount)}</span>
          <span class="card__badge">{lesson.tool}</span>
          {lesson.istio !== null && <span class="card__badge">{t.release(lesson.istio)}</span>}
          <span class="card__start" aria-hidden="true">
            {{ new: t.start, started: t.goOn, done: t.again }[state]}
            <Icon name="next" />
          </span>
        </p>
      </div>
    </li>
  );
}
