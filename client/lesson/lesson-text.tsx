import { useCallback, useEffect, useRef } from 'preact/hooks';
import type { Block, Lesson } from '../../common/lesson.ts';
import { Html } from '../controls/html.tsx';
import type { Session } from '../state/session.ts';
import { BlockView } from './block-view.tsx';
import { FinishPanel } from './finish-panel.tsx';
import { Prose } from './prose.tsx';
import { StepLink, StepNav } from './step-nav.tsx';

interface LessonTextProps {
  lesson: Lesson;
  /** Of the step that is shown. */
  index: number;
  session: Session;
  severalTerminals: boolean;
  onTerminal(terminal: number): void;
}

/** One step of the lesson at a time, with the ways to the others. */
export function LessonText({ lesson, index, session, severalTerminals, onTerminal }: LessonTextProps) {
  const step = lesson.steps[index];
  const heading = useRef<HTMLHeadingElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const shown = useRef(step?.id);
  useEffect(() => {
    if (shown.current === step?.id) return;
    shown.current = step?.id;
    scroller.current?.scrollTo(0, 0);
    // Whoever reads with the keyboard goes on at the new text.
    heading.current?.focus({ preventScroll: true });
  }, [step?.id]);
  const renderBlock = useCallback(
    (block: Block) => (
      <BlockView block={block} session={session} severalTerminals={severalTerminals} onTerminal={onTerminal} />
    ),
    [session, severalTerminals, onTerminal],
  );
  if (!step) return null;

  const last = index === lesson.steps.length - 1;
  const results = session.results.value;
  return (
    <div ref={scroller} id="lesson" class="lesson" tabIndex={-1}>
      <StepNav lesson={lesson} index={index} results={results} />
      <article class="lesson__step">
        {index === 0 && lesson.introHtml !== '' && <Html html={lesson.introHtml} />}
        <h2 ref={heading} class="lesson__heading" tabIndex={-1}>
          {step.title}
        </h2>
        <Prose key={step.id} html={step.html} blocks={step.blocks} renderBlock={renderBlock} />
      </article>
      {last && <FinishPanel lesson={lesson} results={results} />}
      <div class="lesson__ways">
        <StepLink step={lesson.steps[index - 1]} direction="previous" />
        <StepLink step={lesson.steps[index + 1]} direction="next" />
      </div>
    </div>
  );
}
