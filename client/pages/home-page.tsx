import { useEffect } from 'preact/hooks';
import type { LessonSummary } from '../../common/lesson.ts';
import { Icon } from '../controls/icon.tsx';
import { Link } from '../controls/link.tsx';
import { loadLessons } from '../state/lessons.ts';
import { locale, messages } from '../state/navigation.ts';
import { lessonPath } from '../state/route.ts';
import { useLoaded } from '../state/use-loaded.ts';
import { Header } from './header.tsx';
import { LoadingPage, ProblemPage } from './problem-page.tsx';

/** The lessons there are. */
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
  return (
    <div class="page">
      <Header />
      <main class="page__main home">
        <h1 class="home__heading">{t.home.heading}</h1>
        <p class="home__intro">{t.home.intro}</p>
        {lessons.value.length === 0 && <p class="home__empty">{t.home.empty}</p>}
        <ul class="home__lessons">
          {lessons.value.map((lesson) => (
            <LessonCard key={lesson.id} lesson={lesson} />
          ))}
        </ul>
      </main>
    </div>
  );
}

function LessonCard({ lesson }: { lesson: LessonSummary }) {
  const t = messages.value.home;
  return (
    <li class="card">
      <h2 class="card__title">
        <Link href={lessonPath(locale.value, lesson.id)} class="card__link">
          {lesson.title}
        </Link>
      </h2>
      <p class="card__summary">{lesson.summary}</p>
      <p class="card__facts">
        <span class="card__fact">{t.level[lesson.level]}</span>
        <span class="card__fact">{t.minutes(lesson.minutes)}</span>
        <span class="card__fact">{t.steps(lesson.stepCount)}</span>
        <span class="card__start" aria-hidden="true">
          {t.start}
          <Icon name="next" />
        </span>
      </p>
    </li>
  );
}
