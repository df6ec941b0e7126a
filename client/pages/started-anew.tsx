import type { Lesson } from '../../common/lesson.ts';
import { messages, showStep } from '../state/navigation.ts';

interface StartedAnewProps {
  lesson: Lesson;
  /** Of the step that is shown. */
  index: number;
  onClose(): void;
}

/** Tells a learner who comes back, or was away for long, that the cluster is a new one: nothing in it is theirs. */
export function StartedAnew({ lesson, index, onClose }: StartedAnewProps) {
  const t = messages.value.startedAnew;
  const first = lesson.steps[0];
  return (
    <div class="banner" role="alert">
      <p>{t.text}</p>
      {index > 0 && first && (
        <button
          type="button"
          class="button button--main"
          onClick={() => {
            showStep(first.id);
            onClose();
          }}
        >
          {t.first}
        </button>
      )}
      <button type="button" class="button" onClick={onClose}>
        {t.close}
      </button>
    </div>
  );
}
