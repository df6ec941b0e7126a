import type { Lesson } from '../../common/lesson.ts';
import { Icon } from '../controls/icon.tsx';
import { Link } from '../controls/link.tsx';
import { locale, messages } from '../state/navigation.ts';
import type { Results } from '../state/progress.ts';
import { lessonProgress, stepProgress } from '../state/progress.ts';
import { homePath, lessonPath } from '../state/route.ts';

/** Below the last step: what is still open, or that nothing is, and the lesson that follows. */
export function FinishPanel({ lesson, results }: { lesson: Lesson; results: Results }) {
  const t = messages.value.finish;
  const progress = lessonProgress(lesson, results);
  const open = progress.total - progress.done;
  return (
    <section class="finish" data-status={open === 0 ? 'done' : 'open'} aria-labelledby="finish-heading">
      <h2 id="finish-heading" class="finish__heading">
        {open === 0 && <Icon name="check" />}
        {open === 0 ? t.done : t.open}
      </h2>
      {open === 0 ? <p>{t.doneText(lesson.title)}</p> : <OpenSteps lesson={lesson} results={results} open={open} />}
      <NextLesson next={lesson.next} />
    </section>
  );
}

function OpenSteps({ lesson, results, open }: { lesson: Lesson; results: Results; open: number }) {
  const unfinished = lesson.steps.filter((step) => {
    const { done, total } = stepProgress(step, results);
    return done < total;
  });
  return (
    <>
      <p>{messages.value.finish.openText(open)}</p>
      <ul class="finish__open">
        {unfinished.map((step) => (
          <li key={step.id}>
            <Link href={`${location.pathname}#${step.id}`}>{step.title}</Link>
          </li>
        ))}
      </ul>
    </>
  );
}

function NextLesson({ next }: { next: Lesson['next'] }) {
  const t = messages.value.finish;
  return (
    <div class="finish__next">
      {next === null ? (
        <p>{t.end}</p>
      ) : (
        <p class="finish__lesson">
          <span class="finish__label">{t.next}</span>
          {next.available ? (
            <Link href={lessonPath(locale.value, next.id)} class="finish__title">
              {next.title}
            </Link>
          ) : (
            <span class="finish__title">
              {next.title} <span class="tag">{t.coming}</span>
            </span>
          )}
        </p>
      )}
      <Link href={homePath(locale.value)}>{t.all}</Link>
    </div>
  );
}
