import { useSignal } from '@preact/signals';
import { useCallback, useEffect, useMemo, useRef } from 'preact/hooks';
import type { Lesson } from '../../common/lesson.ts';
import { onWake } from '../connection/wake.ts';
import { Splitter } from '../controls/splitter.tsx';
import { LessonText } from '../lesson/lesson-text.tsx';
import { RestartButton } from '../lesson/restart-button.tsx';
import { isNarrow, narrowSplit, SPLIT_MAX, SPLIT_MIN, wideSplit } from '../state/layout.ts';
import { focusOnArrival, messages, stepIndex } from '../state/navigation.ts';
import type { Progress } from '../state/progress.ts';
import { lessonProgress } from '../state/progress.ts';
import { forgetProgress, rememberedProgress, rememberProgress } from '../state/remembered-progress.ts';
import type { Session } from '../state/session.ts';
import { createSession } from '../state/session.ts';
import { TerminalPane } from '../terminal/terminal-pane.tsx';
import { AuthorNotes } from './author-notes.tsx';
import { ClusterQuestionPanel } from './cluster-question-panel.tsx';
import { ClosedBanner, ConnectionState } from './connection-state.tsx';
import { Header } from './header.tsx';
import { SkipLinks } from './skip-links.tsx';
import { StartedAnew } from './started-anew.tsx';

export interface LessonPageProps {
  lesson: Lesson;
  /** The author has saved it. */
  onChanged(): void;
}

/** A lesson beside its terminals. The session lives as long as this does; another language does not disturb it. */
export function LessonPage({ lesson, onChanged }: LessonPageProps) {
  const session = useSession(lesson.id);
  const workspace = useRef<HTMLElement>(null);
  const terminal = useSignal(1);
  const terminalHidden = useSignal(false);
  const showTerminal = useCallback((number: number) => {
    terminal.value = number;
    terminalHidden.value = false;
  }, []);

  const t = messages.value;
  const index = stepIndex(lesson.steps);
  const status = session.status.value;
  const split = isNarrow.value ? narrowSplit : wideSplit;
  const count = terminalCount(lesson);
  const stepId = lesson.steps[index]?.id;
  const progress = lessonProgress(lesson, session.results.value);
  useEffect(() => {
    if (stepId !== undefined) rememberProgress(lesson.id, { done: progress.done, total: progress.total, step: stepId });
  }, [lesson.id, progress.done, progress.total, stepId]);
  const restart = (): void => {
    forgetProgress(lesson.id);
    session.restartSession();
  };
  useEffect(() => {
    if (stepId !== undefined) session.showStep(stepId);
  }, [session, stepId]);
  const changes = session.changes.value;
  useEffect(() => {
    if (changes.count > 0) onChanged();
  }, [changes.count]);
  useEffect(() => {
    document.title = t.app.title([lesson.steps[index]?.title ?? '', lesson.title]);
  }, [t, lesson, index]);

  return (
    <div class="page page--lesson">
      <Header
        before={<SkipLinks />}
        actions={
          <>
            <ConnectionState status={status} />
            <RestartButton available={status.phase === 'open'} onRestart={restart} />
          </>
        }
      >
        <h1 ref={focusOnArrival} class="header__title" tabIndex={-1}>
          {lesson.title}
        </h1>
        <LessonProgress progress={progress} />
      </Header>
      {status.phase === 'closed' && <ClosedBanner reason={status.reason} onReconnect={() => session.reconnect()} />}
      {session.lost.value && <StartedAnew lesson={lesson} index={index} onClose={() => session.dismissLost()} />}
      <ClusterQuestionPanel question={session.question.value} onAccept={() => session.acceptCluster()} />
      <AuthorNotes changes={changes} onRestart={() => session.restartSession()} />
      <main
        ref={workspace}
        class="workspace"
        data-terminal={isNarrow.value && terminalHidden.value ? 'hidden' : 'shown'}
        style={{ '--split': `${split.value}%` }}
      >
        <LessonText
          lesson={lesson}
          index={index}
          session={session}
          severalTerminals={count > 1}
          onTerminal={showTerminal}
        />
        <Splitter
          container={workspace}
          orientation={isNarrow.value ? 'horizontal' : 'vertical'}
          value={split.value}
          min={SPLIT_MIN}
          max={SPLIT_MAX}
          label={t.terminal.divider}
          controls="lesson"
          onChange={(value) => {
            split.value = value;
          }}
        />
        <TerminalPane session={session} count={count} active={terminal} hidden={terminalHidden} />
      </main>
    </div>
  );
}

function LessonProgress({ progress }: { progress: Progress }) {
  if (progress.total === 0) return null;
  const words = messages.value.steps.progress(progress.done, progress.total);
  return (
    <div class="lesson-progress" data-state={progress.state}>
      <progress class="lesson-progress__bar" max={progress.total} value={progress.done} aria-label={words} />
      <span class="lesson-progress__words">{words}</span>
    </div>
  );
}

function useSession(lesson: string): Session {
  const session = useMemo(() => {
    const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
    const url = `${scheme}//${location.host}/ws/${lesson}`;
    const known = rememberedProgress()[lesson];
    const started = known !== undefined && known.done < known.total;
    return createSession({ openSocket: () => new WebSocket(url), onWake, random: Math.random }, started);
  }, [lesson]);
  useEffect(() => () => session.dispose(), [session]);
  return session;
}

/** As many terminals as the lesson's commands name, at least one. */
function terminalCount(lesson: Lesson): number {
  const blocks = lesson.steps.flatMap((step) => step.blocks);
  return Math.max(1, ...blocks.map((block) => (block.kind === 'run' ? block.terminal : 1)));
}
