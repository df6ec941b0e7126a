import { messages } from '../state/navigation.ts';

/** First in the order of the keyboard. The address keeps its hash, which names the step. */
export function SkipLinks() {
  const t = messages.value.app;
  return (
    <div class="skip-links">
      <SkipLink target="#lesson" text={t.skipToLesson} />
      <SkipLink target=".terminal-pane__screen[data-active='true'] textarea" text={t.skipToTerminal} />
    </div>
  );
}

function SkipLink({ target, text }: { target: string; text: string }) {
  return (
    <a
      class="skip-links__link"
      href={location.hash === '' ? '#' : location.hash}
      onClick={(event) => {
        event.preventDefault();
        document.querySelector<HTMLElement>(target)?.focus();
      }}
    >
      {text}
    </a>
  );
}
