import { useRef } from 'preact/hooks';
import { Icon } from '../controls/icon.tsx';
import { messages } from '../state/navigation.ts';

/** Starts the lesson over, after asking. */
export function RestartButton({ available, onRestart }: { available: boolean; onRestart(): void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const t = messages.value.restart;
  const name = messages.value.header.restart;
  return (
    <>
      <button
        type="button"
        class="button button--icon"
        aria-label={name}
        title={name}
        aria-disabled={!available}
        onClick={() => available && dialog.current?.showModal()}
      >
        <Icon name="restart" />
      </button>
      <dialog ref={dialog} class="dialog" aria-labelledby="restart-heading" aria-describedby="restart-text">
        <h2 id="restart-heading" class="dialog__heading">
          {t.heading}
        </h2>
        <p id="restart-text">{t.text}</p>
        <form method="dialog" class="dialog__ways">
          <button class="button" autofocus>
            {t.cancel}
          </button>
          <button class="button button--danger" onClick={onRestart}>
            {t.confirm}
          </button>
        </form>
      </dialog>
    </>
  );
}
