import { Html } from '../controls/html.tsx';
import { Icon } from '../controls/icon.tsx';
import { messages } from '../state/navigation.ts';

/** `open`: unfolds it when it turns true; the learner may fold it again. */
export function HintView({ html, open }: { html: string; open: boolean }) {
  return (
    <details class="hint" open={open}>
      <summary class="hint__summary">
        <Icon name="bulb" />
        {messages.value.hint.summary}
      </summary>
      <Html html={html} />
    </details>
  );
}
