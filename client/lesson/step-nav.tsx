import { useEffect, useRef } from 'preact/hooks';
import type { Lesson, Step } from '../../common/lesson.ts';
import type { IconName } from '../controls/icon.tsx';
import { Icon } from '../controls/icon.tsx';
import { Link } from '../controls/link.tsx';
import { messages } from '../state/navigation.ts';
import type { Progress, Results } from '../state/progress.ts';
import { stepProgress } from '../state/progress.ts';

const ICONS: Record<Progress['state'], IconName> = {
  reading: 'dash',
  todo: 'circle',
  started: 'waiting',
  done: 'check',
};

interface StepNavProps {
  lesson: Lesson;
  index: number;
  results: Results;
}

/** Where the learner is: the step before, all steps folded, the step after, and how far each has come. */
export function StepNav({ lesson, index, results }: StepNavProps) {
  const t = messages.value.steps;
  const outline = useRef<HTMLDetailsElement>(null);
  const close = (): void => outline.current?.removeAttribute('open');
  useEffect(close, [index]);
  useCloseOutside(outline, close);
  return (
    <nav class="step-nav" aria-label={t.navigation}>
      <div class="step-nav__row">
        <StepLink step={lesson.steps[index - 1]} direction="previous" short />
        <details
          ref={outline}
          class="step-nav__outline"
          onKeyDown={(event) => {
            if (event.key !== 'Escape' || !event.currentTarget.open) return;
            close();
            event.currentTarget.querySelector('summary')?.focus();
          }}
        >
          <summary class="step-nav__summary">
            <Icon name="list" />
            <span class="visually-hidden">{t.outline}: </span>
            <span class="step-nav__position">{t.position(index + 1, lesson.steps.length)}</span>
            <Icon name="down" />
          </summary>
          <ol class="step-nav__steps">
            {lesson.steps.map((step, position) => (
              <OutlineItem
                key={step.id}
                step={step}
                number={position + 1}
                current={position === index}
                progress={stepProgress(step, results)}
              />
            ))}
          </ol>
        </details>
        <StepLink step={lesson.steps[index + 1]} direction="next" short />
      </div>
      <div class="step-nav__bar" aria-hidden="true">
        {lesson.steps.map((step, position) => (
          <Segment key={step.id} current={position === index} progress={stepProgress(step, results)} />
        ))}
      </div>
    </nav>
  );
}

function OutlineItem(props: { step: Step; number: number; current: boolean; progress: Progress }) {
  const { step, number, current, progress } = props;
  const t = messages.value.steps;
  return (
    <li class="step-nav__item" data-state={progress.state}>
      <a class="step-nav__link" href={`#${step.id}`} aria-current={current ? 'step' : undefined}>
        <span class="step-nav__number">{number}</span>
        <span class="step-nav__title">{step.title}</span>
        <span class="step-nav__state">
          <Icon name={ICONS[progress.state]} />
          {t.state[progress.state]}
          {progress.total > 0 && ` ${t.tasks(progress.done, progress.total)}`}
        </span>
      </a>
    </li>
  );
}

function Segment({ current, progress }: { current: boolean; progress: Progress }) {
  const share = progress.total === 0 ? 0 : (progress.done / progress.total) * 100;
  return (
    <span class="step-nav__segment" data-current={current} data-state={progress.state}>
      <span class="step-nav__fill" style={{ inlineSize: `${share}%` }} />
    </span>
  );
}

/** To the step before or after. `short`: only an arrow, its name for screen readers. Nothing where there is no step. */
export function StepLink(props: { step: Step | undefined; direction: 'previous' | 'next'; short?: boolean }) {
  const { step, direction, short = false } = props;
  const t = messages.value.steps;
  if (!step) return short ? <span class="step-nav__none" /> : null;
  const name = direction === 'previous' ? t.previousTo(step.title) : t.nextTo(step.title);
  if (short) {
    return (
      <Link href={`${location.pathname}#${step.id}`} class="button button--icon" label={name}>
        <Icon name={direction} />
      </Link>
    );
  }
  return (
    <Link href={`${location.pathname}#${step.id}`} class={direction === 'next' ? 'button button--main' : 'button'}>
      {direction === 'previous' && <Icon name="previous" />}
      {name}
      {direction === 'next' && <Icon name="next" />}
    </Link>
  );
}

function useCloseOutside(outline: { current: HTMLElement | null }, close: () => void): void {
  useEffect(() => {
    const pressed = (event: PointerEvent): void => {
      if (event.target instanceof Node && !outline.current?.contains(event.target)) close();
    };
    document.addEventListener('pointerdown', pressed);
    return () => document.removeEventListener('pointerdown', pressed);
  }, []);
}
